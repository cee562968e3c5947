"""``oura_query``: counts, averages, groups and streaks over a person's own records."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from annulet.analytics.query.engine import left_out_of_today, run
from annulet.analytics.query.grouping import Grouping, Range
from annulet.analytics.query.question import RecordQuery, Result, Sort
from annulet.toolkit.answer_builder import (
    COMMON_OUTPUT,
    TABLE_SCHEMA,
    Body,
    Table,
    TypedAnswer,
    compose,
    coverage,
)
from annulet.toolkit.context import Context
from annulet.toolkit.dates import Period, period_of, resolve
from annulet.toolkit.local_time import LocalTime
from annulet.toolkit.metric_definitions import definition_notes
from annulet.toolkit.metrics import DAYTIME, METRICS
from annulet.toolkit.query_arguments import plain_arguments
from annulet.toolkit.query_columns import ROW_COLUMNS, vocabulary
from annulet.toolkit.query_difference import definition_note, difference_table, verdict_words
from annulet.toolkit.query_size import fitted
from annulet.toolkit.query_terms import RING, QueryTerms
from annulet.toolkit.reading.baselines import BASELINE_DAYS
from annulet.toolkit.reading.query_rows import Records, read_records
from annulet.toolkit.reading.ring_periods import newest_since, ring_periods, usual_range_notes
from annulet.toolkit.reading.sync_status import DAY, NIGHT, missing_days
from annulet.toolkit.reading.zone_lookup import resolve_local_time
from annulet.toolkit.tool import Answer, Tool, with_arguments
from annulet.toolkit.wording.date_format import date_words
from annulet.toolkit.wording.missing_data import unread_notes
from annulet.toolkit.wording.query_cells import result_table, row_table
from annulet.toolkit.wording.query_notes import result_notes
from annulet.toolkit.wording.query_sentences import summary

_LONGEST: Final = 366 * 10 + 3
_WINDOWS: Final = (35, 185, 366)
"""Days that are looked at in turn where the newest rows are asked for and no start is given."""
_MOST_ROWS: Final = 1000
_USUAL_DAYS: Final = 30
_RECENT: Final = timedelta(days=2)
"""Of days that are older than this it is not told why all of them are missing."""


@dataclass(frozen=True, slots=True)
class QueryArguments:
    """The arguments of ``oura_query``."""

    of: str
    start: str | None
    end: str | None
    metrics: Sequence[str] | None
    where: Sequence[str] | None
    by: str | None
    calculate: Sequence[str] | None
    sort: str | None
    limit: int | None
    list: bool


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


async def _run(context: Context, arguments: QueryArguments) -> Answer:
    local_time = await resolve_local_time(context)
    of, today = arguments.of, local_time.today
    terms = QueryTerms(vocabulary(of, today.toordinal()), of_days=of == "days", today=today)
    query = _query(terms, arguments, today)
    period, records, query = await _read(context, local_time, arguments, query)
    result = run(query, records.evidence)
    lists_rows = arguments.list or (arguments.limit is not None and query.by is None)
    rows = row_table(of, query, result, records.evidence) if lists_rows else None
    difference = difference_table(query, records.evidence, records.rings)
    covered = coverage(period, records.with_data)
    missing = await _missing_notes(context, local_time, of, period, records)

    def composed(query: RecordQuery, shown: Result, notes: Sequence[str]) -> Answer:
        return compose(
            # The sentence names the largest and the smallest of all groups, shown or not.
            f"{summary(of, query, result, period, today)}{verdict_words(query, difference)}",
            QueryAnswer(
                matched=_matched(result),
                table=result_table(query, shown),
                rows=rows,
                difference=difference,
            ),
            local_time=local_time,
            period=period,
            covered=covered,
            notes=[
                *terms.notes,
                *unread_notes(records.failures),
                *_today_note(records, query),
                *_ring_notes(records, period, today, differs=difference is not None),
                *definition_note(query),
                *notes,
                *result_notes(query, shown, records.evidence, period, listed_rows=lists_rows),
                *missing,
                *definition_notes(field.column.name for field in query.fields),
            ],
        )

    return fitted(composed, query, result, are_figures_asked=bool(arguments.calculate))


def _matched(result: Result) -> MatchedRows:
    counts = result.matched
    return MatchedRows(rows=counts.rows, of=counts.of, unknown=counts.unknown)


def _query(terms: QueryTerms, arguments: QueryArguments, today: date) -> RecordQuery:
    newest_first = (
        arguments.limit is not None
        and arguments.start is None
        and not arguments.sort
        and not arguments.by
    )
    return terms.query(
        metrics=arguments.metrics or (),
        where=arguments.where or (),
        by=arguments.by,
        calculate=arguments.calculate or (),
        # Looking back as far as needed, the first rows are the newest.
        sort="-start" if newest_first else arguments.sort,
        limit=arguments.limit,
        last_day=today,
    )


async def _read(
    context: Context, local_time: LocalTime, arguments: QueryArguments, query: RecordQuery
) -> tuple[Period, Records, RecordQuery]:
    """The records of the asked period; without one, of as many days as the rows need."""
    today = local_time.today
    last = _last_of_window(arguments, query, today)
    if last is None:
        period = _period(arguments, query, today)
        query = replace(query, last_day=period.end.toordinal())
        records, rings = await asyncio.gather(
            read_records(context, local_time, arguments.of, query, period),
            _rings(context, arguments.of, query),
        )
        if rings:
            query = replace(query, by=Grouping(ranges=rings))
        return period, records, query
    query = replace(query, last_day=last.toordinal())
    newest = query.sort is not None and query.sort.descending and _in_time(query.sort)
    for days in _WINDOWS if newest else _WINDOWS[-1:]:
        period = _days_up_to(last, days, today)
        records = await read_records(context, local_time, arguments.of, query, period)
        if run(query, records.evidence).matched.rows >= (arguments.limit or 0):
            break
    return period, records, query


def _last_of_window(arguments: QueryArguments, query: RecordQuery, today: date) -> date | None:
    """The day from which rows are looked for backwards; None where the days are given."""
    if arguments.start or arguments.limit is None or query.by is not None:
        return None
    if not arguments.end:
        return today
    asked = period_of(arguments.end, today)
    return min(asked.end, today) if asked.length == 1 else None


async def _rings(context: Context, of: str, query: RecordQuery) -> tuple[Range, ...]:
    """The times of the person's rings, where those are the groups."""
    is_asked = query.by is not None and query.by.calendar == RING
    if not is_asked:
        return ()
    daytime = any(
        metric.collection in DAYTIME
        for field in query.metrics
        if (metric := METRICS.get(field.column.name)) is not None
    )
    return await ring_periods(context, nightly=of == "sleeps" or (of == "days" and not daytime))


