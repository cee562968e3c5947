"""Days that meet a condition against those that do not, under the yardstick of compare."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Final

from annulet.analytics.clock_times import circular_mean, near_minute
from annulet.analytics.day_sets import compare_day_sets
from annulet.analytics.query.columns import Kind, QueryField
from annulet.analytics.query.conditions import fields_of
from annulet.analytics.query.evaluation import Evidence, test_of
from annulet.analytics.query.question import RecordQuery
from annulet.analytics.query.rows import reader
from annulet.analytics.series import Series
from annulet.analytics.traits import traits_of
from annulet.toolkit.answer_builder import Row, Table
from annulet.toolkit.metric_names import CLOCK_COLUMNS
from annulet.toolkit.shared_parts import share_parts
from annulet.toolkit.wording.number_format import listed, rounded
from annulet.toolkit.wording.query_conditions import field_words

_IN_WORDS: Final = 3
_CALLED: Final = ("higher", "lower")
_MOVED: Final = {"higher": "later", "lower": "earlier"}
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
    makers = _makers(query)
    lines = [
        _line(field, evidence, met, not_met, breaks)
        for field in query.metrics
        if field.column.kind in {Kind.NUMBER, Kind.CLOCK} and _maker_of(field, makers) is None
    ]
    return Table(list(_COLUMNS), lines) if lines else None


def definition_note(query: RecordQuery) -> list[str]:
    """What differs because the groups are made of it, so that a verdict would say nothing."""
    if not compares_days(query):
        return []
    makers = _makers(query)
    own = {_key(field) for field in makers}
    same = [field_words(field) for field in query.metrics if _key(field) in own]
    notes = [f"The groups are made by {listed(same)}: no verdict on that."] if same else []
    alike: dict[str, list[str]] = {}
    for field in query.metrics:
        maker = None if _key(field) in own else _maker_of(field, makers)
        if maker is not None:
            alike.setdefault(field_words(maker), []).append(field_words(field))
    notes += [
        f"No verdict on {listed(labels)}: made of the same as {maker}, which makes the groups."
        for maker, labels in alike.items()
    ]
    return notes


def _makers(query: RecordQuery) -> list[QueryField]:
    """The fields by which the groups are made."""
    condition = None if query.by is None else query.by.condition
    return [] if condition is None else list(fields_of(condition))


def _maker_of(field: QueryField, makers: Iterable[QueryField]) -> QueryField | None:
    """What the groups are made by that a field shares its parts with; None for nothing."""
    name = field.column.name
    return next(
        (
            maker
            for maker in makers
            if share_parts(maker.column.name, name, field.offset - maker.offset)
        ),
        None,
    )


def _key(field: QueryField) -> tuple[str, int]:
    return field.column.name, field.offset


def verdict_words(query: RecordQuery, difference: Table | None) -> str:
    """What is clear about the first metrics, as a sentence; empty where nothing was compared."""
    if difference is None:
        return ""
    fields = {field.name: field for field in query.metrics}
    by_verdict: dict[str, list[str]] = {}
    clear = []
    for name, *_, verdict in difference.rows:
        field, called = fields[str(name)], str(verdict)
        if called in _CALLED:
            words = _MOVED[called] if field.column.kind is Kind.CLOCK else called
            clear.append(f"{field_words(field)} {words}")
        else:
            by_verdict.setdefault(called, []).append(field_words(field))
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
    name = field.column.name
    if field.column.kind is Kind.CLOCK and values:
        # Around the middle of the person's own times, so that midnight or noon parts none of them.
        middle = circular_mean(list(values.values()), from_noon=field.column.from_noon) or 0.0
        values = {day: near_minute(value, middle) for day, value in values.items()}
        name = CLOCK_COLUMNS.get(name, name)
    days = sorted(values)
    series = Series(tuple(days), tuple(values[day] for day in days))
    traits = replace(traits_of(name), ratio=field.column.ratio and field.column.kind is Kind.NUMBER)
    comparison = compare_day_sets(
        series, traits, met, not_met, breaks=[day - field.offset for day in breaks]
    )
    digits = field.column.digits + (field.column.unit != "steps")
    figures = (comparison.difference, comparison.low, comparison.high)
    return [field.name, *(rounded(value, digits) for value in figures), comparison.verdict]
