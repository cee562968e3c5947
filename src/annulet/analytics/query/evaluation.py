"""Conditions on rows, in three values: True, False, or None where it cannot be known."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from annulet.analytics.clock_times import near_minute
from annulet.analytics.query.aggregates import figure
from annulet.analytics.query.columns import Column, Kind, QueryField
from annulet.analytics.query.conditions import Comparison, Condition, Junction, Statistic
from annulet.analytics.query.literals import ANY, NONE, Literal, has_part, is_part
from annulet.analytics.query.rows import Cell, DayFigures, Row, reader
from annulet.analytics.query.spelling import fold

Verdict = bool | None
Test = Callable[[Row], Verdict]
_Relation = Callable[[Cell], bool]

_ORDERS: Final[dict[str, Callable[[float, float], bool]]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


_DAY_MIN: Final = 1440
_SHORT_OF: Final = 1e-6
"""An average of equal clock times may fall this short of them (minutes)."""


def clock_minute(minutes: float) -> int:
    """The whole minute that a clock shows: 23:30 until it is 23:31."""
    return math.floor(minutes + _SHORT_OF)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What conditions are judged on.

    Attributes:
        rows: All rows of the period, in order of time.
        days: Figures by day, also of days around the period.
        usual: By field name: where the person's usual range begins and ends.
    """

    rows: Sequence[Row]
    days: DayFigures
    usual: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def statistic(self, of: QueryField, name: str) -> float | None:
        """A figure of the field's values in the period, or an end of its usual range."""
        if name in {"usual_low", "usual_high"}:
            limits = self.usual.get(of.name)
            return None if limits is None else limits[name == "usual_high"]
        return figure(name, self.values(of), of.column)

    def values(self, of: QueryField) -> list[float]:
        """The measured values of a field in the period."""
        read = reader(of, self.days)
        return [v for v in map(read, self.rows) if isinstance(v, int | float)]


def test_of(condition: Condition, evidence: Evidence) -> Test:
    """A function that judges a row by a condition."""
    if isinstance(condition, Junction):
        return _junction(condition, evidence)
    operand = condition.operand
    if isinstance(operand, QueryField):
        return _against_field(condition, operand, evidence)
    if isinstance(operand, Statistic):
        return _against_statistic(condition, operand, evidence)
    if _is_about_absence(condition):
        return _absence(condition, evidence)
    if condition.field.column.kind is Kind.WORDS:
        return _words_test(condition, operand, evidence)
    return _against_values(condition, operand, evidence)


def _against_statistic(condition: Comparison, statistic: Statistic, evidence: Evidence) -> Test:
    limit = evidence.statistic(condition.field, statistic.name)
    if limit is None:
        return lambda _: None
    # An average is compared as it is: rounding it would move values across it.
    order = _ORDERS.get(condition.operator)
    if order is None:
        return _against_values(condition, (limit,), evidence)
    read = reader(condition.field, evidence.days)
    return lambda row: None if (v := read(row)) is None else order(v, limit)  # type: ignore[arg-type] # a measured column holds numbers


def _against_values(
    condition: Comparison, operand: tuple[Literal, ...], evidence: Evidence
) -> Test:
    read = reader(condition.field, evidence.days)
    holds = _relation(condition, _as_written(condition.field, operand, evidence))
    return lambda row: None if (value := read(row)) is None else holds(value)


def _as_written(
    query_field: QueryField, operand: tuple[Literal, ...], evidence: Evidence
) -> tuple[Literal, ...]:
    """Clock times against minutes from midnight: on the same day as the values of the person."""
    if query_field.column.kind is not Kind.CLOCK or not query_field.column.unit:
        return operand
    values = evidence.values(query_field)
    if not values:
        return operand
    middle = median(values)
    return tuple(near_minute(v, middle) if isinstance(v, int | float) else v for v in operand)


def _is_about_absence(condition: Comparison) -> bool:
    """Whether it is asked if a measured field has a value at all."""
    measured = condition.field.column.kind in {Kind.NUMBER, Kind.CLOCK}
    return measured and condition.operand in {(NONE,), (ANY,)}


def _absence(condition: Comparison, evidence: Evidence) -> Test:
    """Whether there is a value: never unknown, but of a figure that is still being counted."""
    read, field = reader(condition.field, evidence.days), condition.field
    wants_value = (condition.operand == (ANY,)) is (condition.operator == "=")

    def judged(row: Row) -> Verdict:
        if evidence.days.is_unfinished(field, row.day):
            return None
        return (read(row) is not None) is wants_value

    return judged


