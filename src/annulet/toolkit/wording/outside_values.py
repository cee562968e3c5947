"""Limits beyond all of a person's values: perhaps another unit or half of the day was meant."""

from __future__ import annotations

from typing import Final

from annulet.analytics.query.columns import CALENDAR, Kind, QueryField
from annulet.analytics.query.conditions import comparisons_in
from annulet.analytics.query.evaluation import Evidence
from annulet.analytics.query.question import RecordQuery
from annulet.analytics.query.rows import reader
from annulet.analytics.query.values import MEASURED
from annulet.toolkit.wording.number_format import rounded
from annulet.toolkit.wording.query_cells import value_words
from annulet.toolkit.wording.query_conditions import field_words

_HOURS_OF_A_DAY: Final = 24
_HALF_DAY: Final = 720
_NEAR_MIN: Final = 180
_PLAIN_LIMITS: Final = frozenset({0.0, 1.0})
"""Limits that only ask whether there is anything, whatever the values are."""


def outside_values(query: RecordQuery, evidence: Evidence) -> list[str]:
    """Limits beyond all of the person's values: perhaps another unit was meant."""
    notes = []
    for comparison in comparisons_in(query.all_conditions):
        column, operand = comparison.field.column, comparison.operand
        if column.kind not in MEASURED or not isinstance(operand, tuple) or column.name in CALENDAR:
            continue
        read = reader(comparison.field, evidence.days)
        values = [v for v in map(read, evidence.rows) if isinstance(v, int | float)]
        limits = [v for v in operand if isinstance(v, int | float) and v not in _PLAIN_LIMITS]
        if not values or not limits:
            continue
        low, high = min(values), max(values)
        if all(low <= limit <= high for limit in limits):
            continue
        if column.kind is Kind.CLOCK:
            notes += _half_day_note(comparison.field, low, high, limits[0])
            continue
        notes.append(_span_words(comparison.field, low, high, min(limits)))
    return list(dict.fromkeys(notes))


def _span_words(field: QueryField, low: float, high: float, limit: float) -> str:
    """Between which values a person's own are, and what else may have been meant."""
    column = field.column
    first, last = f"{rounded(low, column.digits):,}", f"{rounded(high, column.digits):,}"
    span = first if first == last else f"{first} to {last}"
    kind = " (deviations from your usual)" if column.unit == "°C" else ""
    if column.unit == "min" and 0 < limit <= _HOURS_OF_A_DAY < low:
        kind = f"; for hours write {limit:g}h"
    return f"All values of {field_words(field)} are {span} {column.unit}".rstrip() + f"{kind}."


def _half_day_note(field: QueryField, low: float, high: float, limit: float) -> list[str]:
    """A clock time far from all of the person's, which twelve hours later is among them."""
    others = (limit - _HALF_DAY, limit + _HALF_DAY)
    nearer = next((time for time in others if _is_near(time, low, high)), None)
    if _is_near(limit, low, high) or nearer is None:
        return []
    column = field.column
    meant = value_words(nearer, column)
    span = f"{value_words(low, column)} to {value_words(high, column)}"
    return [f"All values of {field_words(field)} are {span}; perhaps {meant} was meant."]


def _is_near(limit: float, low: float, high: float) -> bool:
    return low - _NEAR_MIN <= limit <= high + _NEAR_MIN
