"""``oura_sleep_sessions``: every sleep with its stages and, on request, its course."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import fmean
from typing import Final

from annulet.contract.collections import SLEEP
from annulet.contract.documents import Sample, Sleep
from annulet.contract.texts import code_of
from annulet.toolkit.answer_builder import (
    COMMON_OUTPUT,
    TABLE_SCHEMA,
    Body,
    Row,
    Table,
    TypedAnswer,
    compose,
    coverage,
)
from annulet.toolkit.context import Context
from annulet.toolkit.dates import resolve
from annulet.toolkit.local_time import LocalTime, iso_minute
from annulet.toolkit.metrics import METRICS, NIGHT_FIELDS, SERIES_FIELDS
from annulet.toolkit.reading.gather import Gathered, gather
from annulet.toolkit.reading.left_out import (
    count_in_sleeps,
    count_of_items,
    left_out_notes,
    unread_rows_notes,
)
from annulet.toolkit.reading.main_sleep import kinds_of_sleep
from annulet.toolkit.reading.sleeps import finished, in_progress, minutes, nights
from annulet.toolkit.reading.sync_status import missing_days
from annulet.toolkit.reading.zone_lookup import resolve_local_time
from annulet.toolkit.sleep_kinds import MAIN, NAP
from annulet.toolkit.tool import Answer, Tool, with_arguments
from annulet.toolkit.wording.night_sentences import night_summary
from annulet.toolkit.wording.number_format import counted, rounded

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
_SLOT_MIN: Final = 15
_SLOT: Final = timedelta(minutes=_SLOT_MIN)
_PHASE: Final = timedelta(minutes=5)
_STAGES: Final = {"1": "deep", "2": "light", "3": "rem", "4": "awake"}
_LONGEST_SERIES: Final = 31
_NIGHTLY: Final = tuple(metric for metric in METRICS.values() if metric.collection is SLEEP)


@dataclass(frozen=True, slots=True)
class SleepSessionsArguments:
    """The arguments of ``oura_sleep_sessions``."""

    start: str | None
    end: str | None
    include_naps: bool
    series: bool


class CourseBody(Body, kw_only=True):
    """The course of one sleep, a value for each interval; ``None`` where nothing was measured."""

    day: date | None = None
    start: str | None
    interval_min: int
    hr_bpm: list[int | None] | None = None
    hrv_ms: list[int | None] | None = None
    stage: list[str | None] | None = None


class SleepSessionsAnswer(TypedAnswer, kw_only=True):
    """A row for each sleep, and its course where it was asked for."""

    table: Table
    series: list[CourseBody] | None = None


async def _run(context: Context, arguments: SleepSessionsArguments) -> Answer:
    local_time = await resolve_local_time(context)
    series = arguments.series
    longest = _LONGEST_SERIES if series else 366
    period = resolve(arguments.start, arguments.end, local_time.today, longest=longest)
    # The course of a night is heavy: only the days that were asked for, never a wider window.
    if series:
        documents = await context.client.collection(
            SLEEP, period.start, period.end, fields=SERIES_FIELDS
        )
        gathered = Gathered({SLEEP: documents}, {})
    else:
        gathered = await gather(context, {SLEEP: NIGHT_FIELDS}, period.start, period.end)
    read = gathered.within(SLEEP, period.start, period.end)
    whole = gathered.all(SLEEP)
    known = nights(whole)
    by_day = {day: night for day, night in known.items() if day in period}
    kinds = kinds_of_sleep(finished(whole))
    ended = [sleep for sleep in finished(whole) if sleep.day and sleep.day in period]
    sleeps = [s for s in ended if arguments.include_naps or kinds.get(id(s)) == MAIN]
    naps = sum(1 for sleep in sleeps if kinds.get(id(sleep)) == NAP)
    notes = await missing_days(context, local_time, period.days, known, reaches_back=not series)
    lasting = [sleep for sleep in in_progress(whole) if sleep.day and sleep.day in period]
    if any(_is_recent(sleep, local_time) for sleep in lasting):
        notes.append("A sleep is still in progress: it is listed when it has ended.")
    notes += unread_rows_notes(gathered)
    if series:
        notes += _series_notes(sleeps)
    notes += left_out_notes(count_in_sleeps(_NIGHTLY, read))
    return compose(
        night_summary(period, by_day, naps, local_time),
        SleepSessionsAnswer(
            table=Table(_COLUMNS, [_row(sleep) for sleep in sleeps]),
            series=[_course(sleep) for sleep in sleeps] if series else None,
        ),
        local_time=local_time,
        period=period,
        covered=coverage(period, by_day),
        names_every_day=True,
        notes=notes,
    )


def _series_notes(sleeps: Sequence[Sleep]) -> list[str]:
    count = sum(count_of_items(part) for sleep in sleeps for part in (sleep.heart_rate, sleep.hrv))
    return [f"{counted(count, 'value')} of the series left out: not possible."] if count else []


def _is_recent(sleep: Sleep, local_time: LocalTime) -> bool:
    """Whether a sleep without an end can still be going on; an old one never got its end."""
    return sleep.day is not None and (local_time.today - sleep.day).days <= 1


def _row(sleep: Sleep) -> Row:
    return [
        None if sleep.day is None else sleep.day.isoformat(),
        code_of(sleep.type) or None,
        iso_minute(sleep.bedtime_start),
        iso_minute(sleep.bedtime_end),
        minutes(sleep.time_in_bed),
        minutes(sleep.total_sleep_duration),
        minutes(sleep.deep_sleep_duration),
        minutes(sleep.light_sleep_duration),
        minutes(sleep.rem_sleep_duration),
        minutes(sleep.awake_time),
        minutes(sleep.latency),
        rounded(sleep.efficiency),
        rounded(sleep.average_heart_rate, 1),
        rounded(sleep.lowest_heart_rate),
        rounded(sleep.average_hrv),
        rounded(sleep.average_breath, 1),
        sleep.restless_periods,
    ]


def _course(sleep: Sleep) -> CourseBody:
    """One sleep in steps of 15 minutes: means of what was measured, the stage held longest."""
    start, end = sleep.bedtime_start, sleep.bedtime_end
    if start is not None and end is None and sleep.time_in_bed is not None:
        end = start + timedelta(seconds=sleep.time_in_bed)
    if start is None or end is None:
        return CourseBody(start=None, interval_min=_SLOT_MIN)
    slots = max(1, -(-(end - start) // _SLOT))
    return CourseBody(
        day=sleep.day,
        start=iso_minute(start),
        interval_min=_SLOT_MIN,
        hr_bpm=_slot_means(sleep.heart_rate, start, slots),
        hrv_ms=_slot_means(sleep.hrv, start, slots),
        stage=_slot_stages(sleep.sleep_phase_5_min, slots),
    )


def _slot_means(sample: Sample | None, start: datetime, slots: int) -> list[int | None] | None:
    if sample is None or not sample.interval:
        return None
    stamp = sample.timestamp
    first = start if stamp is None or stamp.tzinfo is None else stamp
    in_slot: list[list[float]] = [[] for _ in range(slots)]
    for number, value in enumerate(sample.items or ()):
        place = int((first - start + timedelta(seconds=sample.interval * number)) // _SLOT)
        if value is not None and 0 <= place < slots:
            in_slot[place].append(value)
    return [round(fmean(values)) if values else None for values in in_slot]


def _slot_stages(phases: str | None, slots: int) -> list[str | None] | None:
    if not phases:
        return None
    in_slot: list[list[str]] = [[] for _ in range(slots)]
    for number, code in enumerate(phases):
        place = int(_PHASE * number // _SLOT)
        if code in _STAGES and place < slots:
            in_slot[place].append(_STAGES[code])
    return [Counter(stages).most_common(1)[0][0] if stages else None for stages in in_slot]


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
        "include_naps": {"type": "boolean", "default": True, "description": "Naps too"},
        "series": {"type": "boolean", "default": False, "description": "Add the series"},
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
    run=with_arguments(SleepSessionsArguments, _run),
)
