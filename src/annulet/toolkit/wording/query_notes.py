"""What a person should know about the figures of a query."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Final

from annulet.analytics.query.columns import CALENDAR, Column, Kind, QueryField
from annulet.analytics.query.conditions import Comparison, Condition, Junction, Statistic
from annulet.analytics.query.evaluation import Evidence, test_of
from annulet.analytics.query.literals import ANY, NONE
from annulet.analytics.query.question import STREAKS, RecordQuery, Result
from annulet.analytics.query.rows import reader
from annulet.analytics.query.spelling import fold
from annulet.toolkit.dates import Period
from annulet.toolkit.metric_definitions import DEFINITIONS
from annulet.toolkit.metrics import METRICS
from annulet.toolkit.wording.number_format import counted, listed, rounded
from annulet.toolkit.wording.person_texts import quoted, text_notes
from annulet.toolkit.wording.query_cells import LISTED_ROWS, value_words
from annulet.toolkit.wording.query_conditions import condition_words, field_words, label_of
from annulet.toolkit.wording.query_groups import cut_groups, is_total

_NAMED: Final = 12
_HOURS_OF_A_DAY: Final = 24
_PLAIN_LIMITS: Final = frozenset({0.0, 1.0})
"""Limits that only ask whether there is anything, whatever the values are."""


def result_notes(
    query: RecordQuery,
    result: Result,
    evidence: Evidence,
    period: Period,
    *,
    listed_rows: bool,
    lasting: Sequence[str] = (),
) -> list[str]:
    """The notes of a result, the most important first.

    Args:
        query: What was asked.
        result: What came out.
        evidence: What it was calculated on.
        period: The days of the rows.
        listed_rows: Whether the answer lists its rows.
        lasting: Tags that began before the period and last into it.
    """
    notes = _absent_words(query, evidence, lasting)
    if lasting:
        names = ", ".join(map(quoted, lasting[:_NAMED]))
        notes.append(f"Began before the period and lasts into it, so not counted: {names}.")
    notes += _without_baseline(query, evidence)
    notes += _outside_values(query, evidence)
    notes += _never_in_period(query, result, evidence)
    notes += contradictions(query, evidence)
    notes += _cut_groups(query, result, period)
    if result.ended_by_unknown and set(STREAKS) & set(query.calculate):
        notes.append("A streak ends at a day that is unknown; it may have been longer.")
    notes += _ties(query, result, evidence)
    if listed_rows and len(result.rows) > LISTED_ROWS:
        notes.append(f"{len(result.rows) - LISTED_ROWS} more rows are not listed.")
    if result.groups_left_out:
        shown = len({line.group for line in result.lines})
        is_newest = query.by is not None and query.by.in_time and query.sort is None
        newest = "the newest " if is_newest and not query.limit else ""
        notes.append(f"{newest}{shown} of {shown + result.groups_left_out} groups are shown.")
        notes[-1] = notes[-1][:1].upper() + notes[-1][1:]
    if result.empty_groups:
        notes.append(f"{result.empty_groups} groups before the first value are left out.")
    return [*notes, *_odd_figures(query), *text_notes(_texts(query, result, listed_rows))]


def need_notes(query: RecordQuery, result: Result, today: date) -> list[str]:
    """What figures of several days need where they have no value, and which groups are to come."""
    valued = {line.field for line in result.lines if line.figures.get("count")}
    lacking = [
        field
        for field in query.metrics
        if field not in valued
        and field.column.name in METRICS
        and METRICS[field.column.name].days_before
    ]
    notes = [
        f"Too early: {field_words(field)} needs {DEFINITIONS[field.column.name].needs}."
        for field in lacking
    ]
    ranges = () if query.by is None else query.by.ranges
    notes += [f"“{r.name}” is still to come." for r in ranges if r.first > today.toordinal()]
    return notes


def _ties(query: RecordQuery, result: Result, evidence: Evidence) -> list[str]:
    """That others are equal to the last row or group that a limit has left."""
    sort = query.sort
    if not result.ties or sort is None:
        return []
    if isinstance(sort.key, str):
        return [f"{counted(result.ties, 'more group')} equal to the last one shown."]
    value = reader(sort.key, evidence.days)(result.rows[-1])
    size = value_words(value, sort.key.column) if isinstance(value, int | float) else str(value)
    label = label_of(sort.key)
    return [f"{counted(result.ties, 'more row')} with {label} {size}, equal to the last one."]


def _texts(query: RecordQuery, result: Result, listed_rows: bool) -> list[object]:
    """What an answer shows of the words of the records."""
    grouped = query.by is not None and query.by.field is not None
    groups: list[object] = [line.group for line in result.lines] if grouped else []
    rows = result.rows[:LISTED_ROWS] if listed_rows else ()
    return [*groups, *(cell for row in rows for cell in row.cells.values())]


def _absent_words(query: RecordQuery, evidence: Evidence, lasting: Sequence[str]) -> list[str]:
    """Words that no record has, with those there are."""
    notes = []
    for comparison in _comparisons(_conditions(query)):
        field = comparison.field
        if field.column.kind not in {Kind.WORD, Kind.WORDS}:
            continue
        is_read = not field.of_day or field.column.name in evidence.days.figures
        if not isinstance(comparison.operand, tuple) or not is_read:
            continue
        known = _known_words(field, evidence)
        folded = {fold(word) for word in (*known, *lasting)} | {ANY, NONE}
        written = [str(word) for word in comparison.operand]
        if not any(word in folded for word in written):
            shown = ", ".join(map(quoted, known[:_NAMED])) or "none at all"
            name = field.column.name
            notes.append(f"No {name} “{written[0][:40]}” in what was read; there is: {shown}.")
    return notes


def _known_words(field: QueryField, evidence: Evidence) -> list[str]:
    """The words of a column, the most frequent first."""
    counts: Counter[str] = Counter()
    read = reader(field, evidence.days)
    cells: list[object] = [read(row) for row in evidence.rows]
    if field.of_day:
        cells = list(evidence.days.figures.get(field.column.name, {}).values())
    for cell in cells:
        words = cell if isinstance(cell, frozenset) else {cell}
        counts.update(word for word in words if isinstance(word, str))
    return sorted(counts, key=lambda word: (-counts[word], word))


def _without_baseline(query: RecordQuery, evidence: Evidence) -> list[str]:
    lacking = [
        comparison.field
        for comparison in _comparisons(query.where)
        if isinstance(comparison.operand, Statistic)
        and evidence.statistic(comparison.field, comparison.operand.name) is None
    ]
    if not lacking:
        return []
    fields = listed([field_words(field) for field in lacking])
    return [f"Too early for a usual range of {fields}: it needs 7 days before the period."]


def _odd_figures(query: RecordQuery) -> list[str]:
    """Figures that were asked for and say little."""
    notes = []
    sums = [name for name in ("sum", "sum_pct") if name in query.calculate]
    clock = Kind.CLOCK
    odd = [f for f in query.metrics if not f.column.additive and f.column.kind is not clock]
    if sums and odd:
        words = "A sum" if sums[0] == "sum" else "A part of the sum"
        notes.append(f"{words} of {listed([field_words(field) for field in odd])} says little.")
    notes += _figures_without_sense(query)
    if "sum_pct" in query.calculate and _overlaps(query):
        notes.append("The groups overlap, so that their parts can be more than 100 % together.")
    is_apart = query.by is not None and query.by.calendar in {"weekday", "night"}
    if is_apart and set(STREAKS) & set(query.calculate):
        notes.append("Days of one weekday never follow one another: such streaks say nothing.")
    return notes


def _figures_without_sense(query: RecordQuery) -> list[str]:
    """Figures that a column does not have, and why."""
    notes = []
    clocks = [field for field in query.metrics if field.column.kind is Kind.CLOCK]
    if clocks and {"sum", "sum_pct"} & set(query.calculate):
        notes.append(f"Clock times have no sum: {listed(list(map(field_words, clocks)))}.")
    unscaled = [f for f in query.metrics if not f.column.ratio or f.column.kind is Kind.CLOCK]
    if unscaled and "cv_pct" in query.calculate:
        fields = listed(list(map(field_words, unscaled)))
        notes.append(f"cv_pct is a part of the mean, which needs a scale from zero: not {fields}.")
    return notes


def _overlaps(query: RecordQuery) -> bool:
    """Whether a row may stand in two groups."""
    grouping = query.by
    if grouping is None:
        return False
    if grouping.field is not None:
        return grouping.field.column.kind is Kind.WORDS
    spans = sorted((span.first, span.last) for span in grouping.ranges)
    return any(last >= first for (_, last), (first, _) in pairwise(spans))


def _outside_values(query: RecordQuery, evidence: Evidence) -> list[str]:
    """Limits beyond all of the person's values: perhaps another unit was meant."""
    notes = []
    for comparison in _comparisons(_conditions(query)):
        column, operand = comparison.field.column, comparison.operand
        if column.kind is not Kind.NUMBER or not isinstance(operand, tuple) or _is_year(column):
            continue
        read = reader(comparison.field, evidence.days)
        values = [v for v in map(read, evidence.rows) if isinstance(v, int | float)]
        limits = [v for v in operand if isinstance(v, int | float) and v not in _PLAIN_LIMITS]
        if not values or not limits:
            continue
        low, high = min(values), max(values)
        if all(low <= limit <= high for limit in limits):
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


