"""Days that a condition of a query names and that the period does not hold."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from annulet.analytics.query.conditions import Comparison, required_in
from annulet.analytics.query.question import RecordQuery
from annulet.toolkit.dates import Period
from annulet.toolkit.wording.number_format import listed
from annulet.toolkit.wording.query_conditions import condition_words

_MONTHS = 12


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
        if days and 0 < inside < len(days):
            cut.append(f"{condition_words(comparison)} ({inside} of {len(days)} days)")
            first = min(first, *days)
        elif begins is not None and begins < period.start:
            cut.append(condition_words(comparison))
            first = min(first, begins)
    if not cut or first >= period.start:
        return []
    return [f"Only partly in the period: {listed(cut)}. Give start {first} for the whole."]


def _named_days(comparison: Comparison, period: Period) -> tuple[date | None, list[date]]:
    """The first day of an open range, and all days of a closed one, until the period ends."""
    name, operand = comparison.field.column.name, comparison.operand
    if comparison.field.offset or not isinstance(operand, tuple):
        return None, []
    if name == "day" and comparison.operator in {">", ">="}:
        return date.fromordinal(int(float(str(operand[0])))), []
    if comparison.operator != "=":
        return None, []
    days: list[date] = []
    for value in operand:
        if name == "day" and isinstance(value, int | float):
            days.append(date.fromordinal(int(value)))
        elif name == "month" and isinstance(value, tuple):
            days += _of_month(value[0], value[1], period.end)
        elif name == "year" and isinstance(value, int | float):
            days += [d for m in range(1, _MONTHS + 1) for d in _of_month(int(value), m, period.end)]
    return None, [day for day in days if day <= period.end]


def _of_month(year: int | None, month: int, end: date) -> list[date]:
    """The days of a month; without a year the last one that has begun."""
    if year is None:
        year = end.year - (month > end.month)
    if not date.min.year <= year <= date.max.year:
        return []
    return [date(year, month, day + 1) for day in range(monthrange(year, month)[1])]
