"""One night: the stages of sleep, and below them heart rate and its variability."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from annulet.charts.axes import ClockAxis, elapsed_minutes, value_axis
from annulet.charts.palette import Colour
from annulet.charts.scene import Curve, Heading, Key, Panel, Place, Scene, StageBlock, StageRows
from annulet.charts.text import STAGE_WORDS, hours_and_minutes, number, with_unit
from annulet.charts.values import STAGES, Samples, finite, known_numbers

STAGE_COLOURS: dict[str, Colour] = {
    "deep": "deep",
    "light": "light",
    "rem": "rem",
    "awake": "awake",
}
"""From the deepest stage up."""

_RING_STAGE_MIN = 5


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

    @property
    def is_coarse(self) -> bool:
        """Whether an interval stands for several of the ring's, so that they do not add up."""
        return self.stage_min > _RING_STAGE_MIN

    def minutes(self, stage: str) -> float | None:
        """Return the minutes of a stage, ``None`` where they are not known."""
        total = finite(self.totals.get(stage))
        if total is not None:
            return total
        can_count = not self.is_coarse and any(name in STAGES for name in self.stages)
        return self.stages.count(stage) * self.stage_min if can_count else None

    def axis(self) -> ClockAxis:
        """Return the axis of the time in bed; of the stages where its end is not known."""
        if elapsed_minutes(self.start, self.end) > 0:
            return ClockAxis(self.start, self.end)
        minutes = len(self.stages) * self.stage_min or 60
        return ClockAxis(self.start, self.start + timedelta(minutes=minutes))

    def measures(self) -> Iterator[tuple[Samples, str, str, Colour]]:
        """Yield samples, name, unit and colour of what was measured."""
        if self.heart_rate is not None and known_numbers(self.heart_rate.values):
            yield self.heart_rate, "Heart rate", "bpm", "heart"
        if self.hrv is not None and known_numbers(self.hrv.values):
            yield self.hrv, "HRV", "ms", "hrv"


def _stage_blocks(data: Night) -> Iterator[StageBlock]:
    """Yield each unbroken run of a known stage."""
    at = 0.0
    for stage, group in groupby(data.stages):
        end = at + len(list(group)) * data.stage_min
        if stage in STAGES:
            first, last = (data.start + timedelta(minutes=minutes) for minutes in (at, end))
            times = f"{first:%H:%M}\N{EN DASH}{last:%H:%M}"
            length = f", {hours_and_minutes(end - at)}" if not data.is_coarse else ""
            yield StageBlock(str(stage), at, end, f"{STAGE_WORDS[str(stage)]}: {times}{length}")
        at = end


def sample_places(samples: Samples, axis: ClockAxis) -> tuple[Place, ...]:
    """Return the samples in the middle of their intervals, those outside the axis left out."""
    offset = axis.at(samples.start)
    places = (
        (offset + (n + 0.5) * samples.interval_min, finite(value))
        for n, value in enumerate(samples.values)
    )
    return tuple((at, value) for at, value in places if 0 <= at <= axis.length)


def _summary(samples: Samples) -> str:
    lowest, average = samples.lowest(), samples.average()
    if lowest is None or average is None:
        return ""
    return f"lowest {number(lowest.value)} \N{MIDDLE DOT} average {number(average)}"


def _panel(samples: Samples, name: str, unit: str, colour: Colour, axis: ClockAxis) -> Panel:
    marks = (Curve(sample_places(samples, axis), colour),)
    return Panel(name, unit, value_axis(samples.values, count=3, least=8), marks, _summary(samples))


def _describe(data: Night) -> str:
    sentences = [f"{data.start:%H:%M} to {data.end:%H:%M}."]
    for stage in reversed(STAGES):
        minutes = data.minutes(stage)
        if minutes is not None:
            sentences.append(f"{STAGE_WORDS[stage]}: {hours_and_minutes(minutes)}.")
    for samples, name, unit, _ in data.measures():
        lowest, highest = samples.lowest(), samples.highest()
        if lowest is not None and highest is not None:
            words = f"{with_unit(lowest.value, unit)} to {with_unit(highest.value, unit)}"
            sentences.append(f"{name}: {words}.")
    return " ".join(sentences)


def night(data: Night, heading: Heading) -> Scene:
    """Return the chart of one night."""
    axis = data.axis()
    blocks = tuple(_stage_blocks(data))
    remark = f"the most frequent stage of each {data.stage_min:g} min" if data.is_coarse else ""
    rows = (StageRows(blocks, remark),) if blocks else ()
    panels = tuple(_panel(*measure, axis) for measure in data.measures())
    keys = tuple(
        Key(f"{STAGE_WORDS[stage]} {hours_and_minutes(minutes)}", STAGE_COLOURS[stage], "block")
        for stage in reversed(STAGES)
        if (minutes := data.minutes(stage)) is not None
    )
    return Scene(heading, _describe(data), (*rows, *panels), keys, axis)
