"""Nights side by side: the stages of each as one bar, in hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from annulet.charts.bars import missing_day, slot
from annulet.charts.page import DESKTOP, Key, Page
from annulet.charts.panel import Panel, gutter
from annulet.charts.scale import Days, Linear, nice_scale
from annulet.charts.text import number
from annulet.charts.values import (
    DEFAULT_LABELS,
    Heading,
    Labels,
    days_between,
    finite,
    present,
)

__all__ = ["StackedDay", "stage_bars"]

_ORDER = ("deep", "light", "rem", "awake")


@dataclass(frozen=True, slots=True)
class StackedDay:
    """The minutes of each stage of one night; a stage that is not known is absent."""

    day: date
    minutes: Mapping[str, float | None]


def _stack(panel: Panel, night: StackedDay, x: Days, y: Linear, labels: Labels) -> None:
    left, width = slot(x, night.day)
    reached = 0.0
    for stage in _ORDER:
        minutes = finite(night.minutes.get(stage))
        if not minutes or minutes < 0:
            continue
        top, bottom = y((reached + minutes) / 60), y(reached / 60)
        words = f"{labels.long_day(night.day)}, {labels.stage(stage)}: {number(minutes)} min"
        fill = str(getattr(panel.drawing.theme, stage))
        # A hair of ground between the parts tells them apart without colour.
        panel.drawing.rect((left, top + 0.75, width, max(bottom - top - 1.5, 0.5)), fill, tip=words)
        reached += minutes


def stage_bars(
    nights: Sequence[StackedDay],
    start: date,
    end: date,
    heading: Heading,
    *,
    theme: str = "light",
    width: int = DESKTOP,
    labels: Labels = DEFAULT_LABELS,
) -> str:
    """Return the stages of each night as a stacked bar, in hours."""
    page = Page(heading, width, theme)
    height = 170.0 if page.compact else 220.0
    known = {night.day: night for night in nights if present(night.minutes.values())}
    days = days_between(start, end)
    shown = [known[day] for day in days if day in known]
    if not shown:
        page.empty(labels.nothing, height)
        return page.finish(labels.nothing)
    keys = [Key(labels.stage(s), str(getattr(page.theme, s)), "block") for s in _ORDER]
    if len(shown) < len(days):
        keys.append(Key(labels.missing, page.theme.edge, "gap"))
    page.legend(keys)
    top = page.top + 30
    totals = [sum(present(night.minutes.values())) / 60 for night in shown]
    y = nice_scale(totals, top + height, top, zero=True, count=6)
    left = page.left + gutter([(y, 0)])
    panel = Panel(page.drawing, left, page.right, top, top + height)
    panel.caption(labels.in_bed, labels.hours, x=page.left)
    panel.grid(y)
    x = Days(start, end, left, page.right)
    for day in days:
        if day in known:
            _stack(panel, known[day], x, y, labels)
        else:
            missing_day(panel, x, day)
    panel.axis(x.ticks(labels=labels), marks=False)
    page.top = panel.bottom + 22
    return page.finish(
        f"{heading.title}: {labels.long_day(start)} to {labels.long_day(end)}, "
        f"{len(shown)} of {len(days)} nights, {number(min(totals), 1)} to "
        f"{number(max(totals), 1)} h in bed."
    )
