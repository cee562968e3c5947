"""Every sleep of a person: when, of which kind, which day it counts for, its measures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final, Protocol

__all__ = ["COUNTED", "EPOCH", "Sleep", "Sleeps", "sleep_day"]

COUNTED: Final = frozenset({"long_sleep", "sleep", "late_nap"})
EPOCH: Final = 30


def sleep_day(end: datetime) -> date:
    """The day a sleep counts for: sleep days run from 18:00 to 18:00 local."""
    return (end.replace(tzinfo=None) + timedelta(hours=6)).date()


@dataclass(frozen=True, slots=True)
class Sleep:
    """One sleep. Durations in seconds; ``start`` and ``end`` carry the local offset.

    Attributes:
        maker: The index of the day whose plan made it (with ``number``: its identity).
        number: Its place in that plan; 0 is the night, or the main sleep of a day sleeper.
        day: The day it counts for.
        period: Its place among the sleeps of that day.
        kind: Oura's type.
        heart: Whether heart rate and HRV were recorded.
        opened: When the app was opened after it, so that Oura knows of it.
        gone: When the record disappears again (only for one that never got an end).
    """

    maker: int
    number: int
    start: datetime
    end: datetime
    kind: str
    deep: int
    rem: int
    light: int
    latency: int
    lowest: int
    hrv: int
    breath: float
    heart: bool
    opened: datetime
    period: int = 0
    gone: datetime | None = None

    @property
    def day(self) -> date:
        """The day it counts for."""
        return sleep_day(self.end)

    @property
    def total(self) -> int:
        """Seconds asleep."""
        return self.deep + self.rem + self.light

    @property
    def in_bed(self) -> int:
        """Seconds in bed."""
        return round((self.end - self.start).total_seconds())

    @property
    def awake(self) -> int:
        """Seconds awake in bed, the latency included."""
        return self.in_bed - self.total

    @property
    def efficiency(self) -> int:
        """Percent of the time in bed that was sleep."""
        return round(100 * self.total / self.in_bed)

    @property
    def counts(self) -> bool:
        """Whether it is sleep at all (rejected, deleted and unfinished ones are not)."""
        return self.kind in COUNTED and self.gone is None


class _Plan(Protocol):
    def plan(self, index: int) -> tuple[Sleep, ...]: ...


class _Worn(Protocol):
    def day(self, index: int) -> bool: ...

    def night(self, index: int) -> bool: ...


class Sleeps:
    """The sleeps of one person, as recorded and as slept."""

    def __init__(self, bedtimes: _Plan, wear: _Worn) -> None:
        self._bedtimes = bedtimes
        self._wear = wear
        self.of = lru_cache(maxsize=None)(self._of)
        self.spans = lru_cache(maxsize=None)(self._spans)

    def made(self, index: int) -> tuple[Sleep, ...]:
        """The sleeps of a day's plan that the ring saw."""
        return tuple(sleep for sleep in self._bedtimes.plan(index) if self._worn(sleep))

    def night(self, index: int, day: date) -> Sleep | None:
        """The night of a day: the longest of its long sleeps."""
        long = [
            sleep for sleep in self.of(index, day) if sleep.kind == "long_sleep" and sleep.counts
        ]
        return max(long, key=lambda sleep: sleep.in_bed, default=None)

    def _of(self, index: int, day: date) -> tuple[Sleep, ...]:
        """The sleeps that count for a day, in bedtime order, rejected ones included."""
        found = [
            sleep
            for maker in (index - 1, index, index + 1)
            for sleep in self.made(maker)
            if sleep.day == day
        ]
        found.sort(key=lambda sleep: sleep.start)
        return tuple(replace(sleep, period=place) for place, sleep in enumerate(found))

    def _spans(self, index: int) -> tuple[tuple[Sleep, bool], ...]:
        """Every sleep around a day, and whether the ring was worn in it."""
        return tuple(
            (sleep, self._worn(sleep))
            for maker in range(index - 2, index + 3)
            for sleep in self._bedtimes.plan(maker)
            if sleep.counts
        )

    def _worn(self, sleep: Sleep) -> bool:
        main = sleep.number == 0
        return self._wear.night(sleep.maker) if main else self._wear.day(sleep.maker)