def _is_year(column: Column) -> bool:
    return column.name in CALENDAR


def _never_in_period(query: RecordQuery, result: Result, evidence: Evidence) -> list[str]:
    """Conditions on the calendar that no day of the period meets."""
    if result.matched.rows or not evidence.rows:
        return []
    return [
        f"No day of the period has {condition_words(comparison)}."
        for comparison in _comparisons(query.where)
        if comparison.field.column.name in CALENDAR
        and not any(map(test_of(comparison, evidence), evidence.rows))
    ]


def contradictions(query: RecordQuery, evidence: Evidence) -> list[str]:
    """Conditions that each can be met, and that no row can meet together."""
    required = [part for condition in query.where for part in _required(condition)]
    calendar = [part for part in required if part.field.column.name in CALENDAR]
    tests = [test_of(part, evidence) for part in calendar]
    notes = []
    if (
        len(calendar) > 1
        and all(any(map(test, evidence.rows)) for test in tests)
        and not any(all(test(row) for test in tests) for row in evidence.rows)
    ):
        notes.append(f"No day of the period is both: {_all_words(calendar)}.")
    by_field: dict[QueryField, list[Comparison]] = {}
    for part in required:
        if part.field.column.kind is Kind.NUMBER and part.field.column.name not in CALENDAR:
            by_field.setdefault(part.field, []).append(part)
    notes += [
        f"No value is both: {_all_words(parts)}."
        for parts in by_field.values()
        if not _leaves_a_value(parts)
    ]
    return notes


