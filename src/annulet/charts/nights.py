"""Nights side by side: the stages of each as one bar, in hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from annulet.charts.axes import DayAxis, value_axis
from annulet.charts.night import STAGE_COLOURS
from annulet.charts.palette import Colour
from annulet.charts.scene import Bar, Heading, Key, Mark, Missing, Panel, Scene
from annulet.charts.text import NOTHING, STAGE_WORDS, long_day, number, short_day
from annulet.charts.values import days_between, finite


@dataclass(frozen=True, slots=True)
class StackedNight:
    """The minutes of each stage of one night; a stage that is not known is absent."""

    day: date
    minutes: Mapping[str, float | None]
    asleep_min: float | None = None

    def parts(self) -> list[tuple[Colour, float, str]]:
        """Return colour, minutes and word of each part; the whole sleep where stages lack."""
        stages = [
            (colour, minutes, STAGE_WORDS[stage])
            for stage, colour in STAGE_COLOURS.items()
            if (minutes := finite(self.minutes.get(stage))) is not None and minutes > 0
        ]
        asleep = finite(self.asleep_min)
        return stages or ([("accent", asleep, "Asleep")] if asleep is not None else [])


def _mark(night: StackedNight | None, day: date, axis: DayAxis) -> Mark:
    parts = [] if night is None else night.parts()
    if night is None or not parts:
        return Missing(axis.at(day), short_day(day))
    reached = 0.0
    stacked: list[tuple[Colour, float, float, str]] = []
    for colour, minutes, word in parts:
        tip = f"{long_day(day)}, {word}: {number(minutes)} min"
        stacked.append((colour, reached / 60, (reached + minutes) / 60, tip))
        reached += minutes
    asleep = finite(night.asleep_min)
    words = f"{number(reached / 60, 1)} h in bed"
    if asleep is not None:
        words = f"{number(asleep / 60, 1)} h asleep"
    return Bar(axis.at(day), short_day(day), tuple(stacked), words)


def stage_bars(nights: Sequence[StackedNight], start: date, end: date, heading: Heading) -> Scene:
    """Return the stages of each night as a stacked bar, in hours."""
    by_day = {night.day: night for night in nights}
    days = days_between(start, end)
    axis = DayAxis(start, end)
    marks = tuple(_mark(by_day.get(day), day, axis) for day in days)
    bars = [mark for mark in marks if isinstance(mark, Bar)]
    if not bars:
        return Scene(heading, NOTHING, axis=axis)
    totals = [bar.parts[-1][2] for bar in bars]
    used = {part[0] for bar in bars for part in bar.parts}
    keys = [
        Key(STAGE_WORDS[stage], colour, "block")
        for stage, colour in STAGE_COLOURS.items()
        if colour in used
    ]
    if len(bars) < len(days):
        keys.append(Key("No data", "edge", "gap"))
    label = "Time in bed" if "accent" not in used else "Time asleep"
    panel = Panel(label, "hours", value_axis(totals, zero=True, count=6), marks, size="tall")
    description = (
        f"{heading.title}: {long_day(start)} to {long_day(end)}, {len(bars)} of {len(days)} "
        f"nights, {number(min(totals), 1)} to {number(max(totals), 1)} h {label[5:]}."
    )
    return Scene(heading, description, (panel,), tuple(keys), axis)
