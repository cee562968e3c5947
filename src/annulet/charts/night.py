"""One night: the stages of sleep, and below them heart rate and its variability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby, pairwise

from annulet.charts.page import DESKTOP, Key, Page
from annulet.charts.panel import Panel, gutter, runs
from annulet.charts.scale import Clock, Linear, elapsed_minutes, nice_scale
from annulet.charts.text import hours_and_minutes, number, text_width, with_unit
from annulet.charts.values import (
    DEFAULT_LABELS,
    STAGES,
    Heading,
    Labels,
    Samples,
    finite,
    present,
)

__all__ = ["Night", "night"]

_ROW = 26.0
_BAR = 14.0


@dataclass(frozen=True, slots=True)
class Night:
    """One sleep period.

    Attributes:
        start: When the time in bed began; its offset decides the clock times shown.
        end: When it ended.
        stages: One of `STAGES` for each interval, ``None`` where it is not known.
        stage_min: The minutes of one stage interval.
        totals: Minutes by stage where they are known better than by counting intervals.
        heart_rate: Beats per minute.
        hrv: Heart-rate variability in milliseconds.
    """

    start: datetime
    end: datetime
    stages: Sequence[str | None] = ()
    stage_min: float = 5.0
    totals: Mapping[str, float | None] = field(default_factory=dict)
    heart_rate: Samples | None = None
    hrv: Samples | None = None

    def minutes(self, stage: str) -> float | None:
        """The minutes of a stage, ``None`` where nothing is known about stages."""
        told = finite(self.totals.get(stage))
        if told is not None:
            return told
        known = any(name in STAGES for name in self.stages)
        return self.stages.count(stage) * self.stage_min if known else None


def _stage_runs(data: Night) -> list[tuple[str, float, float]]:
    """Return (stage, first minute, last minute) of each unbroken run of a known stage."""
    found = []
    at = 0
    for stage, group in groupby(data.stages):
        length = len(list(group))
        if stage in STAGES:
            found.append((str(stage), at * data.stage_min, (at + length) * data.stage_min))
        at += length
    return found


def _clock_of(data: Night, left: float, right: float) -> Clock:
    end = data.end
    staged = len(data.stages) * data.stage_min
    if elapsed_minutes(data.start, end) <= 0:
        end = data.start + timedelta(minutes=staged or 60)
    return Clock(data.start, end, left, right)


def _hypnogram(panel: Panel, data: Night, x: Clock, labels: Labels) -> None:
    drawing, colours = panel.drawing, panel.drawing.theme
    for row, stage in enumerate(STAGES):
        middle = panel.top + (row + 0.5) * _ROW
        drawing.line((panel.left, middle), (panel.right, middle), colours.line)
        drawing.text((panel.left - 10, middle + 4), labels.stage(stage), anchor="end")
    stretches = _stage_runs(data)
    for (one, _, end), (other, start, _) in pairwise(stretches):
        if start - end < 1e-6:  # noqa: PLR2004 -- the next run follows at once
            upper, lower = sorted((_row(one), _row(other)))
            place = x.after(start)
            ends = [(place, panel.top + (row + 0.5) * _ROW) for row in (upper, lower)]
            drawing.line(ends[0], ends[1], colours.edge)
    for stage, start, end in stretches:
        top = panel.top + (_row(stage) + 0.5) * _ROW - _BAR / 2
        width = max(x.after(end) - x.after(start), 1.0)
        tip = f"{labels.stage(stage)}: {_times(data, start, end)}, {hours_and_minutes(end - start)}"
        radius = min(3.0, width / 2)
        fill = str(getattr(colours, stage))
        drawing.rect((x.after(start), top, width, _BAR), fill, radius=radius, tip=tip)


def _row(stage: str) -> int:
    return STAGES.index(stage)


def _times(data: Night, start: float, end: float) -> str:
    first, last = (data.start + timedelta(minutes=minutes) for minutes in (start, end))
    return f"{first:%H:%M}\N{EN DASH}{last:%H:%M}"


def _offset(data: Night, samples: Samples) -> float:
    return elapsed_minutes(data.start, samples.start)


def _curve(
    panel: Panel, data: Night, samples: Samples, *, scales: tuple[Clock, Linear], colour: str
) -> None:
    """Draw the line of one measurement."""
    x, y = scales
    panel.grid(y)
    offset = _offset(data, samples)
    points: list[tuple[float, float | None]] = []
    for n, raw in enumerate(samples.values):
        value = finite(raw)
        minute = offset + (n + 0.5) * samples.interval_min
        if 0 <= minute <= x.minutes:
            points.append((x.after(minute), None if value is None else y(value)))
    for run in runs(points):
        panel.drawing.path(run, colour, width=2)


def _hours(panel: Panel, x: Clock) -> None:
    for tick in x.ticks():
        if x.start + 1 < tick.at < x.end - 1:
            ends = (tick.at, panel.top), (tick.at, panel.bottom)
            panel.drawing.line(*ends, panel.drawing.theme.line)


def _legend(data: Night, page: Page, labels: Labels) -> list[Key]:
    keys = []
    for stage in reversed(STAGES):
        minutes = data.minutes(stage)
        if minutes is not None:
            words = f"{labels.stage(stage)} {hours_and_minutes(minutes)}"
            keys.append(Key(words, str(getattr(page.theme, stage)), "block"))
    return keys


def _describe(data: Night, labels: Labels) -> str:
    said = [f"{data.start:%H:%M} to {data.end:%H:%M}."]
    for stage in reversed(STAGES):
        minutes = data.minutes(stage)
        if minutes is not None:
            said.append(f"{labels.stage(stage)}: {hours_and_minutes(minutes)}.")
    for samples, name, unit in _measures(data, labels):
        values = present(samples.values)
        if values:
            low, high = with_unit(min(values), unit), with_unit(max(values), unit)
            said.append(f"{name}: {low} to {high}.")
    return " ".join(said)


def _measures(data: Night, labels: Labels) -> list[tuple[Samples, str, str]]:
    chosen = [(data.heart_rate, labels.heart_rate, "bpm"), (data.hrv, labels.hrv, "ms")]
    return [
        (samples, name, unit)
        for samples, name, unit in chosen
        if samples is not None and present(samples.values)
    ]


def _summary(samples: Samples, labels: Labels) -> str:
    values = present(samples.values)
    low, mean = number(min(values)), number(sum(values) / len(values))
    return f"{labels.lowest} {low} \N{MIDDLE DOT} {labels.average} {mean}"


def _measure(
    page: Page,
    data: Night,
    measure: tuple[Samples, str, str],
    *,
    scales: tuple[Clock, Linear],
    height: float,
    labels: Labels,
) -> None:
    """Draw one measurement below what is there."""
    samples, name, unit = measure
    x, y = scales
    summary = _summary(samples, labels)
    together = text_width(f"{name} {unit} {summary}", 12, bold=True) + 24 <= page.inner
    top = page.top + (40 if together else 58)
    panel = Panel(page.drawing, x.start, page.right, top, top + height)
    if together:
        panel.caption(name, unit, x=page.left, value=summary)
    else:
        panel.caption(name, unit, x=page.left, line=top - 30)
        page.drawing.text((page.left, top - 12), summary)
    _hours(panel, x)
    moved = Linear(y.low, y.high, panel.bottom, top, y.ticks)
    colour = page.theme.heart if samples is data.heart_rate else page.theme.hrv
    _curve(panel, data, samples, scales=(x, moved), colour=colour)
    page.top = panel.bottom


def night(
    data: Night,
    heading: Heading,
    *,
    theme: str = "light",
    width: int = DESKTOP,
    labels: Labels = DEFAULT_LABELS,
) -> str:
    """Return the chart of one night."""
    page = Page(heading, width, theme)
    page.legend(_legend(data, page, labels))
    stretches, measures = _stage_runs(data), _measures(data, labels)
    if not stretches and not measures:
        page.empty(labels.nothing, 160)
        return page.finish(_describe(data, labels))
    height = 76.0 if page.compact else 92.0
    scales = [
        nice_scale(samples.values, height, 0, count=3, whole=True, least=8)
        for samples, _, _ in measures
    ]
    names = max(text_width(labels.stage(stage), 11) for stage in STAGES) + 14 if stretches else 0
    left = page.left + max(names, gutter((scale, 0) for scale in scales))
    x = _clock_of(data, left, page.right)
    if stretches:
        top = page.top + 14
        page.top = top + len(STAGES) * _ROW
        panel = Panel(page.drawing, left, page.right, top, page.top)
        _hours(panel, x)
        _hypnogram(panel, data, x, labels)
    for measure, scale in zip(measures, scales, strict=True):
        _measure(page, data, measure, scales=(x, scale), height=height, labels=labels)
    Panel(page.drawing, left, page.right, page.top, page.top).axis(x.ticks(labels=labels))
    page.top += 22
    return page.finish(_describe(data, labels))
