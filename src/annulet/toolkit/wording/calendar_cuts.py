"""Days that a condition of a query names and that the period does not hold."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from typing import Final

from annulet.analytics.query.conditions import Comparison, required_in
from annulet.analytics.query.literals import Literal
from annulet.analytics.query.question import RecordQuery
from annulet.toolkit.dates import Period
from annulet.toolkit.wording.date_format import sentence_start
from annulet.toolkit.wording.number_format import listed
from annulet.toolkit.wording.query_conditions import condition_words

_MONTHS: Final = 12
_SEASONS: Final[dict[Literal, tuple[int, ...]]] = {
    "spring": (3, 4, 5),
    "summer": (6, 7, 8),
    "autumn": (9, 10, 11),
}
"""The months of each season that lies within one year."""


def calendar_cut_notes(query: RecordQuery, period: Period) -> list[str]:
    """That the period holds only a part of the days, months or years that must be met.

    Args:
        query: What was asked.
        period: The days of the rows.
    """
    cut, first = [], period.start
    for comparison in required_in(query.where):
        begins, days = _named_days(comparison, period)
        inside = sum(day in period for day in days)
        if days and inside < len(days):
            cut.append(f"{condition_words(comparison)} ({inside} of {len(days)} days)")
            first = min(first, *days)
        elif begins is not None and begins < period.start:
            cut.append(condition_words(comparison))
            first = min(first, begins)
    notes = _of_several_years(query, period)
    if not cut or first >= period.start:
        return notes
    return [*notes, f"Only partly in the period: {listed(cut)}. Give start {first} for the whole."]


def _of_several_years(query: RecordQuery, period: Period) -> list[str]:
    """That a month without a year is that of two years together."""
    notes = []
    for comparison in required_in(query.where):
        operand = comparison.operand if isinstance(comparison.operand, tuple) else ()
        months = {value[1] for value in operand if isinstance(value, tuple) and value[0] is None}
        if comparison.operator != "=" or comparison.field.offset or not months:
            continue
        years = sorted({day.year for day in period.days if day.month in months})
        if len(years) > 1:
            told = listed(list(map(str, years)))
            notes.append(f"{sentence_start(condition_words(comparison))} is of {told} together.")
    return notes


def _named_days(comparison: Comparison, period: Period) -> tuple[date | None, list[date]]:
    """The first day of an open range, and all days of a closed one, until the period ends."""
    name, operand = comparison.field.column.name, comparison.operand
    if comparison.field.offset or not isinstance(operand, tuple):
        return None, []
    if comparison.operator in {">", ">="}:
        return _begin_of(name, operand[0]), []
    if comparison.operator != "=":
        return None, []
    days: list[date] = []
    begun = _year_of_months(operand, period.end)
    for value in operand:
        if name == "day" and isinstance(value, int | float):
            days.append(date.fromordinal(int(value)))
        elif name == "month" and isinstance(value, tuple):
            days += _of_month(value[0] or begun, value[1])
        elif name == "year" and isinstance(value, int | float):
            days += [d for m in range(1, _MONTHS + 1) for d in _of_month(int(value), m)]
        elif name == "season" and value in _SEASONS:
            months = _SEASONS[value]
            year = period.end.year - (months[0] > period.end.month)
            days += [day for month in months for day in _of_month(year, month)]
    return None, [day for day in days if day <= period.end]


def _begin_of(name: str, value: Literal) -> date | None:
    """The first day of an open range."""
    if name == "day" and isinstance(value, int | float):
        return date.fromordinal(int(value))
    if name == "month" and isinstance(value, tuple) and value[0] is not None:
        return date(value[0], value[1], 1) if _is_year(value[0]) else None
    return None


def _year_of_months(values: Sequence[Literal], end: date) -> int:
    """The year of months that are told without one: the last in which the first has begun."""
    months = [value[1] for value in values if isinstance(value, tuple)]
    return end.year - (bool(months) and min(months) > end.month)


def _of_month(year: int, month: int) -> list[date]:
    if not _is_year(year):
        return []
    return [date(year, month, day + 1) for day in range(monthrange(year, month)[1])]


def _is_year(year: int) -> bool:
    return date.min.year <= year <= date.max.year
