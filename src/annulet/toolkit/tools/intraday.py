"""``oura_intraday``: heart rate or activity inside the day.

Oura has no step series inside the day: activity is MET, minutes by class, and the day's steps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from annulet.analytics.intraday import (
    SampleStats,
    TimedValue,
    by_source,
    distinct,
    downsample,
    stats,
)
from annulet.client.documents import Documents
from annulet.contract.collections import DAILY_ACTIVITY
from annulet.contract.documents import DailyActivity, HeartRateSample
from annulet.contract.texts import code_of
from annulet.data_frames import ColumnType, TableColumn, in_utc
from annulet.errors import UsageError
from annulet.toolkit.answer_builder import (
    COMMON_OUTPUT,
    TABLE_SCHEMA,
    Body,
    Number,
    Table,
    TypedAnswer,
    compose,
    coverage,
)
from annulet.toolkit.context import Context
from annulet.toolkit.local_time import LocalTime, iso_minute
from annulet.toolkit.metrics import METRICS
from annulet.toolkit.reading.gather import Gathered
from annulet.toolkit.reading.left_out import (
    count_of_items,
    left_out_notes,
    unread_rows_notes,
)
from annulet.toolkit.reading.sync_status import last_sync, sync_note
from annulet.toolkit.reading.zone_lookup import resolve_local_time, resolve_local_time_around
from annulet.toolkit.time_ranges import TimeRange, resolve_time_range
from annulet.toolkit.tool import Answer, Tool, with_arguments
from annulet.toolkit.wording.intraday_sentences import activity_summary, heart_rate_summary
from annulet.toolkit.wording.number_format import counted, rounded

_LONGEST: Final = 31
_MOST_VALUES: Final = 1500
_RESOLUTIONS: Final = (0, 5, 15, 30, 60)
_ACTIVITY_FIELDS: Final = ("day", "timestamp", "steps", "met", "class_5_min")
_CLASSES: Final = {
    "0": "non_wear",
    "1": "rest",
    "2": "inactive",
    "3": "low",
    "4": "medium",
    "5": "high",
}
_SLOT: Final = timedelta(minutes=5)
_STALE: Final = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class IntradayArguments:
    """The arguments of ``oura_intraday``."""

    metric: str
    start: str | None
    end: str | None
    resolution_min: int


class StatsBody(Body, kw_only=True):
    """The extremes and the time-weighted average of the range, in bpm, with local times."""

    min: Number | None
    max: Number | None
    avg: Number | None
    samples: int
    min_at: str | None
    max_at: str | None


class SeriesBody(Body, kw_only=True):
    """A value for each interval from ``start`` on; ``None`` where nothing was measured."""

    start: str | None
    interval_min: int
    values: list[Number | None]


class NewestBody(Body, kw_only=True):
    """The newest heart rate and its local time."""

    bpm: Number | None
    at: str | None


class IntradayAnswer(TypedAnswer, kw_only=True):
    """Heart rate (``stats``, ``newest``, ``by_source``) or activity inside a time range."""

    stats: StatsBody | None = None
    newest: NewestBody | None = None
    by_source: Table | None = None
    met: StatsBody | None = None
    minutes: dict[str, int] | None = None
    steps_of_day: Number | Table | None = None
    series: SeriesBody | None = None

    def columns_of_values(self) -> Mapping[str, TableColumn]:
        """The series where there is one (``at``, ``value``), else the one table."""
        if self.series is None or self.series.start is None:
            return super().columns_of_values()
        start = datetime.fromisoformat(self.series.start)
        step = timedelta(minutes=self.series.interval_min)
        at = [in_utc(start + step * place) for place in range(len(self.series.values))]
        return {
            "at": TableColumn(ColumnType.INSTANT, at),
            "value": TableColumn(ColumnType.NUMBER, self.series.values),
        }


async def _run(context: Context, arguments: IntradayArguments) -> Answer:
    start, end = arguments.start, arguments.end
    local_time = await resolve_local_time(context)
    asked = resolve_time_range(start, end, local_time, longest=_LONGEST)
    then = await resolve_local_time_around(context, local_time, asked.start, asked.end)
    if then is not local_time:
        local_time, asked = then, resolve_time_range(start, end, then, longest=_LONGEST)
    minutes = min(_RESOLUTIONS, key=lambda step: abs(step - arguments.resolution_min))
    _check_length(asked, timedelta(minutes=minutes))
    ask = _activity if arguments.metric == "activity" else _heart_rate
    answer = await ask(context, local_time, asked, timedelta(minutes=minutes))
    if minutes != arguments.resolution_min:
        note = f"resolution_min {arguments.resolution_min} was taken as {minutes}."
        answer["notes"] = [*answer.get("notes", []), note]
    return answer


def _check_length(asked: TimeRange, step: timedelta) -> None:
    if step and (asked.end - asked.start) / step > _MOST_VALUES:
        raise UsageError(
            f"A series of {round((asked.end - asked.start) / step):,} values is too long to read.",
            hint="Ask for fewer days, a coarser resolution_min, or none (0).",
        )


async def _heart_rate(
    context: Context, local_time: LocalTime, asked: TimeRange, step: timedelta
) -> Answer:
    start, end = asked.start.astimezone(UTC), asked.end.astimezone(UTC)
    rows = await context.client.heartrate(start, end, fields=("bpm", "source"))
    samples = distinct(
        TimedValue(row.timestamp, row.bpm, code_of(row.source) or "unknown")
        for row in rows
        if row.timestamp is not None and row.bpm is not None and start <= row.timestamp < end
    )
    statistics = stats(samples)
    body = IntradayAnswer(
        stats=_stats(statistics, local_time),
        newest=_newest(samples, asked, local_time),
        by_source=_sources(samples),
        series=_series(samples, (start, end), step, local_time, digits=0),
    )
    answer = compose(
        heart_rate_summary(asked, local_time, statistics),
        body,
        local_time=local_time,
        period=asked.period,
        covered=coverage(asked.period, _days(samples, local_time)),
        names_every_day=True,
        notes=[
            *await _sync_notes(context, local_time, asked, samples),
            _left_out_note(rows),
        ],
    )
    return _with_times(answer, asked)


def _newest(
    samples: Sequence[TimedValue], asked: TimeRange, local_time: LocalTime
) -> NewestBody | None:
    """The newest heart rate, where the range reaches now."""
    if not samples or asked.end < local_time.now:
        return None
    newest = samples[-1]
    return NewestBody(bpm=rounded(newest.value), at=iso_minute(newest.at, local_time.zone))


def _left_out_note(rows: Documents[HeartRateSample]) -> str:
    """How many samples are no measurement: without a rate a person can have, or without a time."""
    count = rows.left_out + sum("bpm" in row.extra for row in rows)
    return f"{counted(count, 'sample')} left out: no possible rate or no time." if count else ""


def _days(samples: Sequence[TimedValue], local_time: LocalTime) -> set[date]:
    return {sample.at.astimezone(local_time.zone.tz).date() for sample in samples}


def _with_times(answer: Answer, asked: TimeRange) -> Answer:
    """The resolved range to the minute, where times of day were asked for."""
    if not asked.whole_days:
        answer["period"]["start"] = iso_minute(asked.start)
        answer["period"]["end"] = iso_minute(asked.end)
    return answer


async def _sync_notes(
    context: Context, local_time: LocalTime, asked: TimeRange, samples: Sequence[TimedValue]
) -> list[str]:
    """Why the newest hours may be missing: the ring may not have synced since."""
    end = asked.end.astimezone(UTC)
    if samples and end - samples[-1].at < _STALE:
        return []
    synced = await last_sync(context)
    if synced is not None and end - synced >= _STALE:
        return [sync_note(local_time, synced)]
    return [] if samples else ["Nothing was measured then: perhaps the ring was not worn or empty."]


async def _activity(
    context: Context, local_time: LocalTime, asked: TimeRange, step: timedelta
) -> Answer:
    period = asked.period
    # Oura's activity day runs from four to four: the night hours belong to the day before.
    documents = await context.client.collection(
        DAILY_ACTIVITY,
        period.start - timedelta(days=1),
        period.end + timedelta(days=1),
        fields=_ACTIVITY_FIELDS,
    )
    start, end = asked.start.astimezone(UTC), asked.end.astimezone(UTC)
    samples = [sample for sample in _met(documents) if start <= sample.at < end]
    minutes = _class_minutes(documents, start, end)
    in_period = [(d.day, d) for d in documents if d.day is not None and d.day in period]
    steps = {day: document.steps for day, document in in_period if document.steps is not None}
    body = IntradayAnswer(
        met=_stats(stats(samples), local_time, digits=1),
        minutes=minutes or None,
        steps_of_day=_steps(steps, period.length),
        series=_series(samples, (start, end), step, local_time, digits=1),
    )
    # Before four in the morning there are minutes, though the day has no document yet.
    days = {day for day, _ in in_period} or _days(samples, local_time)
    unfinished = local_time.today if local_time.today in steps else None
    answer = compose(
        activity_summary(asked, local_time, minutes, steps),
        body,
        local_time=local_time,
        period=period,
        covered=coverage(period, days),
        names_every_day=True,
        unfinished=unfinished,
        notes=[
            "Oura has no steps inside the day: steps are one number a day, MET one a minute.",
            "Today's activity is still being counted." if unfinished else "",
            *await _sync_notes(context, local_time, asked, samples),
            *_left_out_activity([document for _, document in in_period]),
            *unread_rows_notes(Gathered({DAILY_ACTIVITY: documents}, {})),
        ],
    )
    return _with_times(answer, asked)


def _left_out_activity(documents: Sequence[DailyActivity]) -> list[str]:
    """What of the days is no measurement: their steps, or minutes of the MET series."""
    steps = METRICS["steps"]
    notes = left_out_notes(
        {steps: days} if (days := sum(map(steps.is_left_out, documents))) else {}
    )
    items = sum(count_of_items(document.met) for document in documents)
    return [*notes, f"{counted(items, 'MET value')} left out: not possible."] if items else notes


def _met(documents: Sequence[DailyActivity]) -> list[TimedValue]:
    """MET by the minute, in order of time; where two days overlap, the later day counts."""
    by_minute: dict[datetime, TimedValue] = {}
    for document in documents:
        met = document.met
        if met is None or not met.interval or met.timestamp is None or met.timestamp.tzinfo is None:
            continue
        first, interval = met.timestamp.astimezone(UTC), timedelta(seconds=met.interval)
        for place, value in enumerate(met.items or ()):
            if value is not None:
                at = first + place * interval
                by_minute[at] = TimedValue(at, value, "met")
    return distinct(by_minute.values())


def _class_minutes(
    documents: Sequence[DailyActivity], start: datetime, end: datetime
) -> dict[str, int]:
    """Minutes by class; where two days overlap, as when a day has 23 hours, the later counts."""
    classes: dict[datetime, str] = {}
    for document in documents:
        first = document.timestamp
        if first is None or first.tzinfo is None:
            continue
        for place, code in enumerate(document.class_5_min or ""):
            classes[first.astimezone(UTC) + place * _SLOT] = code
    counted = Counter(code for at, code in classes.items() if start <= at < end)
    return {name: 5 * counted[code] for code, name in _CLASSES.items() if counted[code]}


def _steps(steps: Mapping[date, Number], days: int) -> Number | Table | None:
    if days == 1 or not steps:
        return next(iter(steps.values()), None)
    return Table(["day", "steps"], [[day.isoformat(), count] for day, count in steps.items()])


def _stats(
    statistics: SampleStats | None, local_time: LocalTime, *, digits: int = 0
) -> StatsBody | None:
    if statistics is None:
        return None
    return StatsBody(
        min=rounded(statistics.low, digits),
        max=rounded(statistics.high, digits),
        avg=rounded(statistics.mean, 1),
        samples=statistics.samples,
        min_at=iso_minute(statistics.low_at, local_time.zone),
        max_at=iso_minute(statistics.high_at, local_time.zone),
    )


def _sources(samples: Sequence[TimedValue]) -> Table | None:
    rows = [
        [source, of.samples, rounded(of.low), rounded(of.mean, 1), rounded(of.high)]
        for source, of in by_source(samples).items()
    ]
    return Table(["source", "samples", "min", "avg", "max"], rows) if rows else None


def _series(
    samples: Sequence[TimedValue],
    ends: tuple[datetime, datetime],
    step: timedelta,
    local_time: LocalTime,
    *,
    digits: int,
) -> SeriesBody | None:
    if not step or not samples:
        return None
    return SeriesBody(
        start=iso_minute(ends[0], local_time.zone),
        interval_min=round(step / timedelta(minutes=1)),
        values=[rounded(value, digits) for value in downsample(samples, *ends, step)],
    )


TOOL: Final = Tool(
    name="oura_intraday",
    title="Inside the day",
    description=(
        "Heart rate or activity (MET, activity classes) inside a time range: lowest, highest, "
        "average, optional series. No step series exists."
    ),
    properties={
        "metric": {
            "type": "string",
            "enum": ["heart_rate", "activity"],
            "default": "heart_rate",
            "description": "What is looked at",
        },
        "start": {
            "type": "string",
            "description": "Day, words or datetime (2026-05-01T14:00); default yesterday",
        },
        "end": {"type": "string", "description": "Day (inclusive) or datetime"},
        "resolution_min": {
            "type": "integer",
            "default": 0,
            "description": "Minutes per value of a series: 5, 15, 30, 60; 0: no series",
        },
    },
    output={
        "type": "object",
        "properties": {
            **COMMON_OUTPUT,
            "stats": {"type": "object"},
            "newest": {"type": "object"},
            "by_source": TABLE_SCHEMA,
            "met": {"type": "object"},
            "minutes": {"type": "object"},
            "series": {"type": "object"},
        },
        "required": ["summary", "period", "coverage"],
    },
    scopes=("heartrate", "daily"),
    run=with_arguments(IntradayArguments, _run),
)
