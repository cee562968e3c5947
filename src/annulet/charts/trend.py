"""Days of one metric: a dot a day, a smoothed line, the person's own range, gaps left open."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import groupby

from annulet.charts.drawing import Point
from annulet.charts.page import DESKTOP, Key, Page
from annulet.charts.panel import Panel, gutter, runs
from annulet.charts.scale import Days, Linear, nice_scale
from annulet.charts.text import with_unit
from annulet.charts.values import (
    DEFAULT_LABELS,
    DailySeries,
    Heading,
    Labels,
    days_between,
    finite,
    present,
)

__all__ = ["describe_series", "draw_series", "rolling_line", "series_scale", "trend"]

_WEEK = 7
_ENOUGH = 4
_THIN = 2.0


def rolling_line(values: Mapping[date, float | None], days: list[date]) -> dict[date, float]:
    """Return the mean of each day and the six before it, where at least four of them exist."""
    line: dict[date, float] = {}
    for day in days:
        window = present(values.get(day - timedelta(days=back)) for back in range(_WEEK))
        if len(window) >= _ENOUGH:
            line[day] = sum(window) / len(window)
    return line


def series_scale(series: DailySeries, days: list[date], top: float, bottom: float) -> Linear:
    """Return the scale that holds the values and the range, without blowing up noise."""
    values = present(series.at(day) for day in days)
    bounds = [bound for day in days for bound in series.range_at(day) or ()]
    middle = abs(sum(values) / len(values)) if values else 0.0
    count = 5 if bottom - top > 120 else 3  # noqa: PLR2004 -- pixels
    floor = 0.0 if values and min(values) >= 0 else None
    least = max(0.06 * middle, 4 * 10.0**-series.decimals)
    return nice_scale(
        [*values, *bounds],
        bottom,
        top,
        count=count,
        whole=series.decimals == 0,
        floor=floor,
        least=least,
    )


def _band(panel: Panel, series: DailySeries, x: Days, y: Linear, days: list[date]) -> None:
    colours = panel.drawing.theme
    edges = [(day, band) for day in days if (band := series.range_at(day)) is not None]
    pieces: list[list[tuple[date, tuple[float, float]]]] = []
    for day, band in edges:
        if not pieces or pieces[-1][-1][0] != day - timedelta(days=1):
            pieces.append([])
        pieces[-1].append((day, band))
    for piece in pieces:
        upper: list[Point] = []
        lower: list[Point] = []
        for day, (low, high) in piece:
            for place in (x.left(day), x.left(day) + x.slot):
                upper.append((place, y(high)))
                lower.append((place, y(low)))
        panel.drawing.area(upper, lower, colours.band)
        for edge in (upper, lower):
            panel.drawing.path(_thin(edge), colours.edge, width=1, dash="2 4")


def _thin(points: list[Point]) -> list[Point]:
    """Leave out points in the middle of a level stretch."""
    return [
        point
        for n, point in enumerate(points)
        if n in {0, len(points) - 1} or not points[n - 1][1] == point[1] == points[n + 1][1]
    ]


def _missing(panel: Panel, series: DailySeries, x: Days, days: list[date]) -> None:
    """Lay a quiet ground under the days without a value."""
    for there, group in groupby(days, key=lambda day: series.at(day) is not None):
        gap = list(group)
        if not there:
            panel.wash(x.left(gap[0]), x.left(gap[-1]) + x.slot, panel.drawing.theme.line)


def _dots(panel: Panel, series: DailySeries, x: Days, y: Linear, labels: Labels) -> None:
    colours = panel.drawing.theme
    radius = 3.2 if x.slot > 9 else 2.4 if x.slot > 4 else 1.6  # noqa: PLR2004 -- pixels
    tips = x.count <= 120  # noqa: PLR2004 -- beyond that the picture grows heavy
    for day in days_between(x.first, x.last):
        value = series.at(day)
        if value is None:
            continue
        words = with_unit(value, series.unit, series.decimals)
        tip = f"{labels.long_day(day)}: {words}" if tips else ""
        at = (x(day), y(value))
        if series.unusual(day):
            ring = radius + 1
            panel.drawing.dot(
                at, colours.surface, radius=ring, stroke=colours.attention, width=2, tip=tip
            )
        else:
            panel.drawing.dot(at, colours.mark, radius=radius, tip=tip)


def draw_series(
    panel: Panel, series: DailySeries, x: Days, y: Linear, labels: Labels = DEFAULT_LABELS
) -> None:
    """Draw range, gaps, line and dots of one metric into a panel, from back to front."""
    days = days_between(x.first, x.last)
    _missing(panel, series, x, days)
    _band(panel, series, x, y, days)
    panel.grid(y, series.decimals)
    line = series.line if series.line is not None else rolling_line(series.values, days)
    places = [(x(day), finite(line.get(day))) for day in days]
    points = [(place, None if value is None else y(value)) for place, value in places]
    _dots(panel, series, x, y, labels)
    for run in runs(points):
        panel.drawing.path(run, panel.drawing.theme.accent, width=2.25 if x.slot > _THIN else 1.75)


def keys_for(series: DailySeries, days: list[date], page: Page, labels: Labels) -> list[Key]:
    """Return the legend of what the chart really shows."""
    colours = page.theme
    line = series.line if series.line is not None else rolling_line(series.values, days)
    keys = [Key(labels.one_day, colours.mark, "dot")]
    if any(finite(line.get(day)) is not None for day in days):
        keys.append(Key(labels.rolling, colours.accent, "line"))
    if any(series.range_at(day) for day in days):
        keys.append(Key(labels.usual, colours.band, "band"))
    if any(series.unusual(day) for day in days):
        keys.append(Key(labels.outside, colours.attention, "ring"))
    if any(series.at(day) is None for day in days):
        keys.append(Key(labels.missing, colours.line, "block"))
    return keys


def describe_series(series: DailySeries, days: list[date], labels: Labels) -> str:
    """Say in words what the chart shows."""
    values = present(series.at(day) for day in days)
    if not values or not days:
        return f"{series.label}: {labels.nothing}."
    low, high = (with_unit(v, series.unit, series.decimals) for v in (min(values), max(values)))
    last = next(day for day in reversed(days) if series.at(day) is not None)
    latest = with_unit(values[-1], series.unit, series.decimals)
    unusual = sum(series.unusual(day) for day in days)
    said = (
        f"{series.label}, {labels.long_day(days[0])} to {labels.long_day(days[-1])}: "
        f"{low} to {high} on {len(values)} of {len(days)} days; {latest} on {labels.day(last)}."
    )
    return f"{said} {labels.outside}: {unusual}." if unusual else said


def trend(
    series: DailySeries,
    start: date,
    end: date,
    heading: Heading,
    *,
    theme: str = "light",
    width: int = DESKTOP,
    labels: Labels = DEFAULT_LABELS,
) -> str:
    """Return the chart of one metric over the days from start to end, both included."""
    page = Page(heading, width, theme)
    days = days_between(start, end)
    height = 170.0 if page.compact else 220.0
    description = describe_series(series, days, labels)
    if not any(series.at(day) is not None for day in days):
        page.empty(labels.nothing, height)
        return page.finish(description)
    page.legend(keys_for(series, days, page, labels))
    top = page.top + 30
    y = series_scale(series, days, top, top + height)
    left = page.left + gutter([(y, series.decimals)])
    panel = Panel(page.drawing, left, page.right, top, top + height)
    panel.caption(series.label, series.unit, x=page.left)
    x = Days(start, end, left, page.right)
    draw_series(panel, series, x, y, labels)
    panel.axis(x.ticks(labels=labels))
    page.top = panel.bottom + 22
    return page.finish(description)
