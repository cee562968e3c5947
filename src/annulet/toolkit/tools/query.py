"""``oura_query``: counts, averages, groups and streaks over a person's own records."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from annulet.analytics.query.engine import run
from annulet.analytics.query.grouping import Grouping, Range
from annulet.analytics.query.question import RecordQuery, Sort
from annulet.toolkit.answer_builder import (
    COMMON_OUTPUT,
    TABLE_SCHEMA,
)
from annulet.toolkit.context import Context
from annulet.toolkit.dates import Period, period_of, resolve
from annulet.toolkit.local_time import LocalTime
from annulet.toolkit.metrics import DAYTIME, METRICS
from annulet.toolkit.query_answer import AnswerComposer
from annulet.toolkit.query_arguments import plain_arguments
from annulet.toolkit.query_columns import ROW_COLUMNS, vocabulary
from annulet.toolkit.query_size import fitted
from annulet.toolkit.query_terms import RING, QueryTerms
from annulet.toolkit.reading.query_rows import Records, read_records
from annulet.toolkit.reading.ring_periods import ring_periods
from annulet.toolkit.reading.sync_status import DAY, NIGHT, missing_days
from annulet.toolkit.reading.zone_lookup import resolve_local_time
from annulet.toolkit.tool import Answer, Tool, with_arguments

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


async def _run(context: Context, arguments: QueryArguments) -> Answer:
    local_time = await resolve_local_time(context)
    of, today = arguments.of, local_time.today
    terms = QueryTerms(vocabulary(of, today.toordinal()), of_days=of == "days", today=today)
    arguments = _without_one(arguments, terms.notes)
    query = _query(terms, arguments, today)
    period, records, query = await _read(context, local_time, arguments, query)
    result = run(query, records.evidence)
    composer = AnswerComposer(
        of=of,
        query=query,
        result=result,
        records=records,
        local_time=local_time,
        period=period,
        lists_rows=arguments.list or (arguments.limit is not None and query.by is None),
        first_notes=terms.notes,
        last_notes=[
            *await _missing_notes(context, local_time, of, period, records),
            *records.left_out,
        ],
    )
    return fitted(composer.answer, query, result, are_figures_asked=bool(arguments.calculate))


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


def _without_one(arguments: QueryArguments, notes: list[str]) -> QueryArguments:
    """Where the highest or lowest is asked for with a limit of one: that one, not the newest."""
    figures = {figure.strip().casefold() for figure in arguments.calculate or ()}
    if arguments.limit != 1 or arguments.sort or not figures or not figures <= {"max", "min"}:
        return arguments
    if len(figures) == 1 and (arguments.by or len(arguments.metrics or ()) == 1):
        return replace(arguments, sort="highest" if figures == {"max"} else "lowest")
    if arguments.by:
        return arguments
    notes.append("limit is left out: highest and lowest are of all rows.")
    return replace(arguments, limit=None)


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
    begun = [span for span in ranges if span.first <= today.toordinal()]
    if begun and not arguments.start and not arguments.end:
        first = date.fromordinal(min(span.first for span in begun))
        last = date.fromordinal(min(max(span.last for span in begun), today.toordinal()))
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


async def _missing_notes(
    context: Context, local_time: LocalTime, of: str, period: Period, records: Records
) -> list[str]:
    """Why days have nothing; only of what was read, and only where the ring tells."""
    recorded, today = records.recorded, local_time.today
    if recorded is None or records.failures:
        return []
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
