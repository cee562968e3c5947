"""A query and its result, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from annulet.analytics.query.aggregates import FIGURES
from annulet.analytics.query.columns import QueryField
from annulet.analytics.query.conditions import Condition, fields_of
from annulet.analytics.query.grouping import Grouping
from annulet.analytics.query.rows import Row
from annulet.analytics.query.streaks import Streak

COUNTS: Final = ("count", "days", "share_pct")
STREAKS: Final = ("longest_streak", "current_streak")
CALCULATIONS: Final = (*COUNTS, *FIGURES, "sum_pct", *STREAKS, "change")
"""Everything that can be calculated."""


@dataclass(frozen=True, slots=True)
class Sort:
    """An order.

    Attributes:
        key: A field of the rows, or with groups the name of a calculated figure.
        descending: Whether the largest comes first; ties then come in reversed order of time.
        metric: With groups: which of the metrics (counted from 0) the figure belongs to.
    """

    key: QueryField | str
    descending: bool = False
    metric: int = 0


@dataclass(frozen=True, slots=True)
class RecordQuery:
    """What is asked.

    Attributes:
        where: Conditions; all must hold.
        metrics: The fields to calculate on.
        calculate: Names of `CALCULATIONS`, in the order they are shown.
        by: The groups; None for one line of all rows.
        sort: The order of the rows, or with groups of the groups.
        limit: How many of the first rows, or groups, are kept; None for all.
        last_day: The day (ordinal) until which a current streak must last.
        of_days: Whether the rows are days, so that every day of the period has one.
    """

    where: tuple[Condition, ...] = ()
    metrics: tuple[QueryField, ...] = ()
    calculate: tuple[str, ...] = ("count", "mean", "min", "max")
    by: Grouping | None = None
    sort: Sort | None = None
    limit: int | None = None
    last_day: int = 0
    of_days: bool = True

    @property
    def all_conditions(self) -> tuple[Condition, ...]:
        """Those on the rows, and the one that forms groups."""
        of_groups = None if self.by is None else self.by.condition
        return (*self.where, *([] if of_groups is None else [of_groups]))

    @property
    def fields(self) -> list[QueryField]:
        """Every field the query reads, each once."""
        conditions = [field for condition in self.where for field in fields_of(condition)]
        groups = [] if self.by is None else self.by.fields
        keys = [self.sort.key] if self.sort and isinstance(self.sort.key, QueryField) else []
        return list(dict.fromkeys((*self.metrics, *conditions, *groups, *keys)))


@dataclass(frozen=True, slots=True)
class Matched:
    """How many rows met the conditions.

    Attributes:
        rows: Rows that met them.
        of: All rows of the period.
        unknown: Rows of which it cannot be known.
    """

    rows: int
    of: int
    unknown: int

    @property
    def share_pct(self) -> float | None:
        """The part of the decided rows that met the conditions; None where none is decided."""
        decided = self.of - self.unknown
        return 100.0 * self.rows / decided if decided else None


@dataclass(frozen=True, slots=True)
class Line:
    """The figures of one field in one group.

    Attributes:
        group: The group's name; empty where there are no groups.
        field: The field; None where rows are counted and nothing else.
        figures: The asked figures, and those they follow from; without a value: None.
        min_row: The first row, in time, with the smallest value.
        max_row: The first row, in time, with the largest value.
        longest: The longest streak, where one was asked for.
        current: The current streak, where it was asked for.
        may_be_longer: Whether unknown days may make a streak longer.
    """

    group: str
    field: QueryField | None
    figures: Mapping[str, float | None]
    min_row: Row | None = None
    max_row: Row | None = None
    longest: Streak | None = None
    current: Streak | None = None
    may_be_longer: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What came out.

    Attributes:
        matched: How many rows met the conditions, before ``limit``.
        lines: One per group and field, in order.
        rows: The rows that were calculated on, in order.
        groups_left_out: How many groups ``limit`` has cut off.
        empty_groups: How many groups of the calendar before the first value are left out.
        undecided: The rows of which it cannot be known whether they meet the conditions.
        ties: How many more rows, or groups, are equal to the last one that ``limit`` has left.
    """

    matched: Matched
    lines: tuple[Line, ...]
    rows: tuple[Row, ...]
    groups_left_out: int = 0
    empty_groups: int = 0
    undecided: tuple[Row, ...] = ()
    ties: int = 0

    @property
    def ended_by_unknown(self) -> bool:
        """Whether a streak might have been longer, were it not for unknown days."""
        return any(line.may_be_longer for line in self.lines)
