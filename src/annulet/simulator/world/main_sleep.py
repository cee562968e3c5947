"""The main sleep of a day: all that the person slept at night, or by day after a night of work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from annulet.simulator.world.sleep import Sleep

_BREAK: Final = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class MainSleep:
    """The long sleeps of a day together. Durations are seconds.

    Attributes:
        parts: The sleeps by their start; one at least.
    """

    parts: tuple[Sleep, ...]

    @property
    def day(self) -> date:
        """The day it counts for."""
        return self.parts[0].day

    @property
    def start(self) -> datetime:
        """The first bedtime."""
        return self.parts[0].start

    @property
    def end(self) -> datetime:
        """The last waking."""
        return self.parts[-1].end

    @property
    def deep(self) -> int:
        """Seconds of deep sleep."""
        return sum(part.deep for part in self.parts)

    @property
    def rem(self) -> int:
        """Seconds of REM sleep."""
        return sum(part.rem for part in self.parts)

    @property
    def light(self) -> int:
        """Seconds of light sleep."""
        return sum(part.light for part in self.parts)

    @property
    def total(self) -> int:
        """Seconds asleep."""
        return self.deep + self.rem + self.light

    @property
    def in_bed(self) -> int:
        """Seconds in bed, without the time between the parts."""
        return sum(part.in_bed for part in self.parts)

    @property
    def awake(self) -> int:
        """Seconds awake in bed."""
        return self.in_bed - self.total

    @property
    def latency(self) -> int:
        """Seconds until the first sleep."""
        return self.parts[0].latency

    @property
    def efficiency(self) -> int:
        """Percent of the time in bed that was sleep."""
        return round(100 * self.total / self.in_bed)

    @property
    def has_heart_rate(self) -> bool:
        """Whether heart rate and HRV were recorded in any part."""
        return any(part.has_heart_rate for part in self.parts)

    @property
    def lowest(self) -> int:
        """The lowest heart rate."""
        return min(part.lowest for part in self.parts if part.has_heart_rate)

    @property
    def hrv(self) -> float:
        """The average HRV in milliseconds, over the time asleep."""
        recorded = [part for part in self.parts if part.has_heart_rate]
        weighted = sum(part.hrv * part.total for part in recorded)
        return weighted / sum(part.total for part in recorded)

    @property
    def breath(self) -> float:
        """The average breaths a minute, over the time asleep."""
        return sum(part.breath * part.total for part in self.parts) / self.total


def main_sleep(sleeps: Iterable[Sleep]) -> MainSleep | None:
    """Return all long sleeps of a day, with the sleeps that only a short break separates."""
    ordered = sorted(sleeps, key=lambda sleep: sleep.start)
    parts = [sleep for sleep in ordered if sleep.kind == "long_sleep"]
    rest = [sleep for sleep in ordered if sleep.kind == "sleep"]
    while beside := [piece for piece in rest if any(_is_beside(piece, part) for part in parts)]:
        parts += beside
        rest = [piece for piece in rest if piece not in beside]
    return MainSleep(tuple(sorted(parts, key=lambda part: part.start))) if parts else None


def _is_beside(piece: Sleep, part: Sleep) -> bool:
    return part.start - piece.end <= _BREAK and piece.start - part.end <= _BREAK
