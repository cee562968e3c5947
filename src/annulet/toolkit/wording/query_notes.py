"""What a person should know about the figures of a query."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from annulet.analytics.query.columns import Kind, QueryField
from annulet.analytics.query.conditions import Comparison, Condition, Junction, Statistic
from annulet.analytics.query.evaluation import Evidence
from annulet.analytics.query.literals import ANY, NONE
from annulet.analytics.query.question import STREAKS, RecordQuery, Result
from annulet.analytics.query.rows import reader
from annulet.analytics.query.spelling import fold
from annulet.toolkit.wording.number_format import listed
from annulet.toolkit.wording.person_texts import quoted, text_notes
from annulet.toolkit.wording.query_cells import LISTED_ROWS
from annulet.toolkit.wording.query_sentences import field_words

_NAMED: Final = 12


def result_notes(
    query: RecordQuery, result: Result, evidence: Evidence, *, listed_rows: bool
) -> list[str]:
    """The notes of a result, the most important first.

    Args:
        query: What was asked.
        result: What came out.
        evidence: What it was calculated on.
        listed_rows: Whether the answer lists its rows.
    """
    notes = _absent_words(query, evidence)
    notes += _without_baseline(query, evidence)
    if result.ended_by_unknown and set(STREAKS) & set(query.calculate):
        notes.append("A streak ends at a day that is unknown; it may have been longer.")
    if listed_rows and len(result.rows) > LISTED_ROWS:
        notes.append(f"{len(result.rows) - LISTED_ROWS} more rows are not listed.")
    if result.groups_left_out:
        shown = len({line.group for line in result.lines})
        notes.append(f"{shown} of {shown + result.groups_left_out} groups are shown.")
    return [*notes, *_odd_figures(query), *text_notes(_texts(query, result, listed_rows))]


def _texts(query: RecordQuery, result: Result, listed_rows: bool) -> list[object]:
    """What an answer shows of the words of the records."""
    grouped = query.by is not None and query.by.field is not None
    groups: list[object] = [line.group for line in result.lines] if grouped else []
    rows = result.rows[:LISTED_ROWS] if listed_rows else ()
    return [*groups, *(cell for row in rows for cell in row.cells.values())]


def _absent_words(query: RecordQuery, evidence: Evidence) -> list[str]:
    """Words that no record has, with those there are."""
    notes = []
    for comparison in _comparisons(query.where):
        field = comparison.field
        if field.column.kind not in {Kind.WORD, Kind.WORDS}:
            continue
        is_read = not field.of_day or field.column.name in evidence.days.figures
        if not isinstance(comparison.operand, tuple) or not is_read:
            continue
        known = _known_words(field, evidence)
        folded = {fold(word) for word in known} | {ANY, NONE}
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
    if "sum" in query.calculate:
        odd = [field for field in query.metrics if not field.column.additive]
        if odd:
            notes.append(f"A sum of {listed([field_words(field) for field in odd])} says little.")
    return notes


def _comparisons(conditions: Sequence[Condition]) -> list[Comparison]:
    comparisons: list[Comparison] = []
    for condition in conditions:
        if isinstance(condition, Junction):
            comparisons += _comparisons(condition.parts)
        else:
            comparisons.append(condition)
    return comparisons
