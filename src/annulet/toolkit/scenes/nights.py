"""``oura_sleep_sessions`` as scenes: the course of one night, or nights side by side."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from annulet.charts import (
    Extreme,
    Heading,
    Night,
    Samples,
    Scene,
    StackedNight,
    hours_and_minutes,
    long_day,
    night,
    stage_bars,
)
from annulet.toolkit.scenes.answer_parts import period_days, period_words
from annulet.toolkit.scenes.fields import Fields

_STAGES = ("deep", "light", "rem", "awake")
_SERIES_MIN = 15.0


def sleep_scene(answer: Fields, more: Fields) -> Scene | None:
    """Build one night with its course where it is known; otherwise a bar for each night."""
    rows = answer.rows("table")
    ends = period_days(answer)
    if ends is None:
        return None
    row = _main_sleep(rows)
    if ends[0] == ends[1] and row is not None:
        courses = more.objects("series") or answer.objects("series")
        course = next((c for c in courses if c.text("start") == row.text("bedtime")), None)
        start, end = row.instant("bedtime"), row.instant("wake_time")
        if course is not None and start is not None and end is not None:
            return night(_night(row, course, start, end), _night_heading(row, start, end, answer))
    return _stages(rows, ends, answer)


def _main_sleep(rows: Sequence[Fields]) -> Fields | None:
    """The sleep that stands for the night: the longest long one, else the longest."""
    long = [row for row in rows if row.text("type") == "long_sleep"]
    return max(long or rows, key=lambda row: row.number("total_sleep_min") or 0.0, default=None)


def _stage_minutes(row: Fields) -> dict[str, float | None]:
    return {stage: row.number(f"{stage}_min") for stage in _STAGES}


def _night(row: Fields, course: Fields, start: datetime, end: datetime) -> Night:
    """The night of a row; what the row tells of the ring's own measurements comes first."""
    step = course.number("interval_min") or _SERIES_MIN
    lowest, rate = row.number("hr_lowest_bpm"), course.numbers("hr_bpm")
    hrv = course.numbers("hrv_ms")
    return Night(
        start,
        end,
        [str(stage) if stage else None for stage in course.items("stage")],
        step,
        _stage_minutes(row),
        Samples(
            start,
            step,
            rate,
            told_lowest=None if lowest is None else Extreme(lowest),
            told_average=row.number("hr_avg_bpm"),
        )
        if rate
        else None,
        Samples(start, step, hrv, told_average=row.number("hrv_avg_ms")) if hrv else None,
    )


def _night_heading(row: Fields, start: datetime, end: datetime, answer: Fields) -> Heading:
    parts = [f"{start:%H:%M} \N{EN DASH} {end:%H:%M}"]
    efficiency = row.number("efficiency_pct")
    if efficiency is not None:
        parts.append(f"efficiency {efficiency:.0f} %")
    parts.append(answer.fields("period").text("timezone"))
    asleep = row.number("total_sleep_min")
    return Heading(
        f"Night to {long_day(row.day('day') or end.date())}",
        " \N{MIDDLE DOT} ".join(part for part in parts if part),
        "" if asleep is None else hours_and_minutes(asleep),
        "" if asleep is None else "asleep",
    )


def _stages(rows: Sequence[Fields], ends: tuple[date, date], answer: Fields) -> Scene:
    by_day: dict[date, list[Fields]] = {}
    for row in rows:
        day = row.day("day")
        if day is not None:
            by_day.setdefault(day, []).append(row)
    nights = [
        StackedNight(day, _stage_minutes(main), main.number("total_sleep_min"))
        for day, sleeps in by_day.items()
        if (main := _main_sleep(sleeps)) is not None
    ]
    asleep = [night.asleep_min for night in nights if night.asleep_min is not None]
    heading = Heading(
        "Stages of sleep",
        period_words(answer),
        hours_and_minutes(sum(asleep) / len(asleep)) if asleep else "",
        "asleep, on average" if asleep else "",
    )
    return stage_bars(nights, *ends, heading)
