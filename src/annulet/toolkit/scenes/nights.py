"""``oura_sleep_sessions`` as scenes: the course of one night, or nights side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from annulet.contract.documents import Sleep
from annulet.toolkit.reading.main_sleep import join_parts, main_sleep_parts
from annulet.toolkit.scenes.answer_parts import period_days, period_words
from annulet.toolkit.scenes.fields import Fields, as_number

_SERIES_MIN = 15.0


def sleep_scene(answer: Fields, more: Fields) -> Scene | None:
    """Build one night with its course where it is known; otherwise a bar for each night."""
    ends = period_days(answer)
    if ends is None:
        return None
    parts_by_day = main_sleep_parts(map(_sleep, answer.rows("table")))
    parts = parts_by_day.get(ends[0], [])
    if ends[0] == ends[1] and parts:
        courses = more.objects("series") or answer.objects("series")
        whole = join_parts(parts)
        starts = {part.bedtime_start for part in parts}
        courses = [course for course in courses if course.instant("start") in starts]
        if courses and whole.bedtime_start and whole.bedtime_end:
            return night(
                _night(whole, courses, whole.bedtime_start, whole.bedtime_end),
                _night_heading(whole, whole.bedtime_start, whole.bedtime_end, answer),
            )
    return _stages({day: join_parts(parts) for day, parts in parts_by_day.items()}, ends, answer)


def _sleep(row: Fields) -> Sleep:
    """The sleep that a row of the answer tells about, so that one rule chooses the main sleep."""
    return Sleep(
        day=row.day("day"),
        type=row.text("type") or None,
        bedtime_start=row.instant("bedtime"),
        bedtime_end=row.instant("wake_time"),
        lowest_heart_rate=row.number("hr_lowest_bpm"),
        average_heart_rate=row.number("hr_avg_bpm"),
        average_hrv=row.number("hrv_avg_ms"),
        efficiency=row.number("efficiency_pct"),
        time_in_bed=_seconds(row, "time_in_bed_min"),
        total_sleep_duration=_seconds(row, "total_sleep_min"),
        deep_sleep_duration=_seconds(row, "deep_min"),
        light_sleep_duration=_seconds(row, "light_min"),
        rem_sleep_duration=_seconds(row, "rem_min"),
        awake_time=_seconds(row, "awake_min"),
    )


def _seconds(row: Fields, column: str) -> float | None:
    minutes = row.number(column)
    return None if minutes is None else minutes * 60


def _minutes(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / 60


def _stage_minutes(sleep: Sleep) -> dict[str, float | None]:
    return {
        "deep": _minutes(sleep.deep_sleep_duration),
        "light": _minutes(sleep.light_sleep_duration),
        "rem": _minutes(sleep.rem_sleep_duration),
        "awake": _minutes(sleep.awake_time),
    }


def _night(whole: Sleep, courses: Sequence[Fields], start: datetime, end: datetime) -> Night:
    """The whole night; what is told of the ring's own measurements comes first."""
    step = courses[0].number("interval_min") or _SERIES_MIN
    stages = [str(stage) if stage else None for stage in _joined(courses, "stage", start, step)]
    lowest = whole.lowest_heart_rate
    rate = list(map(as_number, _joined(courses, "hr_bpm", start, step)))
    hrv = list(map(as_number, _joined(courses, "hrv_ms", start, step)))
    return Night(
        start,
        end,
        stages,
        step,
        _stage_minutes(whole),
        Samples(
            start,
            step,
            rate,
            told_lowest=None if lowest is None else Extreme(lowest),
            told_average=whole.average_heart_rate,
        )
        if rate
        else None,
        Samples(start, step, hrv, told_average=whole.average_hrv) if hrv else None,
    )


def _joined(courses: Sequence[Fields], name: str, start: datetime, step: float) -> list[object]:
    """The values of all parts of a night, each at its time, with gaps between them."""
    joined: list[object] = []
    for course in courses:
        begins = course.instant("start") or start
        place = round((begins - start).total_seconds() / 60 / step)
        joined += [None] * (place - len(joined))
        joined[place:] = course.items(name)
    return joined


def _night_heading(whole: Sleep, start: datetime, end: datetime, answer: Fields) -> Heading:
    parts = [f"{start:%H:%M} \N{EN DASH} {end:%H:%M}"]
    if whole.efficiency is not None:
        parts.append(f"efficiency {whole.efficiency:.0f} %")
    parts.append(answer.fields("period").text("timezone"))
    asleep = _minutes(whole.total_sleep_duration)
    return Heading(
        f"Night to {long_day(whole.day or end.date())}",
        " \N{MIDDLE DOT} ".join(part for part in parts if part),
        "" if asleep is None else hours_and_minutes(asleep),
        "" if asleep is None else "asleep",
    )


def _stages(by_day: Mapping[date, Sleep], ends: tuple[date, date], answer: Fields) -> Scene:
    nights = [
        StackedNight(day, _stage_minutes(whole), _minutes(whole.total_sleep_duration))
        for day, whole in by_day.items()
    ]
    asleep = [night.asleep_min for night in nights if night.asleep_min is not None]
    heading = Heading(
        "Stages of sleep",
        period_words(answer),
        hours_and_minutes(sum(asleep) / len(asleep)) if asleep else "",
        "asleep, on average" if asleep else "",
    )
    return stage_bars(nights, *ends, heading)
