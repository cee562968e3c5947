"""The order of rows or groups as people name it: ``-mean``, ``highest steps``, ``best``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from annulet.analytics.query.columns import Kind, QueryField, Vocabulary
from annulet.analytics.query.expression_error import ExpressionError
from annulet.analytics.query.question import CALCULATIONS, COUNTS, STREAKS, Sort
from annulet.errors import UsageError
from annulet.toolkit.query_columns import LABELS, LOWER_IS_BETTER, MORE_IS_BETTER

_MOST: Final = frozenset(
    {
        *("highest", "most", "largest", "biggest", "greatest", "top", "longest", "latest"),
        *("fastest", "descending", "desc", "high", "höchste", "höchsten", "meiste", "meisten"),
        *("größte", "längste"),
    }
)
_LEAST: Final = frozenset(
    {
        *("lowest", "least", "fewest", "smallest", "bottom", "shortest", "earliest", "slowest"),
        *("ascending", "asc", "low", "niedrigste", "niedrigsten", "wenigste", "wenigsten"),
        *("kleinste", "kürzeste"),
    }
)
_BEST: Final = frozenset(["best", "beste", "besten"])
_WORST: Final = frozenset(["worst", "schlechteste", "schlechtesten"])
_FILLERS: Final = frozenset(["first", "by", "of", "the", "my"])
_IN_TIME: Final = {
    **dict.fromkeys(("newest", "latest", "recent", "most recent", "newest first"), True),
    **dict.fromkeys(("oldest", "first", "earliest", "oldest first"), False),
}
_NUMBER: Final = re.compile(r"\d{1,4}")


@dataclass(frozen=True, slots=True)
class _Words:
    """A written order.

    Attributes:
        rest: What is left of it without the words of a direction: a figure, a field, or nothing.
        descending: Whether the largest comes first; None where only ``best`` or ``worst`` is said.
        quality: ``best`` or ``worst``, where that is how it was said.
    """

    rest: str
    descending: bool | None
    quality: str = ""


@dataclass(frozen=True, slots=True)
class OrderReader:
    """Reads the order of one question.

    Attributes:
        vocabulary: The fields there are.
        metrics: The fields that are calculated on.
        calculate: What is calculated.
        figures: Other words for a figure, with its name.
        has_conditions: Whether rows are chosen by conditions.
        notes: Collects what a word was taken for.
    """

    vocabulary: Vocabulary
    metrics: Sequence[QueryField]
    calculate: Sequence[str]
    figures: dict[str, str]
    has_conditions: bool
    notes: list[str]

    def of_rows(self, text: str) -> Sort:
        """The order of rows.

        Raises:
            UsageError: There is no such field.
        """
        in_time = _IN_TIME.get(text.strip().casefold())
        if in_time is not None:
            return Sort(self._row_key("start"), in_time)
        words = _read(text)
        figure = self.figures.get(words.rest, words.rest)
        if self.metrics and figure in {"min", "max"} and self.vocabulary.find(words.rest) is None:
            return Sort(self.metrics[0], figure == "max")
        key = self._row_key(words.rest) if words.rest else self._first_metric(text)
        return Sort(key, self._is_descending(words, key))

    def of_groups(self, text: str) -> Sort:
        """The order of groups, by a calculated figure.

        Raises:
            UsageError: It names no figure.
        """
        words = _read(text)
        name, place = self._figure(words.rest, text)
        key = self.metrics[place] if self.metrics else None
        return Sort(name, self._is_descending(words, key), place)

    def _figure(self, rest: str, text: str) -> tuple[str, int]:
        """Which figure of which metric groups are ordered by."""
        if not rest:
            return self._leading(), 0
        for metric, figure in self._readings(rest):
            name = self.figures.get(figure, figure) if figure else self._leading()
            field = self.vocabulary.find(metric) if metric else None
            if name not in CALCULATIONS or (metric and field not in self.metrics):
                continue
            return name, self.metrics.index(field) if field is not None else 0
        raise UsageError(
            f"Groups cannot be sorted by “{text[:40]}”.",
            hint=f"Sort them by a calculated figure: {', '.join(self.calculate)}, with - for the "
            "largest first.",
        )

    @staticmethod
    def _readings(rest: str) -> list[tuple[str, str]]:
        """The ways to read words as a metric and a figure of it."""
        readings = [("", "_".join(rest.split())), (rest, "")]
        metric, dot, figure = rest.rpartition(".")
        if dot:
            readings.append((metric, figure))
        first, _, others = rest.partition(" ")
        return [*readings, (others, first)] if others else readings

    def _leading(self) -> str:
        """The figure that was asked first; a mean where only values are counted."""
        if not self.metrics:
            is_share = self.has_conditions and "share_pct" in self.calculate
            return "share_pct" if is_share else self.calculate[0]
        of_values = [name for name in self.calculate if name not in {*COUNTS, *STREAKS}]
        return of_values[0] if of_values else self.calculate[0]

    def _row_key(self, word: str) -> QueryField:
        if word == "start" and not self.vocabulary.row:
            word = "day"
        count = self.vocabulary.count_of(word)
        if count is not None and not self.vocabulary.row:
            return count
        try:
            field = self.vocabulary.resolve(word)
        except ExpressionError as error:
            nearest = f"Nearest: {', '.join(error.nearest)}." if error.nearest else ""
            hint = f"Did you mean: {error.corrected}" if error.corrected else nearest
            raise UsageError(
                f"“{word[:40]}”: {error.message}.", hint=hint or "Write a field, e.g. -steps."
            ) from None
        if field.column.kind is Kind.WORDS:
            raise UsageError(
                f"Days are not in the order of a {field.column.name}.",
                hint=f"Group by “{field.column.name}”, or sort by a figure, e.g. -steps.",
            )
        return field

    def _first_metric(self, text: str) -> QueryField:
        if self.metrics:
            return self.metrics[0]
        raise UsageError(
            f"“{text[:40]}” does not say by what.", hint="Name the field, e.g. sort “-steps”."
        )

    def _is_descending(self, words: _Words, key: QueryField | None) -> bool:
        if not words.quality:
            return bool(words.descending)
        is_more = key is None or more_is_better(key, words.quality)
        descending = is_more is (words.quality == "best")
        if key is not None:
            size = "highest" if descending else "lowest"
            label = LABELS.get(key.column.name, key.column.name)
            self.notes.append(f"“{words.quality}” is read as the {size} {label}.")
        return descending


def more_is_better(field: QueryField, word: str) -> bool:
    """Whether more of a field is the better.

    Raises:
        UsageError: Neither is better in general.
    """
    name = field.column.name
    if name in MORE_IS_BETTER or name in LOWER_IS_BETTER:
        return name in MORE_IS_BETTER
    raise UsageError(
        f"What is {word} is not defined for {name}.", hint="Say highest or lowest instead."
    )


def _read(text: str) -> _Words:
    """The direction of a written order, and the rest of it."""
    plain = text.strip().casefold().replace(":", " ")
    tokens = re.split(r"[\s_]+", plain.lstrip("+-").strip())
    named = {token for token in tokens if token in _MOST | _LEAST | _BEST | _WORST}
    if not named:
        return _Words(plain.lstrip("+-").strip(), plain.startswith("-"))
    others = [
        token for token in tokens if token not in named | _FILLERS and not _NUMBER.fullmatch(token)
    ]
    separator = "_" if "_" in plain else " "
    rest = separator.join(others)
    if named & (_BEST | _WORST):
        return _Words(rest, None, "best" if named & _BEST else "worst")
    return _Words(rest, bool(named & _MOST))
