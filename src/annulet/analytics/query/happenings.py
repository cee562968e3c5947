"""What happened, as people say it: ``no alcohol``, ``had a run``, ``naps >= 2``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from annulet.analytics.query.brackets import Piece
from annulet.analytics.query.columns import Kind, QueryField, Vocabulary
from annulet.analytics.query.conditions import Comparison
from annulet.analytics.query.expression_error import ExpressionError
from annulet.analytics.query.literals import (
    ANY,
    MONTH_NAMES,
    NONE,
    WEEKDAY_NAMES,
    read_literal,
    split_list,
)
from annulet.analytics.query.spelling import fold, only_near

_NAMES: Final = ("type", "activity", "tag", "workout", "session")
"""The columns that hold names of what happened, those of the rows first."""
_PHRASE: Final = re.compile(
    r"(?:(?P<not>no|not|without|never|kein|keine|ohne)\s+)?"
    r"(?:(?P<when>after|nach)\s+)?"
    r"(?:(?P<near>previous|prev|next|yesterday)\s*\.\s*)?"
    r"(?P<verb>(?:i\s+)?(?:has|have|had|with|did|drank|hat|hatte|mit)\s+)?"
    r"(?:an?\s+|any\s+|eine?[mn]?\s+|the\s+)?"
    r"(?:(?P<kind>tag|workout|session)s?\s+)?"
    r"(?P<name>[^\W\d][\w\s-]*)",
    re.IGNORECASE,
)
_YES: Final = frozenset({"yes", "true", "ja", "y"})
_NO: Final = frozenset({"no", "false", "nein", "n"})
_COUNT: Final = re.compile(r"(\d{1,2})(?:\.0)?")
_DENIED: Final = {"=": "!=", "!=": "="}
_MOST_WORDS: Final = 3
_MOST_OF_A_DAY: Final = 9
"""A larger number beside ``naps`` is one of minutes."""
_ONCE: Final = frozenset({(">", 0), (">=", 1), ("!=", 0), ("=", 1)})
_NEVER: Final = frozenset({("=", 0), ("<", 1), ("<=", 0)})
_OF_TIME: Final = frozenset(
    {
        *WEEKDAY_NAMES,
        *MONTH_NAMES,
        *("last", "this", "next", "today", "yesterday", "tomorrow", "ago", "since", "before"),
        *("day", "days", "night", "nights", "week", "weeks", "month", "months", "year", "years"),
        *("morning", "evening", "afternoon", "free", "weekend", "weekends"),
    }
)
"""Words that are no part of the name of what happened."""


@dataclass(frozen=True, slots=True)
class HappeningReader:
    """Reads conditions that name what happened instead of a field.

    Attributes:
        vocabulary: The fields there are.
    """

    vocabulary: Vocabulary

    def compared(self, left: Piece, sign: str, right: Piece) -> Comparison | None:
        """A comparison with how often, or with yes and no; None for any other.

        Raises:
            ExpressionError: It counts what is not counted, or names what is unknown.
        """
        counts = [_COUNT.fullmatch(part) for part in split_list(right.text)]
        numbers = [int(count[1]) for count in counts if count is not None]
        if numbers and len(numbers) == len(counts):
            return self._counted(left, sign, numbers)
        word = fold(right.text)
        if sign not in _DENIED or word not in _YES | _NO or self.vocabulary.find(left.text):
            return None
        return self._named(left, sign if word in _YES else _DENIED[sign])

    def bare(self, part: Piece) -> Comparison | None:
        """A name without a comparison; None where it is that of a field.

        Raises:
            ExpressionError: It is no known name; what was probably meant is said.
        """
        return None if self.vocabulary.find(part.text) else self._named(part, "=")

    def is_known(self, text: str) -> bool:
        """Whether some words name what happened."""
        try:
            return self.bare(Piece(text.strip(), 1)) is not None
        except ExpressionError:
            return False

    def _counted(self, left: Piece, sign: str, numbers: list[int]) -> Comparison | None:
        """How often something happened on a day: small numbers without a unit."""
        count, field = self.vocabulary.count_of(left.text), self.vocabulary.find(left.text)
        is_figure = field is not None and field.column.kind is Kind.NUMBER
        is_list = len(numbers) > 1
        if count is not None and not (is_figure and max(numbers) > _MOST_OF_A_DAY):
            if is_list and sign not in _DENIED:
                return None
            return Comparison(count, sign, tuple(map(float, numbers)))
        if is_list:
            return None
        asked = (sign, numbers[0])
        if field is None:
            is_asked = asked in _ONCE | _NEVER
            return self._named(left, "=" if asked in _ONCE else "!=") if is_asked else None
        return self._any_of(field, asked, left) if field.column.kind is Kind.WORDS else None

    def _any_of(self, field: QueryField, asked: tuple[str, int], left: Piece) -> Comparison | None:
        """Names of what happened against a number: only whether there are any is known."""
        if asked in _ONCE - {("=", 1)}:
            return Comparison(field, "=", (ANY,))
        if asked in _NEVER:
            return Comparison(field, "=", (NONE,))
        if not left.text.strip().casefold().endswith("s"):
            return None  # a tag may be called by a number
        raise ExpressionError(
            f"How many {field.column.name}s a day has is not counted: ask for any or none, or of "
            f"{field.column.name}s by day",
            position=left.position,
        )

    def _named(self, part: Piece, sign: str) -> Comparison | None:
        phrase = _PHRASE.fullmatch(part.text.strip())
        if phrase is None:
            return None
        word = fold(phrase["name"])
        words = word.split()
        sign = _DENIED[sign] if phrase["not"] else sign
        near = phrase["near"] or ("previous" if phrase["when"] else "")
        prefix = f"{near}." if near else ""
        if not phrase["kind"] and self.vocabulary.find(word) is not None:
            return self._any(prefix + word, sign)
        if len(words) > _MOST_WORDS or not _OF_TIME.isdisjoint(words):
            return None
        comparison = self._of_name(
            word, prefix, sign, phrase["kind"], has_verb=bool(phrase["verb"])
        )
        if comparison is None:
            self._refuse_unknown(part, word, f"{prefix}{{}} {sign} {word}")
        return comparison

    def _any(self, name: str, sign: str) -> Comparison | None:
        """Whether anything of a kind happened: ``had a nap``, ``after a workout``."""
        field, count = self.vocabulary.find(name), self.vocabulary.count_of(name)
        if count is not None:
            return Comparison(count, ">" if sign == "=" else "=", (0.0,))
        if field is None or field.column.kind is not Kind.WORDS:
            return None
        return Comparison(field, "=", (ANY if sign == "=" else NONE,))

    def _of_name(
        self, word: str, prefix: str, sign: str, kind: str | None, *, has_verb: bool
    ) -> Comparison | None:
        """The column that knows a name; a name of a said kind need not be known."""
        for name in [kind.casefold()] if kind else _NAMES:
            field = self.vocabulary.find(prefix + name)
            if field is None or field.column.name != name:
                continue
            if (kind and has_verb) or word in _known_names(field):
                values = read_literal(word, field.column, self.vocabulary.today)
                return None if values is None else Comparison(field, sign, values)
        return None

    def _refuse_unknown(self, part: Piece, word: str, condition: str) -> None:
        """Refuse a word that is near no field, and say how it is asked for.

        Raises:
            ExpressionError: It is one.
        """
        known = [*self.vocabulary.day, *self.vocabulary.row, *self.vocabulary.short]
        if only_near(word, known) is not None or any(map(self.vocabulary.find, word.split())):
            return
        raise ExpressionError(
            f"There is no field “{part.text[:40]}”: for a tag write {condition.format('tag')}, for "
            f"a sport {condition.format('workout')}",
            position=part.position,
        )


def _known_names(field: QueryField) -> set[str]:
    named = {fold(value) for values in field.column.words.values() for value in values}
    return named | field.column.words.keys()
