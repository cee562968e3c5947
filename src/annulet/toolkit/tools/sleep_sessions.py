"""``oura_sleep_sessions``: every sleep by itself, with its stages and, on request, its course."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from statistics import fmean
from typing import Any, Final

from annulet.contract.documents import Sample, Sleep
from annulet.toolkit.answer_builder import COMMON_OUTPUT, TABLE_SCHEMA, compose, coverage, table
from annulet.toolkit.context import Context
from annulet.toolkit.dates import Period, resolve
from annulet.toolkit.local_time import LocalTime, local_time
from annulet.toolkit.metrics import NIGHT_FIELDS, SERIES_FIELDS
from annulet.toolkit.reading.gather import gather
from annulet.toolkit.reading.sleeps import counted, in_progress, minutes, nights
from annulet.toolkit.reading.sync_status import missing_nights
from annulet.toolkit.reading.zone_lookup import resolve_local_time
from annulet.toolkit.tool import Answer, Arguments, Tool
from annulet.toolkit.wording.date_format import duration_words
from annulet.toolkit.wording.missing_data import nothing
from annulet.toolkit.wording.number_format import rounded

__all__ = ["TOOL"]

_COLUMNS: Final = (
    "day",
    "type",
    "bedtime",
    "wake_time",
    "time_in_bed_min",
    "total_sleep_min",
    "deep_min",
    "light_min",
    "rem_min",
    "awake_min",
    "latency_min",
    "efficiency_pct",
    "hr_avg_bpm",
    "hr_lowest_bpm",
    "hrv_avg_ms",
    "breath_avg_per_min",
    "restless_periods",
)
_SLOT: Final = timedelta(minutes=15)
_PHASE: Final = timedelta(minutes=5)
_STAGES: Final = {"1": "deep", "2": "light", "3": "rem", "4": "awake"}
_LONGEST_SERIES: Final = 31


async def _run(context: Context, arguments: Arguments) -> Answer:
    moment = await resolve_local_time(context)
    series = arguments["series"]
    period = resolve(arguments, moment.today, longest=_LONGEST_SERIES if series else 366)
    # The course of a night is heavy: only the days that were asked for, never a wider window.
    if series:
        found = await context.client.collection(
            "sleep", period.start, period.end, fields=SERIES_FIELDS
        )
        known = nights(found)
    else:
        gathered = await gather(context, {"sleep": NIGHT_FIELDS}, period.start, period.end)
        found = gathered.within("sleep", period.start, period.end)
        known = nights(gathered.within("sleep", date.min, date.max))
    by_day = {day: night for day, night in known.items() if day in period}
    sleeps = [s for s in counted(found) if arguments["include_naps"] or _long(s, by_day)]
    without = [day for day in period.days if day not in by_day]
    oldest = None if series else min(known, default=None)
    notes = await missing_nights(context, moment, without, max(known, default=None), oldest=oldest)
    if any(_lately(sleep, moment) for sleep in in_progress(found)):
        notes.append("A sleep is still in progress: it is listed when it has ended.")
    body = {
        "table": table(_COLUMNS, [_row(sleep) for sleep in sleeps]),
        "series": [_course(sleep) for sleep in sleeps] if series else None,
    }
    return compose(
        _summary(period, by_day, sleeps, moment),
        body,
        moment=moment,
        period=period,
        covered=coverage(period, by_day),
        notes=notes,
    )


def _long(sleep: Sleep, by_day: dict[date, Sleep]) -> bool:
    return sleep.type == "long_sleep" or any(sleep is night for night in by_day.values())


def _lately(sleep: Sleep, moment: LocalTime) -> bool:
    """Whether a sleep without an end can still be going on; an old one never got its end."""
    return sleep.day is not None and (moment.today - sleep.day).days <= 1


def _row(sleep: Sleep) -> list[Any]:
    return [
        None if sleep.day is None else sleep.day.isoformat(),
        sleep.type,
        local_time(sleep.bedtime_start),
        local_time(sleep.bedtime_end),
        minutes(sleep.time_in_bed),
        minutes(sleep.total_sleep_duration),
        minutes(sleep.deep_sleep_duration),
        minutes(sleep.light_sleep_duration),
        minutes(sleep.rem_sleep_duration),
        minutes(sleep.awake_time),
        minutes(sleep.latency),
        sleep.efficiency,
        rounded(sleep.average_heart_rate, 1),
        sleep.lowest_heart_rate,
        sleep.average_hrv,
        rounded(sleep.average_breath, 1),
        sleep.restless_periods,
    ]


def _course(sleep: Sleep) -> dict[str, Any]:
    """One sleep in steps of 15 minutes: means of what was measured, the stage held longest."""
    start, end = sleep.bedtime_start, sleep.bedtime_end
    if start is not None and end is None and sleep.time_in_bed is not None:
        end = start + timedelta(seconds=sleep.time_in_bed)
    if start is None or end is None:
        return {"start": None, "interval_min": 15}
    slots = max(1, -(-(end - start) // _SLOT))
    course: dict[str, Any] = {
        "day": None if sleep.day is None else sleep.day.isoformat(),
        "start": local_time(start),
        "interval_min": 15,
    }
    for name, sample in (("hr_bpm", sleep.heart_rate), ("hrv_ms", sleep.hrv)):
        course[name] = _slot_means(sample, start, slots)
    course["stage"] = _slot_stages(sleep.sleep_phase_5_min, slots)
    return {key: value for key, value in course.items() if value is not None}


def _slot_means(sample: Sample | None, start: datetime, slots: int) -> list[int | None] | None:
    if sample is None or not sample.interval:
        return None
    first = sample.timestamp or start
    held: list[list[float]] = [[] for _ in range(slots)]
    for number, value in enumerate(sample.items or ()):
        place = int((first - start + timedelta(seconds=sample.interval * number)) // _SLOT)
        if value is not None and 0 <= place < slots:
            held[place].append(value)
    return [round(fmean(values)) if values else None for values in held]


def _slot_stages(phases: str | None, slots: int) -> list[str | None] | None:
    if not phases:
        return None
    held: list[list[str]] = [[] for _ in range(slots)]
    for number, code in enumerate(phases):
        place = int(_PHASE * number // _SLOT)
        if code in _STAGES and place < slots:
            held[place].append(_STAGES[code])
    return [Counter(stages).most_common(1)[0][0] if stages else None for stages in held]


def _summary(
    period: Period, by_day: dict[date, Sleep], sleeps: Sequence[Sleep], moment: LocalTime
) -> str:
    others = len(sleeps) - len(by_day)
    more = f" {others} other sleep{'s' if others != 1 else ''}." if others > 0 else ""
    if not by_day:
        return f"{nothing('No night', period, moment)}{more}"
    if period.length == 1:
        return f"{_night_words(by_day[period.start], moment)}.{more}"
    slept = [s.total_sleep_duration for s in by_day.values() if s.total_sleep_duration is not None]
    mean = f", {duration_words(fmean(slept) / 60)} asleep on average" if slept else ""
    return f"{len(by_day)} of {period.length} nights recorded{mean}.{more}"


def _night_words(night: Sleep, moment: LocalTime) -> str:
    day = night.day or moment.today
    parts = []
    if night.total_sleep_duration is not None:
        parts.append(f"{duration_words(night.total_sleep_duration / 60)} asleep")
    if night.bedtime_start is not None and night.bedtime_end is not None:
        parts.append(f"{night.bedtime_start:%H:%M} to {night.bedtime_end:%H:%M}")
    if night.efficiency is not None:
        parts.append(f"efficiency {night.efficiency:.0f} %")
    if night.lowest_heart_rate is not None:
        parts.append(f"lowest heart rate {night.lowest_heart_rate:.0f} bpm")
    if night.average_hrv is not None:
        parts.append(f"HRV {night.average_hrv:.0f} ms")
    written = f"{day:%a} {day.day} {day:%b}"
    last = day == moment.today
    when = f"Last night ({written})" if last else f"The night to {written} {day.year}"
    return f"{when}: {', '.join(parts) or 'no figures'}"


TOOL: Final = Tool(
    name="oura_sleep_sessions",
    title="Sleep sessions",
    description=(
        "Each sleep and nap by itself: bed and wake times, stages, heart rate, HRV, breathing. "
        "series adds 15-minute heart rate, HRV and stage."
    ),
    properties={
        "start": {"type": "string", "description": "ISO day or words; default last night"},
        "end": {"type": "string", "description": "Last day, inclusive"},
        "include_naps": {"type": "boolean", "default": True},
        "series": {"type": "boolean", "default": False},
    },
    output={
        "type": "object",
        "properties": {
            **COMMON_OUTPUT,
            "table": TABLE_SCHEMA,
            "series": {"type": "array", "items": {"type": "object"}},
        },
        "required": ["summary", "period", "coverage", "table"],
    },
    scopes=("daily",),
    run=_run,
)
