"""Inside a day: heart rate as a line within its lowest-to-highest envelope, or movement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from annulet.charts.drawing import Point
from annulet.charts.page import DESKTOP, Key, Page
from annulet.charts.panel import Panel, gutter, runs
from annulet.charts.scale import Clock, Linear, elapsed_minutes, nice_scale
from annulet.charts.text import text_width, with_unit
from annulet.charts.values import (
    DEFAULT_LABELS,
    Heading,
    Labels,
    Samples,
    Span,
    finite,
    present,
)

__all__ = ["Intraday", "intraday"]

_TWO_DAYS = 2 * 1440


@dataclass(frozen=True, slots=True)
class Intraday:
    """Measurements inside a stretch of time.

    Attributes:
        start: The left end of the axis; its offset decides the clock times shown.
        end: The right end.
        samples: The measurements; with `low` and `high` an envelope is drawn around the line.
        label: What is measured.
        unit: Its unit.
        colour: The theme's colour to use: ``heart``, ``hrv`` or ``active``.
        filled: Whether the ground down to zero is filled, as suits movement.
        decimals: Digits behind the point.
        spans: Named stretches in the background.
        extremes: Whether the lowest and the highest point are labelled.
    """

    start: datetime
    end: datetime
    samples: Samples
    label: str
    unit: str
    colour: Literal["heart", "hrv", "active"] = "heart"
    filled: bool = False
    decimals: int = 0
    spans: Sequence[Span] = ()
    extremes: bool = True


def _minutes(data: Intraday) -> list[float]:
    """The middle of each interval, in minutes after the start of the axis."""
    offset = elapsed_minutes(data.start, data.samples.start)
    step = data.samples.interval_min
    return [offset + (n + 0.5) * step for n in range(len(data.samples.values))]


def _line(data: Intraday, values: Sequence[float | None], x: Clock, y: Linear) -> list[list[Point]]:
    points: list[tuple[float, float | None]] = []
    for minute, raw in zip(_minutes(data), values, strict=False):
        value = finite(raw)
        if 0 <= minute <= x.minutes:
            points.append((x.after(minute), None if value is None else y(value)))
    return runs(points)


def _envelope(panel: Panel, data: Intraday, x: Clock, y: Linear, fill: str) -> bool:
    low, high = data.samples.low, data.samples.high
    if not present(low) or not present(high):
        return False
    lower, upper = _line(data, low, x, y), _line(data, high, x, y)
    if [len(run) for run in lower] != [len(run) for run in upper]:
        return False
    for one, other in zip(lower, upper, strict=True):
        panel.drawing.area(other, one, fill)
    return True


def _spans(panel: Panel, data: Intraday, x: Clock) -> None:
    """Name stretches at the top; a name that would cover the one before is left out."""
    reached = panel.left
    for span in sorted(data.spans, key=lambda span: elapsed_minutes(data.start, span.start)):
        left, right = x(span.start), x(span.end)
        if right - left < 1:
            continue
        panel.wash(left, right, panel.drawing.theme.raised)
        half = text_width(span.label, 11) / 2 + 4
        middle = min(max((left + right) / 2, panel.left + half), panel.right - half)
        if middle - half >= reached and 2 * half <= panel.right - panel.left:
            panel.drawing.text((middle, panel.top + 14), span.label, anchor="middle")
            reached = middle + half


def _extremes(panel: Panel, data: Intraday, x: Clock, y: Linear) -> None:
    """Label the highest and, where it says something, the lowest point, inside the panel."""
    lowest = _found(data, data.samples.low or data.samples.values, x)
    highest = _found(data, data.samples.high or data.samples.values, x)
    if len(highest) < 2 or not lowest:  # noqa: PLR2004 -- a lone point needs no extremes
        return
    chosen = (
        [(max(highest), False)] if data.filled else [(min(lowest), True), (max(highest), False)]
    )
    colours = panel.drawing.theme
    for (value, minute), below in chosen:
        at = (x.after(minute), y(value))
        panel.drawing.dot(at, colours.surface, radius=4, stroke=colours.ink, width=1.75)
        words = f"{with_unit(value, data.unit, data.decimals)} \N{MIDDLE DOT} {_when(data, minute)}"
        half = text_width(words, 11, bold=True) / 2 + 2
        place = min(max(at[0], panel.left + half), panel.right - half)
        line = at[1] + 19 if below else at[1] - 10
        line = min(max(line, panel.top + 10), panel.bottom - 5)
        panel.drawing.text(
            (place, line), words, fill=colours.ink, bold=True, anchor="middle", halo=True
        )


def _found(data: Intraday, values: Sequence[float | None], x: Clock) -> list[tuple[float, float]]:
    return [
        (value, minute)
        for minute, raw in zip(_minutes(data), values, strict=False)
        if (value := finite(raw)) is not None and 0 <= minute <= x.minutes
    ]


def _when(data: Intraday, minute: float) -> str:
    """The beginning of the interval around a minute, with its day where there are several."""
    moment = data.start + timedelta(minutes=minute - data.samples.interval_min / 2)
    several = elapsed_minutes(data.start, data.end) > _TWO_DAYS
    return (
        f"{DEFAULT_LABELS.weekdays[moment.weekday()]} {moment:%H:%M}"
        if several
        else f"{moment:%H:%M}"
    )


def _describe(data: Intraday, labels: Labels) -> str:
    values = present(data.samples.values)
    if not values:
        return f"{data.label}: {labels.nothing}."
    low = with_unit(min(present([*values, *data.samples.low])), data.unit, data.decimals)
    high = with_unit(max(present([*values, *data.samples.high])), data.unit, data.decimals)
    mean = with_unit(sum(values) / len(values), data.unit, data.decimals)
    return (
        f"{data.label}, {labels.long_day(data.start.date())} {data.start:%H:%M} to "
        f"{labels.long_day(data.end.date())} {data.end:%H:%M}: "
        f"{labels.lowest} {low}, {labels.highest} {high}, {labels.average} {mean}."
    )


def intraday(
    data: Intraday,
    heading: Heading,
    *,
    theme: str = "light",
    width: int = DESKTOP,
    labels: Labels = DEFAULT_LABELS,
) -> str:
    """Return the chart of one measurement through a day or a few."""
    page = Page(heading, width, theme)
    height = 180.0 if page.compact else 230.0
    numbers = present([*data.samples.values, *data.samples.low, *data.samples.high])
    if not numbers:
        page.empty(labels.nothing, height)
        return page.finish(_describe(data, labels))
    colour, soft = _colours(page, data)
    enveloped = bool(present(data.samples.low) and present(data.samples.high))
    if enveloped:
        page.legend([Key(labels.mean, colour, "line"), Key(labels.spread, soft, "block")])
    top = page.top + 30
    y = nice_scale(
        numbers,
        top + height,
        top,
        zero=data.filled,
        whole=data.decimals == 0,
        floor=0.0,
        least=10.0 if data.decimals == 0 else 2.0,
    )
    left = page.left + gutter([(y, data.decimals)])
    panel = Panel(page.drawing, left, page.right, top, top + height)
    panel.caption(data.label, data.unit, x=page.left)
    x = Clock(data.start, data.end, left, page.right)
    _spans(panel, data, x)
    panel.grid(y, data.decimals)
    _envelope(panel, data, x, y, soft)
    for run in _line(data, data.samples.values, x, y):
        if data.filled:
            panel.drawing.area(run, [(place, panel.bottom) for place, _ in run], soft)
        panel.drawing.path(run, colour, width=1.75)
    if data.extremes:
        _extremes(panel, data, x, y)
    panel.axis(x.ticks(labels=labels))
    page.top = panel.bottom + 22
    return page.finish(_describe(data, labels))


def _colours(page: Page, data: Intraday) -> tuple[str, str]:
    line, soft = getattr(page.theme, data.colour), getattr(page.theme, f"{data.colour}_wash")
    return str(line), str(soft)