def _junction(condition: Junction, evidence: Evidence) -> Test:
    tests = [test_of(part, evidence) for part in condition.parts]
    decisive = condition.word == "or"

    def judged(row: Row) -> Verdict:
        unknown = False
        for test in tests:
            verdict = test(row)
            if verdict is decisive:
                return decisive
            unknown = unknown or verdict is None
        return None if unknown else not decisive

    return judged


def _against_field(condition: Comparison, operand: QueryField, evidence: Evidence) -> Test:
    left, right = reader(condition.field, evidence.days), reader(operand, evidence.days)
    is_open = evidence.days.is_unfinished
    column, sign = condition.field.column, condition.operator
    order = _ORDERS.get(sign)

    def judged(row: Row) -> Verdict:
        left_value, right_value = left(row), right(row)
        if left_value is None or right_value is None:
            return None
        if is_open(condition.field, row.day) or is_open(operand, row.day):
            return None
        if order is not None:
            return order(left_value, right_value)  # type: ignore[arg-type] # only measured columns are ordered
        equal = shown(column, left_value) == shown(column, right_value)
        return equal if sign == "=" else not equal

    return judged


def _relation(condition: Comparison, values: tuple[Literal, ...]) -> _Relation:
    column, sign = condition.field.column, condition.operator
    order = _ORDERS.get(sign)
    if order is not None:
        return _ordered(column, order, values[0])
    matches = _equality(column, values)
    return matches if sign == "=" else lambda cell: not matches(cell)


def _ordered(column: Column, order: Callable[[float, float], bool], literal: Literal) -> _Relation:
    if column.kind is Kind.MONTH and isinstance(literal, tuple):
        year, month = literal
        if year is None:
            return lambda cell: order(int(cell) % 12 + 1, month)  # type: ignore[arg-type] # months
        return lambda cell: order(cell, year * 12 + month - 1)  # type: ignore[arg-type] # months
    return lambda cell: order(cell, literal)  # type: ignore[arg-type] # the parser saw to numbers


def _equality(column: Column, values: tuple[Literal, ...]) -> _Relation:
    if column.kind in {Kind.WORD, Kind.WORDS}:
        return _word_equality(frozenset(str(value) for value in values))
    if column.kind is Kind.MONTH:
        dated = {y * 12 + m - 1 for y, m in _pairs(values) if y is not None}
        plain = {m - 1 for y, m in _pairs(values) if y is None}
        return lambda cell: cell in dated or int(cell) % 12 in plain  # type: ignore[arg-type] # months
    wanted = frozenset(shown(column, value) for value in values if not isinstance(value, tuple))
    return lambda cell: shown(column, cell) in wanted


def _word_equality(wanted: frozenset[str]) -> _Relation:
    parts = [word for word in wanted if is_part(word)]

    def matches(cell: Cell) -> bool:
        names = cell if isinstance(cell, frozenset) else {str(cell)}
        if (ANY in wanted and names) or (NONE in wanted and not names):
            return True
        folded = [fold(name) for name in names]
        return not wanted.isdisjoint(folded) or any(
            has_part(name, part) for part in parts for name in folded
        )

    return matches


def _words_test(condition: Comparison, operand: tuple[Literal, ...], evidence: Evidence) -> Test:
    """What happened on a day; while the day lasts, what has not happened yet is unknown."""
    read, query_field = reader(condition.field, evidence.days), condition.field
    wanted = frozenset(map(str, operand))
    matches = _word_equality(wanted)
    wants = condition.operator == "="

    def judged(row: Row) -> Verdict:
        names = read(row)
        if names is None:
            return None
        met = matches(names)
        if evidence.days.is_unfinished(query_field, row.day):
            has_happened = bool(names) and met
            is_too_late = bool(names) and wanted == {NONE}
            if not has_happened and not is_too_late:
                return None
        return met is wants

    return judged


def _pairs(values: tuple[Literal, ...]) -> list[tuple[int | None, int]]:
    return [value for value in values if isinstance(value, tuple)]


def shown(column: Column, value: Cell | Literal) -> object:
    """A value as it is compared for equality: as precise as an answer shows it."""
    if column.kind is Kind.CLOCK and isinstance(value, int | float):
        return clock_minute(value) % _DAY_MIN
    if column.kind is Kind.NUMBER and isinstance(value, int | float):
        return round(value, column.digits)
    return fold(value) if isinstance(value, str) else value
