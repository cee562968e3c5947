"""Many metrics at a glance: a tile each, with its latest figure and the shape of its days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from annulet.charts.drawing import Drawing
from annulet.charts.page import DESKTOP, Page
from annulet.charts.panel import Panel, runs
from annulet.charts.scale import Days, Linear
from annulet.charts.text import fit, text_width, with_unit
from annulet.charts.trend import series_scale
from annulet.charts.values import (
    DEFAULT_LABELS,
    DailySeries,
    Heading,
    Labels,
    days_between,
    present,
)

__all__ = ["overview"]

_HEIGHT = 104.0
_LOW = 62.0
_GAP = 12.0
_LEAST = 136.0
_INSET = 14.0


def _tile(panel: Panel, series: DailySeries, days: list[date], labels: Labels) -> None:
    drawing, colours = panel.drawing, panel.drawing.theme
    width, height = panel.right - panel.left, panel.bottom - panel.top
    drawing.rect((panel.left, panel.top, width, height), colours.raised, radius=10)
    left, room = panel.left + _INSET, width - 2 * _INSET
    last = next((day for day in reversed(days) if series.at(day) is not None), None)
    when = labels.day(last) if last is not None and last != days[-1] else ""
    beside = text_width(when, 11) + 8 if when else 0.0
    drawing.text((left, panel.top + 22), fit(series.label, room - beside, 11))
    if when:
        drawing.text((panel.right - _INSET, panel.top + 22), when, anchor="end")
    if last is None:
        drawing.text((left, panel.top + 46), labels.missing, size=13)
        return
    value = series.at(last) or 0.0
    words = with_unit(value, series.unit, series.decimals)
    size = 18 if text_width(words, 18, bold=True) <= room else 15
    shown = fit(words, room, size, bold=True)
    drawing.text((left, panel.top + 46), shown, size=size, fill=colours.ink, bold=True)
    graph = Panel(drawing, left, panel.right - _INSET, panel.top + 58, panel.bottom - 12)
    if len(days) == 1:
        _track(graph, series, days[0])
    else:
        _course(graph, series, days)


def _course(panel: Panel, series: DailySeries, days: list[date]) -> None:
    """The days as a line over the usual range, the last one as a dot."""
    drawing, colours = panel.drawing, panel.drawing.theme
    scale = series_scale(series, days, panel.top, panel.bottom)
    x = Days(days[0], days[-1], panel.left, panel.right)
    _usual(drawing, series, days, x, scale)
    points = [(x(d), None if (v := series.at(d)) is None else scale(v)) for d in days]
    for run in runs(points):
        drawing.path(run, colours.accent, width=1.75)
    last = next(day for day in reversed(days) if series.at(day) is not None)
    colour = colours.attention if series.unusual(last) else colours.accent
    drawing.dot((x(last), scale(series.at(last) or 0.0)), colour, radius=3.5)


def _usual(drawing: Drawing, series: DailySeries, days: list[date], x: Days, scale: Linear) -> None:
    for day in days:
        band = series.range_at(day)
        if band is not None:
            top, bottom = scale(band[1]), scale(band[0])
            # A hair wider than the day, so that no seam shows between neighbours.
            drawing.rect((x.left(day), top, x.slot + 0.3, bottom - top), drawing.theme.band)


def _track(panel: Panel, series: DailySeries, day: date) -> None:
    """One day: where the figure lies against the usual range, from low to high."""
    drawing, colours = panel.drawing, panel.drawing.theme
    band, value = series.range_at(day), series.at(day)
    if band is None or value is None:
        return
    middle = (panel.top + panel.bottom) / 2
    pad = (band[1] - band[0]) or 1.0
    x = Linear(
        min(band[0] - pad, value), max(band[1] + pad, value), panel.left + 5, panel.right - 5
    )
    width = panel.right - panel.left
    drawing.rect((panel.left, middle - 4, width, 8), colours.line, radius=4)
    drawing.rect(
        (x(band[0]), middle - 4, x(band[1]) - x(band[0]), 8), colours.band, stroke=colours.edge
    )
    colour = colours.attention if series.unusual(day) else colours.accent
    drawing.dot((x(value), middle), colour, radius=6, stroke=colours.raised, width=2)


def _describe(metrics: Sequence[DailySeries], days: list[date], labels: Labels) -> str:
    said = []
    for series in metrics:
        values = present(series.at(day) for day in days)
        latest = with_unit(values[-1], series.unit, series.decimals) if values else labels.missing
        said.append(f"{series.label}: {latest}")
    return "; ".join(said) + "."


def overview(
    metrics: Sequence[DailySeries],
    start: date,
    end: date,
    heading: Heading,
    *,
    theme: str = "light",
    width: int = DESKTOP,
    labels: Labels = DEFAULT_LABELS,
) -> str:
    """Return tiles of several metrics: for one day against what is usual, else day by day."""
    page = Page(heading, width, theme)
    days = days_between(start, end)
    if not days or not any(series.at(day) is not None for series in metrics for day in days):
        page.empty(labels.nothing, _HEIGHT)
        return page.finish(labels.nothing)
    columns = max(int((page.inner + _GAP) // (_LEAST + _GAP)), 1)
    columns = min(columns, 3, len(metrics))
    tile = (page.inner - (columns - 1) * _GAP) / columns
    top = page.top + 16
    for first in range(0, len(metrics), columns):
        row = metrics[first : first + columns]
        height = _HEIGHT if any(_has_graph(series, days) for series in row) else _LOW
        for column, series in enumerate(row):
            left = page.left + column * (tile + _GAP)
            _tile(Panel(page.drawing, left, left + tile, top, top + height), series, days, labels)
        top += height + _GAP
    page.top = top - _GAP
    return page.finish(_describe(metrics, days, labels))


def _has_graph(series: DailySeries, days: list[date]) -> bool:
    """Whether something stands below the figure: days have a course, one day needs a range."""
    if len(days) > 1:
        return any(series.at(day) is not None for day in days)
    return series.at(days[0]) is not None and series.range_at(days[0]) is not None
