"""One sleep of a person: times, type, day and measures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

_NOT_SLEPT: Final = frozenset({"rest", "deleted"})
EPOCH_S: Final = 30


@dataclass(frozen=True, slots=True)
class Sleep:
    """One sleep. Durations are seconds; ``start`` and ``end`` carry the local offset.

    Attributes:
        plan_index: The index of the day whose plan contains it.
        number: Its number in that plan; 0 is the main sleep.
        period: Its position among the sleeps of its day.
        kind: Oura's type.
        lowest: The lowest heart rate.
        hrv: The average HRV in milliseconds.
        breath: The average breaths a minute.
        has_heart_rate: Whether heart rate and HRV were recorded.
        known_from: The first app sync after it, from which on Oura has it.
        deleted_at: The instant its document disappears (only for a sleep that has no end).
    """

    plan_index: int
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
    has_heart_rate: bool
    known_from: datetime
    period: int = 0
    deleted_at: datetime | None = None

    @property
    def day(self) -> date:
        """The day it counts for; the days of sleeps run from 18:00 to 18:00 local."""
        return (self.end.replace(tzinfo=None) + timedelta(hours=6)).date()

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
    def is_counted(self) -> bool:
        """Whether it is a confirmed sleep: not rejected, deleted or without an end."""
        return self.kind not in _NOT_SLEPT and self.deleted_at is None
