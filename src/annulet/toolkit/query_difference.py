"""Days that meet a condition against those that do not, under the yardstick of compare."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from annulet.analytics.day_sets import compare_day_sets
from annulet.analytics.query.columns import Kind, QueryField
from annulet.analytics.query.conditions import fields_of
from annulet.analytics.query.evaluation import Evidence, test_of
from annulet.analytics.query.question import RecordQuery
from annulet.analytics.query.rows import reader
from annulet.analytics.series import Series
from annulet.analytics.traits import traits_of
from annulet.toolkit.answer_builder import Row, Table
from annulet.toolkit.wording.number_format import listed, rounded
from annulet.toolkit.wording.query_conditions import field_words

_IN_WORDS: Final = 3
_CALLED: Final = ("higher", "lower")
_NOT_CALLED: Final = {
    "no clear difference": "No clear difference in",
    "too few nights": "Too few days to judge",
}
_COLUMNS: Final = ("metric", "difference", "low", "high", "verdict")


def compares_days(query: RecordQuery) -> bool:
    """Whether days that meet a condition are held against those that do not."""
    by_condition = query.by is not None and query.by.condition is not None
    return by_condition and bool(query.metrics) and query.of_days


def difference_table(
    query: RecordQuery, evidence: Evidence, breaks: Collection[int] = ()
) -> Table | None:
    """Met minus not met, metric by metric; None where days are not grouped by a condition.

    Args:
        query: What was asked.
        evidence: What it is calculated on.
        breaks: First days (ordinals) of another ring.
    """
    condition = None if query.by is None else query.by.condition
    if condition is None or not compares_days(query):
        return None
    test = test_of(condition, evidence)
    where = [test_of(condition, evidence) for condition in query.where]
    rows = [row for row in evidence.rows if all(condition(row) for condition in where)]
    met = {row.day for row in rows if test(row) is True}
    not_met = {row.day for row in rows if test(row) is False}
    own = _own_fields(query)
    lines = [
        _line(field, evidence, met, not_met, breaks)
        for field in query.metrics
        if field.column.kind is Kind.NUMBER and _key(field) not in own
    ]
    return Table(list(_COLUMNS), lines) if lines else None


def definition_note(query: RecordQuery) -> list[str]:
    """What differs because the groups are made of it, so that a verdict would say nothing."""
    own = _own_fields(query) if compares_days(query) else frozenset()
    named = [field_words(field) for field in query.metrics if _key(field) in own]
    return [f"The groups are made by {listed(named)}: no verdict on that."] if named else []


def _own_fields(query: RecordQuery) -> frozenset[tuple[str, int]]:
    """The fields by which the groups are made."""
    condition = None if query.by is None else query.by.condition
    return frozenset() if condition is None else frozenset(map(_key, fields_of(condition)))


def _key(field: QueryField) -> tuple[str, int]:
    return field.column.name, field.offset


def verdict_words(query: RecordQuery, difference: Table | None) -> str:
    """What is clear about the first metrics, as a sentence; empty where nothing was compared."""
    if difference is None:
        return ""
    labels = {field.name: field_words(field) for field in query.metrics}
    by_verdict: dict[str, list[str]] = {}
    for name, *_, verdict in difference.rows:
        by_verdict.setdefault(str(verdict), []).append(labels[str(name)])
    clear = [f"{label} {v}" for v in _CALLED for label in by_verdict.get(v, ())]
    parts = [f"More than chance: {listed(clear[:_IN_WORDS])}."] if clear else []
    parts += [
        f"{words} {listed(names[:_IN_WORDS])}."
        for verdict, words in _NOT_CALLED.items()
        if (names := by_verdict.get(verdict))
    ]
    return f" {' '.join(parts)}"


def _line(
    field: QueryField,
    evidence: Evidence,
    met: set[int],
    not_met: set[int],
    breaks: Collection[int],
) -> Row:
    read = reader(field, evidence.days)
    values = {row.day: value for row in evidence.rows if isinstance(value := read(row), float)}
    days = sorted(values)
    series = Series(tuple(days), tuple(values[day] for day in days))
    traits = replace(traits_of(field.column.name), ratio=field.column.ratio)
    comparison = compare_day_sets(
        series, traits, met, not_met, breaks=[day - field.offset for day in breaks]
    )
    digits = field.column.digits + 1
    figures = (comparison.difference, comparison.low, comparison.high)
    return [field.name, *(rounded(value, digits) for value in figures), comparison.verdict]
