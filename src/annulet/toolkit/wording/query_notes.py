"""What a person should know about the figures of a query."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Final

from annulet.analytics.query.columns import CALENDAR, Kind, QueryField
from annulet.analytics.query.conditions import (
    Comparison,
    Statistic,
    comparisons_in,
    required_in,
)
from annulet.analytics.query.evaluation import Evidence, test_of
from annulet.analytics.query.literals import ANY, NONE, PART, has_part, is_part
from annulet.analytics.query.question import STREAKS, RecordQuery, Result
from annulet.analytics.query.rows import reader
from annulet.analytics.query.spelling import fold
from annulet.toolkit.dates import Period
from annulet.toolkit.metric_definitions import DEFINITIONS
from annulet.toolkit.metrics import METRICS
from annulet.toolkit.wording.calendar_cuts import calendar_cut_notes
from annulet.toolkit.wording.date_format import sentence_start
from annulet.toolkit.wording.number_format import counted, listed
from annulet.toolkit.wording.outside_values import outside_values
from annulet.toolkit.wording.person_texts import quoted, text_notes
from annulet.toolkit.wording.query_cells import LISTED_ROWS, value_words
from annulet.toolkit.wording.query_conditions import condition_words, field_words, label_of
from annulet.toolkit.wording.query_groups import cut_groups, is_total

_NAMED: Final = 12


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
    notes += outside_values(query, evidence)
    notes += _never_in_period(query, result, evidence)
    notes += calendar_cut_notes(query, period)
    notes += _order_notes(query, result)
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
        is_or_are = "is" if shown == 1 else "are"
        whole = shown + result.groups_left_out
        notes.append(sentence_start(f"{newest}{shown} of {whole} groups {is_or_are} shown."))
    if result.empty_groups:
        verb = "is" if result.empty_groups == 1 else "are"
        groups = counted(result.empty_groups, "group")
        notes.append(f"{groups} before the first value {verb} left out.")
    return [
        *notes,
        *_odd_figures(query),
        *text_notes(_texts(query, result, evidence, listed_rows=listed_rows)),
    ]


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


def _texts(
    query: RecordQuery, result: Result, evidence: Evidence, *, listed_rows: bool
) -> list[object]:
    """What an answer shows of the words of the records."""
    grouped = query.by is not None and query.by.field is not None
    groups: list[object] = [line.group for line in result.lines] if grouped else []
    rows = result.rows[:LISTED_ROWS] if listed_rows else ()
    words = [field for field in query.fields if field.column.kind is Kind.WORDS]
    readers = [reader(field, evidence.days) for field in words] if rows else []
    names = [name for row in rows for read in readers for name in _names_of(read(row))]
    return [*groups, *names, *(cell for row in rows for cell in row.cells.values())]


def _names_of(cell: object) -> frozenset[str]:
    return cell if isinstance(cell, frozenset) else frozenset()


def _absent_words(query: RecordQuery, evidence: Evidence, lasting: Sequence[str]) -> list[str]:
    """Words that no record has, with those there are."""
    notes = []
    for comparison in comparisons_in(query.all_conditions):
        field = comparison.field
        if field.column.kind not in {Kind.WORD, Kind.WORDS}:
            continue
        is_read = not field.of_day or field.column.name in evidence.days.figures
        if not isinstance(comparison.operand, tuple) or not is_read:
            continue
        known = _known_words(field, evidence)
        folded = {fold(word) for word in (*known, *lasting)} | {ANY, NONE}
        written = [str(word) for word in comparison.operand]
        if not any(_is_one_of(word, folded) for word in written):
            shown = ", ".join(map(quoted, known[:_NAMED])) or "none at all"
            name, word = field.column.name, written[0].strip(PART)[:40]
            notes.append(f"No {name} “{word}” in what was read; there is: {shown}.")
    return notes


def _is_one_of(word: str, known: set[str]) -> bool:
    """Whether a written word, or part of one, is among known ones."""
    return any(has_part(name, word) for name in known) if is_part(word) else word in known


def _order_notes(query: RecordQuery, result: Result) -> list[str]:
    """What an order that was not asked for has chosen, and of what a change is."""
    notes = []
    is_cut = query.limit is not None and len(result.rows) < result.matched.rows
    if is_cut and query.by is None and query.sort is None:
        notes.append("These are the oldest of the period; for the newest add sort “-start”.")
    if "change" in query.calculate and query.metrics and "mean" not in query.calculate:
        notes.append("change: of the mean, against the group before.")
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
        for comparison in comparisons_in(query.where)
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


def _never_in_period(query: RecordQuery, result: Result, evidence: Evidence) -> list[str]:
    """Conditions on the calendar that no day of the period meets."""
    if result.matched.rows or not evidence.rows:
        return []
    return [
        f"No day of the period has {condition_words(comparison)}."
        for comparison in comparisons_in(query.where)
        if comparison.field.column.name in CALENDAR
        and not any(map(test_of(comparison, evidence), evidence.rows))
    ]


def contradictions(query: RecordQuery, evidence: Evidence) -> list[str]:
    """Conditions that each can be met, and that no row can meet together."""
    required = required_in(query.where)
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
