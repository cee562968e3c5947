"""The columns a query can name: their kinds, and how a written name becomes a field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from annulet.analytics.query.calendar_columns import GERMAN_SEASONS
from annulet.analytics.query.expression_error import ExpressionError
from annulet.analytics.query.spelling import keeps_words, nearest, only_near
from annulet.analytics.query.unit_names import UNIT_WORDS, is_unit, without_unit


class Kind(Enum):
    """What a column holds; it decides which values a condition may compare it with.

    The cells are: a float for ``NUMBER``; minutes on the column's axis for ``CLOCK``; text for
    ``WORD``; a frozen set of texts for ``WORDS``; an ordinal for ``DAY``; 0 (Monday) to 6 for
    ``WEEKDAY``; a truth value for ``YES_NO``; months since year 0 for ``MONTH``.
    """

    NUMBER = "number"
    CLOCK = "clock"
    WORD = "word"
    WORDS = "words"
    DAY = "day"
    WEEKDAY = "weekday"
    YES_NO = "yes_no"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: Its name, with the unit where it has one.
        kind: What it holds.
        unit: The unit as people write it.
        digits: Decimals of a shown value.
        additive: Whether a sum over rows means something.
        ratio: Whether a percentage of it means something.
        from_noon: Of a clock column: whether its axis runs from noon to noon.
        words: Other words for a value, folded, with what they stand for.
    """

    name: str
    kind: Kind = Kind.NUMBER
    unit: str = ""
    digits: int = 0
    additive: bool = False
    ratio: bool = True
    from_noon: bool = False
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict, compare=False)


CALENDAR: Final[dict[str, Column]] = {
    column.name: column
    for column in (
        Column("day", Kind.DAY),
        Column("weekday", Kind.WEEKDAY),
        Column("weekend", Kind.YES_NO),
        Column("night", Kind.WEEKDAY),
        Column("month", Kind.MONTH),
        Column("year"),
        Column("season", Kind.WORD, words={"fall": ("autumn",), **GERMAN_SEASONS}),
    )
}
"""What every row has because it has a day."""

_SHOWN: Final = 3
_SPANS: Final = ("days", "weeks", "months", "years", "average", "avg", "total", "max", "min")
_OFFSETS: Final = {
    **dict.fromkeys(("previous", "prev", "prior", "yesterday", "day_before"), -1),
    **dict.fromkeys(("next", "following", "tomorrow", "day_after"), 1),
    "day": 0,
}
_DENIES: Final = re.compile(
    r"[!¬]|n't\b|\b(?:not|nicht|no|never|kein|keine|ohne|without)\b", re.IGNORECASE
)
_GROUPS_ONLY: Final = {
    "quarter": "compare it by = with Q1 or 2026-Q1, or use it in by",
    "week": "compare it by = with one of its days or 2026-W18, or use it in by",
    "month_of_year": "compare it by = with a month, e.g. may",
}
_DOTTED: Final = re.compile(r"\s*([^\W\d]+)\s*\.\s*(.+)", re.DOTALL)
_NEIGHBOUR: Final = re.compile(
    r"(previous|prev|next)(?:'s)?[\s_.]+(?:(?:day|night)(?:'s)?[\s_.]+)?(.+)", re.DOTALL
)
"""A day before or after without its dot: ``previous_tag``, ``previous day tag``."""


