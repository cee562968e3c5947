"""``oura_sleep_sessions`` as pictures: the course of one night, or nights side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from annulet import charts
from annulet.charts import Heading, Night, Samples, StackedDay, hours_and_minutes
from annulet.toolkit.scenes.reading import (
    Look,
    day,
    instant,
    number,
    period_days,
    period_words,
    records,
)
from annulet.toolkit.tool import Answer

__all__ = ["main_sleep", "sleep_picture"]

_STAGES = ("deep", "light", "rem", "awake")


def sleep_picture(answer: Answer, more: Answer, look: Look) -> str | None:
    """One night with its course where it is known; otherwise a bar for each night."""
    rows = records(answer.get("table"))
    ends = period_days(answer)
    if ends is None:
        return None
    row = main_sleep(rows)
    courses = more.get("series") or answer.get("series") or []
    if ends[0] == ends[1] and row is not None:
        course = _course_of(row, courses)
        drawn = _night(row, course, answer, look) if course else None
        if drawn is not None:
            return drawn
    return _stages(rows, ends, answer, look)


def main_sleep(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The sleep that stands for the night: the longest long one, else the longest."""
    long = [row for row in rows if row.get("type") == "long_sleep"]
    return max(long or rows, key=lambda r: number(r.get("total_sleep_min")) or 0.0, default=None)


def _course_of(
    row: Mapping[str, Any], courses: Sequence[Mapping[str, Any]]
) -> Mapping[str, Any] | None:
    return next((c for c in courses if c.get("start") == row.get("bedtime")), None)


def _night(
    row: Mapping[str, Any], course: Mapping[str, Any], answer: Answer, look: Look
) -> str | None:
    start, end = instant(row.get("bedtime")), instant(row.get("wake_time"))
    if start is None or end is None:
        return None
    step = float(course.get("interval_min") or 15)
    known = Night(
        start,
        end,
        list(course.get("stage") or ()),
        step,
        {stage: number(row.get(f"{stage}_min")) for stage in _STAGES},
        _samples(start, step, course.get("hr_bpm")),
        _samples(start, step, course.get("hrv_ms")),
    )
    return charts.night(
        known, _heading(row, start, end, answer), theme=look.theme, width=look.width
    )


def _samples(start: datetime, step: float, values: Any) -> Samples | None:
    return Samples(start, step, [number(value) for value in values]) if values else None


def _heading(row: Mapping[str, Any], start: datetime, end: datetime, answer: Answer) -> Heading:
    night = day(row.get("day")) or end.date()
    said = [f"{start:%H:%M} \N{EN DASH} {end:%H:%M}"]
    efficiency = number(row.get("efficiency_pct"))
    if efficiency is not None:
        said.append(f"efficiency {efficiency:.0f} %")
    zone = str((answer.get("period") or {}).get("timezone", ""))
    asleep = number(row.get("total_sleep_min"))
    return Heading(
        f"Night to {charts.Labels().long_day(night)}",
        " \N{MIDDLE DOT} ".join(part for part in (*said, zone) if part),
        "" if asleep is None else hours_and_minutes(asleep),
        "" if asleep is None else "asleep",
    )


def _stages(
    rows: Sequence[Mapping[str, Any]], ends: tuple[date, date], answer: Answer, look: Look
) -> str:
    by_day: dict[date, list[Mapping[str, Any]]] = {}
    for row in rows:
        night = day(row.get("day"))
        if night is not None:
            by_day.setdefault(night, []).append(row)
    chosen = {night: main_sleep(sleeps) or {} for night, sleeps in by_day.items()}
    nights = [
        StackedDay(night, {stage: number(row.get(f"{stage}_min")) for stage in _STAGES})
        for night, row in chosen.items()
    ]
    slept = [v for r in chosen.values() if (v := number(r.get("total_sleep_min"))) is not None]
    heading = Heading(
        "Stages of sleep",
        period_words(answer),
        hours_and_minutes(sum(slept) / len(slept)) if slept else "",
        "asleep, on average" if slept else "",
    )
    return charts.stage_bars(nights, *ends, heading, theme=look.theme, width=look.width)