def _in_time(sort: Sort) -> bool:
    return not isinstance(sort.key, str) and sort.key.column.name in {"day", "start"}


def _period(arguments: QueryArguments, query: RecordQuery, today: date) -> Period:
    """The asked days; those of the named ranges where only they are given."""
    ranges = () if query.by is None else query.by.ranges
    if ranges and not arguments.start and not arguments.end:
        first = date.fromordinal(min(span.first for span in ranges))
        last = date.fromordinal(min(max(span.last for span in ranges), today.toordinal()))
        return resolve(first.isoformat(), last.isoformat(), today, longest=_LONGEST)
    start, end = arguments.start, arguments.end
    if end and not start:
        asked = period_of(end, today)
        if asked.length == 1:  # an end alone: as many days as without any
            return _days_up_to(asked.end, _USUAL_DAYS, today)
    return resolve(start, end, today, default="last 30 days", longest=_LONGEST)


def _days_up_to(last: date, days: int, today: date) -> Period:
    last = min(last, today)
    first = date.fromordinal(max(1, last.toordinal() - days + 1))
    return resolve(first.isoformat(), last.isoformat(), today, longest=_LONGEST)


def _today_note(records: Records, query: RecordQuery) -> list[str]:
    if records.so_far:
        return [f"Today is not over; so far: {', '.join(records.so_far)}."]
    left_out = [*records.unfinished, *left_out_of_today(query, records.evidence)]
    return [f"Today is not over; left out: {', '.join(left_out)}."] if left_out else []


