"""What a query forms groups by, and which groups a row stands in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from annulet.analytics.query.calendar_columns import (
    CALENDAR_GROUPS,
    IN_TIME,
    MONTHS,
    SEASONS,
    WEEKDAYS,
)
from annulet.analytics.query.columns import QueryField
from annulet.analytics.query.conditions import Condition, fields_of
from annulet.analytics.query.evaluation import Evidence, test_of
from annulet.analytics.query.literals import NONE
from annulet.analytics.query.rows import Row, reader

MET: Final = "met"
NOT_MET: Final = "not met"
UNKNOWN: Final = "unknown"
_CONDITION: Final = (MET, NOT_MET, UNKNOWN)
_FIXED_ORDERS: Final = {
    "weekday": WEEKDAYS,
    "night": WEEKDAYS,
    "weekend": ("no", "yes"),
    "month_of_year": MONTHS,
    "season": SEASONS,
}


@dataclass(frozen=True, slots=True)
class Range:
    """A named range of days (ordinals), both ends inclusive."""

    name: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Grouping:
    """What groups are formed by: exactly one of the four.

    Attributes:
        calendar: A name of `CALENDAR_GROUPS`.
        field: A column of words.
        condition: A condition; the groups are ``met``, ``not met`` and ``unknown``.
        ranges: Named ranges; a row may stand in several or in none.
    """

    calendar: str = ""
    field: QueryField | None = None
    condition: Condition | None = None
    ranges: tuple[Range, ...] = ()

    @property
    def in_time(self) -> bool:
        """Whether each group has one before it."""
        return self.calendar in IN_TIME or bool(self.ranges)

    @property
    def fields(self) -> list[QueryField]:
        """The fields that are read to form the groups."""
        if self.condition is not None:
            return list(fields_of(self.condition))
        return [] if self.field is None else [self.field]


def groups_of(grouping: Grouping, evidence: Evidence) -> Callable[[Row], Sequence[str]]:
    """A function that names the groups of a row."""
    if grouping.ranges:
        return lambda row: [
            span.name for span in grouping.ranges if span.first <= row.day <= span.last
        ]
    if grouping.condition is not None:
        test = test_of(grouping.condition, evidence)
        names: dict[bool | None, tuple[str]] = {True: (MET,), False: (NOT_MET,), None: (UNKNOWN,)}
        return lambda row: names[test(row)]
    if grouping.field is not None:
        return _by_words(grouping.field, evidence)
    name = CALENDAR_GROUPS[grouping.calendar]
    return lambda row: (name(row.day),)


def _by_words(field: QueryField, evidence: Evidence) -> Callable[[Row], Sequence[str]]:
    read = reader(field, evidence.days)

    def names(row: Row) -> Sequence[str]:
        cell = read(row)
        if cell is None:
            return (UNKNOWN,)
        if isinstance(cell, frozenset):
            return sorted(cell) or (NONE,)
        return (str(cell),)

    return names


def group_order(grouping: Grouping, names: set[str]) -> list[str]:
    """The groups in the order of the calendar, of the ranges, or of the alphabet."""
    fixed: Sequence[str] = _FIXED_ORDERS.get(grouping.calendar, ())
    if grouping.condition is not None:
        fixed = _CONDITION
    elif grouping.ranges:
        fixed = [span.name for span in grouping.ranges]
        names = names | set(fixed)
    known = [name for name in dict.fromkeys(fixed) if name in names]
    last = [name for name in (NONE, UNKNOWN) if name in names - set(known)]
    return [*known, *sorted(names - set(known) - set(last)), *last]
