"""The answer of a query: its sentence, tables and notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from annulet.analytics.query.engine import left_out_of_today
from annulet.analytics.query.question import RecordQuery, Result
from annulet.toolkit.answer_builder import Body, Table, TypedAnswer, compose, coverage
from annulet.toolkit.dates import Period
from annulet.toolkit.local_time import LocalTime
from annulet.toolkit.metric_definitions import definition_notes
from annulet.toolkit.query_difference import definition_note, difference_table, verdict_words
from annulet.toolkit.reading.baselines import BASELINE_DAYS
from annulet.toolkit.reading.query_rows import Records, days_without_workout
from annulet.toolkit.reading.ring_periods import newest_since, usual_range_notes
from annulet.toolkit.tool import Answer
from annulet.toolkit.wording.date_format import date_words
from annulet.toolkit.wording.missing_data import unfinished_note, unread_notes
from annulet.toolkit.wording.query_cells import result_table, row_table
from annulet.toolkit.wording.query_notes import need_notes, result_notes
from annulet.toolkit.wording.query_sentences import summary


class MatchedRows(Body, kw_only=True):
    """How many rows met the conditions."""

    rows: int
    of: int
    unknown: int


class QueryAnswer(TypedAnswer, kw_only=True):
    """What was calculated, by group where groups were asked for."""

    matched: MatchedRows
    table: Table
    rows: Table | None = None
    difference: Table | None = None


@dataclass(frozen=True, slots=True)
class AnswerComposer:
    """Everything an answer is made of, so that it can be made again with less of it.

    Attributes:
        of: What a row is.
        query: What was asked.
        result: What came out.
        records: What it was calculated on.
        local_time: The person's clock.
        period: The days of the rows.
        lists_rows: Whether the rows are listed.
        first_notes: How the question was read.
        last_notes: Why days have nothing.
    """

    of: str
    query: RecordQuery
    result: Result
    records: Records
    local_time: LocalTime
    period: Period
    lists_rows: bool
    first_notes: Sequence[str]
    last_notes: Sequence[str]

    def answer(self, query: RecordQuery, shown: Result, notes: Sequence[str]) -> Answer:
        """The answer with some of the figures, metrics and groups.

        Args:
            query: The question with the figures and metrics that are shown.
            shown: The result with the lines that are shown.
            notes: What is said of those that are not.
        """
        evidence, result = self.records.evidence, self.result
        difference = difference_table(query, evidence, self.records.rings)
        rows = row_table(self.of, self.query, result, evidence) if self.lists_rows else None
        return compose(
            f"{self._sentence()}{verdict_words(query, difference)}",
            QueryAnswer(
                matched=_matched(result),
                table=result_table(query, shown),
                rows=rows,
                difference=difference,
            ),
            local_time=self.local_time,
            period=self.period,
            covered=coverage(self.period, self.records.with_data),
            notes=[
                *self._notes_of_reading(differs=difference is not None),
                *definition_note(query),
                *notes,
                *self._notes_of_result(query, shown),
                *self.last_notes,
                *definition_notes(field.column.name for field in query.fields),
            ],
        )

    def _sentence(self) -> str:
        """The sentence names the largest and the smallest of all groups, shown or not."""
        lacking = days_without_workout(self.records, self.result.undecided)
        return summary(
            self.of,
            self.query,
            self.result,
            self.period,
            self.local_time.today,
            without_workout=lacking if self.of == "days" else 0,
        )

    def _notes_of_reading(self, *, differs: bool) -> list[str]:
        """How the question was read, and what of the records was not."""
        return [
            *self.first_notes,
            *unread_notes(self.records.failures),
            *_today_note(self.records, self.query, self.local_time),
            *_ring_notes(self.records, self.period, self.local_time.today, differs=differs),
        ]

    def _notes_of_result(self, query: RecordQuery, shown: Result) -> list[str]:
        return [
            *result_notes(
                query,
                shown,
                self.records.evidence,
                self.period,
                listed_rows=self.lists_rows,
                lasting=self.records.lasting,
            ),
            *need_notes(query, shown, self.local_time.today),
        ]


def _matched(result: Result) -> MatchedRows:
    counts = result.matched
    return MatchedRows(rows=counts.rows, of=counts.of, unknown=counts.unknown)


def _today_note(records: Records, query: RecordQuery, local_time: LocalTime) -> list[str]:
    open_day, today = local_time.open_day, local_time.today
    if records.so_far:
        return [unfinished_note("so far", records.so_far, open_day, today)]
    by_day = {open_day: list(records.unfinished)}
    # what happens belongs to days of the calendar, also before 04:00
    by_day.setdefault(today, []).extend(left_out_of_today(query, records.evidence))
    return [
        unfinished_note("left out", list(dict.fromkeys(named)), day, today)
        for day, named in by_day.items()
        if named
    ]


def _ring_notes(records: Records, period: Period, today: date, *, differs: bool) -> list[str]:
    notes = []
    ring = newest_since(records.rings, period.start, period.end)
    if differs and ring is not None:
        since = date_words(date.fromordinal(ring), today)
        notes.append(f"A new ring since {since}: difference compares days of the same ring.")
    if records.of_usual:
        notes += usual_range_notes(records.rings, period.start, BASELINE_DAYS, today)
    return notes
