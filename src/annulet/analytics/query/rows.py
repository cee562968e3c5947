"""What a query calculates on: rows in order of time, and figures by day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from annulet.analytics.query.calendar_columns import CALENDAR_READERS
from annulet.analytics.query.columns import Kind, QueryField

Cell = float | str | frozenset[str]


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Attributes:
        day: The day it belongs to (ordinal).
        start: When it began, as the answer shows it; empty for a day.
        cells: Its own columns; a column without a value is not there.
    """

    day: int
    start: str = ""
    cells: Mapping[str, Cell] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DayFigures:
    """Figures by column and day (ordinal).

    Attributes:
        figures: The values; a day without one is not there.
        unfinished: Of columns that are still being counted, the first day that is not over: from
            it on they are left out.
        today: Today; None where it is asked about alone, so that nothing is left out.
    """

    figures: Mapping[str, Mapping[int, Cell]]
    unfinished: Mapping[str, int] = field(default_factory=dict)
    today: int | None = None

    def is_unfinished(self, query_field: QueryField, day: int) -> bool:
        """Whether a field of a row is still being counted."""
        first = self.unfinished.get(query_field.column.name)
        return query_field.of_day and first is not None and day + query_field.offset >= first


Reader = Callable[[Row], Cell | None]


def reader(query_field: QueryField, days: DayFigures) -> Reader:
    """A function that reads a field from a row; None where there is no value.

    A figure that is still being counted has none; of what happens on a day, that which already did.
    """
    name, offset = query_field.column.name, query_field.offset
    calendar = CALENDAR_READERS.get(name)
    if calendar is not None:
        return lambda row: calendar(row.day + offset)
    if not query_field.of_day:
        return lambda row: row.cells.get(name)
    values = days.figures.get(name, {})
    first = None if query_field.column.kind is Kind.WORDS else days.unfinished.get(name)
    if first is not None:
        values = {day: value for day, value in values.items() if day < first}
    return lambda row: values.get(row.day + offset)
