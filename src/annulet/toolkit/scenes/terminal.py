"""Answers as a few lines of characters, for the command line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from annulet.charts import terminal as lines_of
from annulet.charts.terminal import Bit, Line
from annulet.charts.values import days_between
from annulet.toolkit.scenes.nights import main_sleep
from annulet.toolkit.scenes.reading import (
    daily_series,
    day_words,
    instant,
    number,
    period_days,
    records,
)
from annulet.toolkit.scenes.unusual import episodes_of
from annulet.toolkit.tool import Answer

__all__ = ["terminal_lines"]

_SHOWN: Final = ("sleep_score", "readiness_score", "activity_score", "hrv_avg_ms", "steps")


def terminal_lines(
    tool: str, answer: Answer, *, width: int = 80, ascii_only: bool = False
) -> list[Line]:
    """The lines of a small chart; none where the answer has nothing to draw."""
    draw = _DRAWN.get(tool)
    return [] if draw is None else draw(answer, max(width, 30), ascii_only)


def _sleep(answer: Answer, width: int, ascii_only: bool) -> list[Line]:
    rows = records(answer.get("table"))
    row = main_sleep(rows)
    course = next(
        (c for c in answer.get("series") or () if row and c.get("start") == row.get("bedtime")),
        None,
    )
    if row is not None and course and course.get("stage"):
        ends = [instant(row.get(key)) for key in ("bedtime", "wake_time")]
        first, last = (f"{at:%H:%M}" if at else "" for at in ends)
        stages = [s for stage in course["stage"] for s in (stage,) * 2]
        return lines_of.hypnogram(stages, first, last, width, ascii_only=ascii_only)
    period = period_days(answer)
    nights = [r for r in rows if r.get("type") == "long_sleep"]
    if period is None or len(nights) < 2:  # noqa: PLR2004 -- one bar tells nothing
        return []
    of = {
        day: [r for r in nights if r.get("day") == day] for day in map(str, days_between(*period))
    }
    bars = [
        (day, _hours(number((main_sleep(rows) or {}).get("total_sleep_min"))))
        for day, rows in of.items()
    ]
    return lines_of.bars(bars, width, unit="h", decimals=1, ascii_only=ascii_only)


def _hours(minutes: float | None) -> float | None:
    return None if minutes is None else minutes / 60


def _days(answer: Answer, width: int, ascii_only: bool) -> list[Line]:
    ends = period_days(answer)
    if ends is None or ends[0] == ends[1]:
        return []
    series = daily_series(answer)
    shown = [series[name] for name in _SHOWN if name in series] or list(series.values())
    days = days_between(*ends)
    head = max((len(one.label) for one in shown), default=0) + 2
    lines: list[Line] = [
        (
            Bit(one.label.ljust(head), "muted"),
            *lines_of.sparkline([one.at(day) for day in days], width - head, ascii_only=ascii_only),
        )
        for one in shown
    ]
    axis = Bit(" " * head + _ends(*ends, min(len(days), width - head)), "muted")
    return [*lines, (axis,)] if lines else []


def _ends(first: date, last: date, width: int) -> str:
    """The first and the last day below the two ends of a line."""
    before, after = day_words(first, year=False), day_words(last, year=False)
    return before + " " * max(width - len(before) - len(after), 1) + after


def _inside(answer: Answer, width: int, ascii_only: bool) -> list[Line]:
    series = answer.get("series") or {}
    values = [number(value) for value in series.get("values") or ()]
    start, step = instant(series.get("start")), number(series.get("interval_min"))
    if start is None or not step or not any(value is not None for value in values):
        return []
    moving = "met" in answer or "minutes" in answer
    end = start + timedelta(minutes=step * len(values))
    several = end - start > timedelta(days=1)
    words = [
        f"{at:%H:%M}" + (f" {day_words(at, year=False)}" if several else "") for at in (start, end)
    ]
    return lines_of.line(
        values,
        words[0],
        words[1],
        width,
        decimals=1 if moving else 0,
        style="active" if moving else "heart",
        ascii_only=ascii_only,
    )


def _unusual(answer: Answer, width: int, ascii_only: bool) -> list[Line]:
    ends = period_days(answer)
    if ends is None or ends[0] == ends[1]:
        return []
    missing = set((answer.get("coverage") or {}).get("missing", ()))
    found = episodes_of(answer)
    flags = [
        True
        if any(episode.start <= day <= episode.end for episode in found)
        else (None if day.isoformat() in missing else False)
        for day in days_between(*ends)
    ]
    return [
        lines_of.week_strip(flags, width, ascii_only=ascii_only),
        (Bit(_ends(*ends, min(len(flags), width)), "muted"),),
    ]


_DRAWN: Final[dict[str, Callable[[Answer, int, bool], list[Line]]]] = {
    "oura_sleep_sessions": _sleep,
    "oura_daily_summary": _days,
    "oura_intraday": _inside,
    "oura_anomalies": _unusual,
}