def _required(condition: Condition) -> list[Comparison]:
    """The comparisons that must hold for a condition to hold."""
    if isinstance(condition, Comparison):
        return [condition]
    return _comparisons(condition.parts) if condition.word == "and" else []


def _all_words(parts: Sequence[Comparison]) -> str:
    return listed([condition_words(part) for part in parts])


def _leaves_a_value(parts: Sequence[Comparison]) -> bool:
    """Whether limits of one figure leave any value between them."""
    low, high, is_open = -math.inf, math.inf, False
    for part in parts:
        limits = part.operand if isinstance(part.operand, tuple) else ()
        sizes = [limit for limit in limits if isinstance(limit, int | float)]
        if len(sizes) != 1 or part.operator == "!=":
            continue
        if part.operator in {">", ">=", "="}:
            low = max(low, sizes[0])
        if part.operator in {"<", "<=", "="}:
            high = min(high, sizes[0])
        is_open = is_open or part.operator in {"<", ">"}
    return low < high or (low == high and not is_open)


def _cut_groups(query: RecordQuery, result: Result, period: Period) -> list[str]:
    """Groups whose totals are of a part of them."""
    totals = [*query.calculate, *([str(query.sort.key)] if query.by and query.sort else [])]
    if not any(is_total(query, name) for name in totals if name not in {"count", "days"}) and (
        query.metrics
    ):
        return []
    shown = {line.group for line in result.lines}
    cut = {name: part for name, part in cut_groups(query, period).items() if name in shown}
    parts = [f"{name} ({inside} of {whole} days)" for name, (inside, whole) in cut.items()]
    return [f"Only partly in the period: {listed(parts)}."] if parts else []


def _conditions(query: RecordQuery) -> tuple[Condition, ...]:
    of_groups = query.by.condition if query.by is not None else None
    return (*query.where, *([of_groups] if of_groups is not None else []))


def _comparisons(conditions: Sequence[Condition]) -> list[Comparison]:
    comparisons: list[Comparison] = []
    for condition in conditions:
        if isinstance(condition, Junction):
            comparisons += _comparisons(condition.parts)
        else:
            comparisons.append(condition)
    return comparisons