def _ring_notes(records: Records, period: Period, today: date, *, differs: bool) -> list[str]:
    notes = []
    ring = newest_since(records.rings, period.start, period.end)
    if differs and ring is not None:
        since = date_words(date.fromordinal(ring), today)
        notes.append(f"A new ring since {since}: difference compares days of the same ring.")
    if records.of_usual:
        notes += usual_range_notes(records.rings, period.start, BASELINE_DAYS, today)
    return notes


async def _missing_notes(
    context: Context, local_time: LocalTime, of: str, period: Period, records: Records
) -> list[str]:
    """Why days have nothing; only of what was read, and only where the ring tells."""
    recorded, today = records.recorded, local_time.today
    if recorded is None or records.failures:
        return []
    if records.days_before and not records.has_figures:
        return [f"Too early: the figure follows from up to {records.days_before} days before it."]
    if period.end < today - _RECENT and not any(day in period for day in recorded):
        return ["The ring recorded nothing in this period: not worn, or not yet yours."]
    if of not in {"days", "sleeps"} and recorded:
        return []
    if records.nightly:
        return await missing_days(context, local_time, period.days, recorded, NIGHT)
    # Figures of a day that is not over are left out: that they are missing is no news.
    days = [day for day in period.days if day != today or period.length == 1]
    return await missing_days(context, local_time, days, recorded, DAY)


TOOL: Final = Tool(
    name="oura_query",
    title="Count, average, group",
    description=(
        "Any arithmetic on the person's records: how many, how often, share, average, best, "
        "streaks; by weekday, month, sport, tag. Use it instead of adding up rows. Examples: "
        '{"where":["steps >= 10000"],"calculate":["count","share_pct"]} · '
        '{"metrics":["hrv_avg_ms"],"where":["previous.tag = alcohol"]} · '
        '{"of":"workouts","where":["activity = running"],"sort":"-start","limit":3,'
        '"metrics":["distance_m"],"calculate":["mean"]} · '
        '{"metrics":["total_sleep_min"],"by":"weekday"}. '
        "Nights are dated by waking: previous. is the day before."
    ),
    properties={
        "of": {
            "type": "string",
            "enum": list(ROW_COLUMNS),
            "default": "days",
            "description": "What a row is",
        },
        "start": {"type": "string", "description": "ISO day or words; default last 30 days"},
        "end": {"type": "string", "description": "Last day, inclusive"},
        "metrics": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Columns to calculate on",
        },
        "where": {
            "type": "array",
            "items": {"type": "string"},
            "description": "All hold: FIELD = != > >= < <= VALUE, e.g. bedtime > 23:30, "
            "weekday = sat,sun, total_sleep_min < 7h, hrv_avg_ms < usual_low",
        },
        "by": {
            "type": "string",
            "description": "weekday, weekend, week, month, activity, tag, …; a condition; ranges",
        },
        "calculate": {
            "type": "array",
            "items": {"type": "string"},
            "description": "count, share_pct, sum, mean, median, sd, min, max, p90, "
            "longest_streak, current_streak, change, …",
        },
        "sort": {"type": "string", "description": "-start, distance_m; with by: -mean"},
        "limit": {
            "type": "integer",
            "minimum": 1,
            "maximum": _MOST_ROWS,
            "description": "Only so many rows or groups",
        },
        "list": {"type": "boolean", "default": False, "description": "Also list the rows"},
    },
    output={
        "type": "object",
        "properties": {
            **COMMON_OUTPUT,
            "matched": {"type": "object"},
            "table": TABLE_SCHEMA,
            "rows": TABLE_SCHEMA,
            "difference": TABLE_SCHEMA,
        },
        "required": ["summary", "period", "coverage", "matched", "table"],
    },
    scopes=("daily", "workout", "session", "tag", "stress", "spo2", "heart_health"),
    run=with_arguments(QueryArguments, _run),
    prepare=plain_arguments,
    unsplit=("where",),
)
