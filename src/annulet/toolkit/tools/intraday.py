"""``oura_intraday``: heart rate or activity inside the day.

Oura has no step series inside the day: activity is told in MET, in minutes per class, and in the
day's steps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from annulet.analytics.intraday import Sample, SampleStats, by_source, distinct, downsample, stats
from annulet.contract.documents import DailyActivity
from annulet.errors import UsageError
from annulet.toolkit.answer_builder import COMMON_OUTPUT, TABLE_SCHEMA, compose, coverage, table
from annulet.toolkit.context import Context
from annulet.toolkit.local_time import LocalTime, local_time
from annulet.toolkit.reading.sync_status import last_sync, sync_note
from annulet.toolkit.reading.zone_lookup import resolve_local_time, resolve_local_time_around
from annulet.toolkit.time_ranges import Span, resolve_span
from annulet.toolkit.tool import Answer, Arguments, Tool
from annulet.toolkit.wording.date_format import span_words
from annulet.toolkit.wording.number_format import rounded

__all__ = ["TOOL"]

_LONGEST: Final = 31
_MOST_VALUES: Final = 1500
_RESOLUTIONS: Final = [0, 5, 15, 30, 60]
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


async def _run(context: Context, arguments: Arguments) -> Answer:
    moment = await resolve_local_time(context)
    span = resolve_span(arguments, moment, longest=_LONGEST)
    then = await resolve_local_time_around(context, moment, span.start, span.end)
    if then is not moment:
        moment, span = then, resolve_span(arguments, then, longest=_LONGEST)
    step = timedelta(minutes=arguments["resolution_min"])
    _check_length(span, step)
    if arguments["metric"] == "activity":
        return await _activity(context, moment, span, step)
    return await _heart_rate(context, moment, span, step)


def _check_length(span: Span, step: timedelta) -> None:
    if step and (span.end - span.start) / step > _MOST_VALUES:
        raise UsageError(
            f"A series of {round((span.end - span.start) / step):,} values is too long to read.",
            hint="Ask for fewer days, a coarser resolution_min, or none (0).",
        )


async def _heart_rate(context: Context, moment: LocalTime, span: Span, step: timedelta) -> Answer:
    start, end = span.start.astimezone(UTC), span.end.astimezone(UTC)
    rows = await context.client.heartrate(start, end, fields=("bpm", "source"))
    samples = distinct(
        Sample(row.timestamp, row.bpm, row.source or "unknown")
        for row in rows
        if row.timestamp is not None and row.bpm is not None and start <= row.timestamp < end
    )
    body = {
        "stats": _stats(stats(samples), moment),
        "by_source": _sources(samples),
        "series": _series(samples, (start, end), step, moment, digits=0),
    }
    days = {sample.at.astimezone(moment.zone.tz).date() for sample in samples}
    answer = compose(
        _heart_words(span, moment, samples),
        body,
        moment=moment,
        period=span.period,
        covered=coverage(span.period, days),
        notes=await _silence(context, moment, span, samples),
    )
    return _echo(answer, span)


def _echo(answer: Answer, span: Span) -> Answer:
    """The resolved range to the minute, where times of day were asked for."""
    if not span.whole_days:
        answer["period"]["start"] = local_time(span.start)
        answer["period"]["end"] = local_time(span.end)
    return answer


async def _silence(
    context: Context, moment: LocalTime, span: Span, samples: Sequence[Sample]
) -> list[str]:
    """Why the newest hours may be missing: the ring may not have synced since."""
    end = span.end.astimezone(UTC)
    if samples and end - samples[-1].at < _STALE:
        return []
    synced = await last_sync(context)
    if synced is not None and end - synced >= _STALE:
        return [sync_note(moment, synced)]
    return [] if samples else ["Nothing was measured then: perhaps the ring was not worn or empty."]


async def _activity(context: Context, moment: LocalTime, span: Span, step: timedelta) -> Answer:
    period = span.period
    # Oura's activity day runs from four to four: the night hours belong to the day before.
    documents: list[DailyActivity] = await context.client.collection(
        "daily_activity",
        period.start - timedelta(days=1),
        period.end + timedelta(days=1),
        fields=_ACTIVITY_FIELDS,
    )
    start, end = span.start.astimezone(UTC), span.end.astimezone(UTC)
    samples = [sample for sample in _met(documents) if start <= sample.at < end]
    minutes = _class_minutes(documents, start, end)
    steps = {d.day: d.steps for d in documents if d.day in period and d.steps is not None}
    body = {
        "met": _stats(stats(samples), moment, digits=1),
        "minutes": minutes or None,
        "steps_of_day": _steps(steps, period.length),
        "series": _series(samples, (start, end), step, moment, digits=1),
    }
    days = {d.day for d in documents if d.day is not None and d.day in period}
    # Before four in the morning there are minutes, though the day has no document yet.
    days = days or {sample.at.astimezone(moment.zone.tz).date() for sample in samples}
    notes = ["Oura has no steps inside the day: steps are one number a day, MET one a minute."]
    if moment.today in steps:
        notes.append("Today's activity is still being counted.")
    answer = compose(
        _activity_words(span, moment, minutes, steps),
        body,
        moment=moment,
        period=period,
        covered=coverage(period, days),
        notes=[*notes, *await _silence(context, moment, span, samples)],
    )
    return _echo(answer, span)


def _met(documents: Sequence[DailyActivity]) -> list[Sample]:
    """MET by the minute, in order of time; where two days overlap, the later day counts."""
    found: dict[datetime, Sample] = {}
    for document in documents:
        met = document.met
        if met is None or not met.interval or met.timestamp is None or met.timestamp.tzinfo is None:
            continue
        first, interval = met.timestamp.astimezone(UTC), timedelta(seconds=met.interval)
        for place, value in enumerate(met.items or ()):
            if value is not None:
                at = first + place * interval
                found[at] = Sample(at, value, "met")
    return distinct(found.values())


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


def _steps(steps: dict[Any, Any], days: int) -> Any:
    if not steps:
        return None
    if days == 1:
        return next(iter(steps.values()))
    return table(["day", "steps"], [[day.isoformat(), count] for day, count in steps.items()])


def _stats(
    found: SampleStats | None, moment: LocalTime, *, digits: int = 0
) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "min": rounded(found.low, digits),
        "max": rounded(found.high, digits),
        "avg": rounded(found.mean, 1),
        "samples": found.samples,
        "min_at": local_time(found.low_at, moment.zone),
        "max_at": local_time(found.high_at, moment.zone),
    }


def _sources(samples: Sequence[Sample]) -> dict[str, Any] | None:
    rows = [
        [source, found.samples, rounded(found.low), rounded(found.mean, 1), rounded(found.high)]
        for source, found in by_source(samples).items()
    ]
    return table(["source", "samples", "min", "avg", "max"], rows) if rows else None


def _series(
    samples: Sequence[Sample],
    ends: tuple[datetime, datetime],
    step: timedelta,
    moment: LocalTime,
    *,
    digits: int,
) -> dict[str, Any] | None:
    if not step or not samples:
        return None
    values = downsample(samples, *ends, step)
    return {
        "start": local_time(ends[0], moment.zone),
        "interval_min": round(step / timedelta(minutes=1)),
        "values": [rounded(value, digits) for value in values],
    }


def _heart_words(span: Span, moment: LocalTime, samples: Sequence[Sample]) -> str:
    found = stats(samples)
    asked = _asked(span, moment)
    if found is None:
        return f"No heart rate recorded {asked}."
    low = found.low_at.astimezone(moment.zone.tz)
    high = found.high_at.astimezone(moment.zone.tz)
    day = "%H:%M" if span.period.length == 1 else "%d %b %H:%M"
    return (
        f"Heart rate {asked}: {found.mean:.0f} bpm on average, lowest {found.low:.0f} "
        f"({low:{day}}), highest {found.high:.0f} ({high:{day}}); {found.samples:,} samples."
    )


def _activity_words(
    span: Span, moment: LocalTime, minutes: dict[str, int], steps: dict[Any, Any]
) -> str:
    if not minutes and not steps:
        return f"No activity recorded {_asked(span, moment)}."
    moved = [
        f"{minutes[name]} min of {name} activity"
        for name in ("high", "medium", "low")
        if name in minutes
    ]
    whole = "" if span.whole_days else " in the whole day"
    counted = [f"{sum(steps.values()):,.0f} steps{whole}"] if steps else []
    parts = [*counted, *moved] or ["nothing above rest"]
    return f"Activity {_asked(span, moment)}: {', '.join(parts)}."


def _asked(span: Span, moment: LocalTime) -> str:
    period = span.period
    if span.whole_days:
        days = span_words(period.start, period.end, moment.today)
        return f"on {days}" if period.length == 1 else f"from {days}"
    return f"from {span.start:%Y-%m-%d %H:%M} to {span.end:%Y-%m-%d %H:%M}"


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
        },
        "start": {
            "type": "string",
            "description": "Day, words or datetime (2026-05-01T14:00); default yesterday",
        },
        "end": {"type": "string", "description": "Day (inclusive) or datetime"},
        "resolution_min": {
            "type": "integer",
            "enum": _RESOLUTIONS,
            "default": 0,
            "description": "Minutes per value of a series; 0: none",
        },
    },
    output={
        "type": "object",
        "properties": {
            **COMMON_OUTPUT,
            "stats": {"type": "object"},
            "by_source": TABLE_SCHEMA,
            "met": {"type": "object"},
            "minutes": {"type": "object"},
            "steps_of_day": {},
            "series": {"type": "object"},
        },
        "required": ["summary", "period", "coverage"],
    },
    scopes=("heartrate", "daily"),
    run=_run,
)