@dataclass(frozen=True, slots=True)
class QueryField:
    """A column of the row itself, or of a day near it.

    Attributes:
        column: What is read.
        offset: -1 for the day before the row's day, 1 for the day after, else 0.
        of_day: Whether it is read from the day and not from the row itself.
        assumed: Whether the writer left out ``day.`` where it belongs.
    """

    column: Column
    offset: int = 0
    of_day: bool = True
    assumed: bool = False

    @property
    def name(self) -> str:
        """The field as it is written in full."""
        prefix = {-1: "previous.", 1: "next."}.get(self.offset, "")
        return prefix + ("day." if self.assumed else "") + self.column.name


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names a query understands.

    Attributes:
        row: Columns of the rows themselves; empty where the rows are days.
        day: Columns of days.
        short: Short names, folded to underscores, with the columns they may stand for.
        today: Today (ordinal), for words like ``yesterday``.
        counted: Words for what happens, with the column that holds how often: ``naps >= 2``.
        period: The first and last day (ordinals) that words such as ``last month`` mean.
    """

    day: Mapping[str, Column]
    row: Mapping[str, Column] = field(default_factory=dict)
    short: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    today: int = 0
    counted: Mapping[str, str] = field(default_factory=dict)
    period: Callable[[str], tuple[int, int] | None] = field(default=lambda _: None)

    def find(self, written: str) -> QueryField | None:
        """The field that a written name means; None where it means none."""
        match = _DOTTED.fullmatch(written.strip().casefold())
        if match is None:
            plain = self._plain(_underscored(written))
            match = _NEIGHBOUR.fullmatch(written.strip().casefold())
            if plain is not None or match is None:
                return plain
        prefix, name = match[1], _underscored(match[2])
        if prefix not in _OFFSETS:
            return None
        column = self._first(name, self.day) or self._of_other_unit(name, self.day)
        return None if column is None else QueryField(column, _OFFSETS[prefix])

    def count_of(self, written: str) -> QueryField | None:
        """The field that says how often something happened on a day; None where none does."""
        prefix, dot, name = written.strip().casefold().rpartition(".")
        column = self.counted.get(_underscored(name), "")
        return self.find(prefix + dot + column) if column else None

    def resolve(self, written: str, *, text: str = "", position: int = 1) -> QueryField:
        """The field that a written name means.

        Args:
            written: The name.
            text: The expression it stands in, for the corrected one.
            position: Where the name begins in it, counted from 1.

        Raises:
            ExpressionError: There is no such field; the nearest three are named.
        """
        field = self.find(written)
        if field is not None:
            return field
        name = written.strip()
        prefix, _, last = name.rpartition(".")
        known = self._names(dotted=bool(prefix))
        full = self._full_names(dotted=bool(prefix))
        self._refuse_group(last, text or written, position)
        near = only_near(last, full) or only_near(last, known)
        if _DENIES.search(name):
            near = None  # a correction without its “not” would be the opposite
        if near is not None and not keeps_words(last, near, [*known, *UNIT_WORDS, *_SPANS]):
            near = None
        whole, at = text or written, position - 1
        corrected = ""
        right_prefix = _right_prefix(prefix)
        if prefix and right_prefix and self.find(f"{right_prefix}.{last}") is not None:
            near = last
        if near is not None and (not prefix or right_prefix):
            better = f"{right_prefix}.{near}" if prefix else near
            corrected = whole[:at] + better + whole[at + len(name) :]
        raise ExpressionError(
            f"There is no field “{name[:40]}”" if name else "A comparison without a field",
            position=position,
            nearest=self._nearest(last, known) if re.search(r"[^\W\d]", last) else (),
            corrected=corrected,
        )

    @staticmethod
    def _refuse_group(name: str, text: str, position: int) -> None:
        """Some groups of the calendar are no fields; what to write instead is known."""
        instead = _GROUPS_ONLY.get(_underscored(name))
        if instead is not None and text.strip().casefold() != name.strip().casefold():
            raise ExpressionError(
                f"“{name.strip()[:40]}” forms groups and is no field: {instead}", position=position
            )

    def _nearest(self, name: str, known: list[str]) -> tuple[str, ...]:
        """The three nearest fields, also by their short names."""
        meant: dict[str, None] = {}
        for near in nearest(name, known, len(known)):
            field = self.find(near)
            if field is not None:
                meant.setdefault(field.column.name)
            if len(meant) == _SHOWN:
                break
        return tuple(meant)

    def _plain(self, name: str) -> QueryField | None:
        column = self._first(name, self.row) or self._of_other_unit(name, self.row)
        if column is not None:
            return QueryField(column, of_day=False)
        column = self._first(name, self.day) or self._of_other_unit(name, self.day)
        if column is None:
            return None
        return QueryField(column, assumed=bool(self.row) and column.name not in CALENDAR)

    def _of_other_unit(self, name: str, columns: Mapping[str, Column]) -> Column | None:
        """The column of a name that ends in another unit of it: ``deep_hours``."""
        stem, unit = without_unit(name)
        column = self._first(stem, columns) if stem else None
        if column is None and stem:
            column = next((c for c in columns.values() if without_unit(c.name)[0] == stem), None)
        return column if column is not None and is_unit(unit, column.unit) else None

    def _first(self, name: str, columns: Mapping[str, Column]) -> Column | None:
        candidates = (name, *self.short.get(name, ()))
        known = (columns.get(candidate) or CALENDAR.get(candidate) for candidate in candidates)
        if columns is self.row:
            known = (columns.get(candidate) for candidate in candidates)
        return next((column for column in known if column is not None), None)

    def _full_names(self, *, dotted: bool) -> list[str]:
        own = () if dotted else self.row
        return [*CALENDAR, *own, *self.day]

    def _names(self, *, dotted: bool) -> list[str]:
        full = self._full_names(dotted=dotted)
        return [*full, *(name for name, of in self.short.items() if set(of) & set(full))]


def _right_prefix(prefix: str) -> str:
    """The prefix that a written one means, also where it is misspelt; empty for none."""
    plain = prefix.strip().casefold()
    return plain if plain in _OFFSETS else only_near(plain, ("previous", "next")) or ""


def _underscored(name: str) -> str:
    return "_".join(name.strip().casefold().replace("-", " ").split())
