"""Days as bars from zero, with the mean as a dashed line; long periods become weeks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal

from annulet.charts.page import DESKTOP, Key, Page
from annulet.charts.panel import Panel, gutter
from annulet.charts.scale import Days, Linear, nice_scale
from annulet.charts.text import number, text_width, with_unit
from annulet.charts.values import (
    DEFAULT_LABELS,
    DailySeries,
    Heading,
    Labels,
    days_between,
    present,
)

__all__ = ["daily_bars", "missing_day", "slot"]

_ROOMY = 30.0
_NARROW = 3.0


def slot(x: Days, day: date) -> tuple[float, float]:
    """The left edge and the width of a day's bar."""
    width = min(max(x.slot * 0.68, 1.5), 44.0)
    return x(day) - width / 2, width


def missing_day(panel: Panel, x: Days, day: date) -> None:
    """A short dash on the ground: there was a day, and nothing is known about it."""
    left, width = slot(x, day)
    y = panel.bottom - 4
    panel.drawing.line((left, y), (left + width, y), panel.drawing.theme.edge, width=2, dash="2 3")


def _bars(
    panel: Panel, series: DailySeries, x: Days, y: Linear, *, fill: str, labels: Labels
) -> None:
    days = days_between(x.first, x.last)
    written = x.slot >= _ROOMY and all(
        text_width(number(value, series.decimals), 11) <= x.slot - 2
        for value in present(series.at(day) for day in days)
    )
    ground = y(0.0)
    for day in days:
        value = series.at(day)
        if value is None:
            missing_day(panel, x, day)
            continue
        left, width = slot(x, day)
        top, bottom = sorted((y(value), ground))
        words = with_unit(value, series.unit, series.decimals)
        box = (left, top, width, max(bottom - top, 1.0))
        panel.drawing.rect(
            box, fill, radius=min(3.0, width / 3), tip=f"{labels.long_day(day)}: {words}"
        )
        if written:
            panel.drawing.text(
                (x(day), top - 6), number(value, series.decimals), anchor="middle", halo=True,
                fill=panel.drawing.theme.ink,
            )  # fmt: skip


def _weeks(
    panel: Panel, series: DailySeries, x: Days, y: Linear, *, fill: str, labels: Labels
) -> None:
    """Days thinner than a hair are drawn as the mean of each week from Monday to Sunday."""
    weeks: dict[date, list[date]] = {}
    for day in days_between(x.first, x.last):
        weeks.setdefault(day - timedelta(days=day.weekday()), []).append(day)
    for monday, days in weeks.items():
        values = present(series.at(day) for day in days)
        if values:
            mean = sum(values) / len(values)
            left, right = x.left(days[0]), x.left(days[-1]) + x.slot
            top, bottom = sorted((y(mean), y(0.0)))
            words = with_unit(mean, series.unit, series.decimals)
            box = (left + 0.5, top, max(right - left - 1, 0.5), max(bottom - top, 1.0))
            panel.drawing.rect(box, fill, tip=f"{labels.long_day(monday)}: {words}")


def _mean_line(panel: Panel, series: DailySeries, days: Sequence[date], y: Linear) -> None:
    values = present(series.at(day) for day in days)
    if len(values) > 1:
        level = y(sum(values) / len(values))
        panel.drawing.line(
            (panel.left, level),
            (panel.right, level),
            panel.drawing.theme.ink,
            width=1.5,
            dash="5 4",
        )


def daily_bars(
    series: DailySeries,
    start: date,
    end: date,
    heading: Heading,
    *,
    theme: str = "light",
    width: int = DESKTOP,
    labels: Labels = DEFAULT_LABELS,
    colour: Literal["accent", "active", "rem", "light"] = "accent",
    top_value: float | None = None,
) -> str:
    """Return one bar a day, from zero, with the mean of the days as a dashed line.

    Args:
        series: What is shown.
        start: The first day.
        end: The last day, included.
        heading: What stands around it.
        theme: ``light``, ``dark`` or ``page``.
        width: In pixels; `annulet.charts.PHONE` is a phone's.
        labels: The chart's own words.
        colour: Which of the theme's colours the bars have.
        top_value: What the axis must reach, such as 100 for scores.
    """
    page = Page(heading, width, theme)
    days = days_between(start, end)
    height = 160.0 if page.compact else 200.0
    values = present(series.at(day) for day in days)
    if not values:
        page.empty(labels.nothing, height)
        return page.finish(f"{series.label}: {labels.nothing}.")
    fill = str(getattr(page.theme, colour))
    weekly = page.inner / len(days) < _NARROW
    keys = [Key(labels.one_week if weekly else labels.one_day, fill, "block")]
    mean = with_unit(sum(values) / len(values), series.unit, series.decimals)
    if len(values) > 1:
        keys.append(Key(f"{labels.mean} {mean}", page.theme.ink, "line"))
    if len(values) < len(days) and not weekly:
        keys.append(Key(labels.missing, page.theme.edge, "gap"))
    page.legend(keys)
    top = page.top + 36
    y = nice_scale(
        [*values, top_value], top + height, top, zero=True, whole=series.decimals == 0, count=4
    )
    left = page.left + gutter([(y, series.decimals)])
    panel = Panel(page.drawing, left, page.right, top, top + height)
    panel.caption(series.label, series.unit, x=page.left)
    panel.grid(y, series.decimals)
    x = Days(start, end, left, page.right)
    _mean_line(panel, series, days, y)
    if weekly:
        _weeks(panel, series, x, y, fill=fill, labels=labels)
    else:
        _bars(panel, series, x, y, fill=fill, labels=labels)
    panel.axis(x.ticks(labels=labels), marks=False)
    page.top = panel.bottom + 22
    low, high = (with_unit(v, series.unit, series.decimals) for v in (min(values), max(values)))
    return page.finish(
        f"{series.label}, {labels.long_day(start)} to {labels.long_day(end)}: {low} to {high}, "
        f"{labels.mean} {mean}, on {len(values)} of {len(days)} days."
    )
