"""The sleeps of a person as the ring recorded them, by day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from annulet.simulator.world.local_calendar import LocalCalendar
from annulet.simulator.world.sleep import Sleep
from annulet.simulator.world.sleep_plan import SleepPlan
from annulet.simulator.world.wear import Wear


@dataclass(eq=False)
class Sleeps:
    """The recorded sleeps of one person, by day index."""

    calendar: LocalCalendar
    wear: Wear
    plan: SleepPlan

    def __post_init__(self) -> None:
        self.of_day = lru_cache(maxsize=None)(self._of_day)
        self.around = lru_cache(maxsize=None)(self._around)

    def night(self, index: int) -> Sleep | None:
        """Return the night of a day: the longest of its long sleeps."""
        long_sleeps = [
            sleep for sleep in self.of_day(index) if sleep.kind == "long_sleep" and sleep.is_counted
        ]
        return max(long_sleeps, key=lambda sleep: sleep.in_bed, default=None)

    def _of_day(self, index: int) -> tuple[Sleep, ...]:
        """Return the recorded sleeps of a day by bedtime, rejected ones included."""
        day = self.calendar.day(index)
        sleeps = [
            sleep
            for plan_index in (index - 1, index, index + 1)
            for sleep in self.plan.sleeps(plan_index)
            if sleep.day == day and self._is_recorded(sleep)
        ]
        sleeps.sort(key=lambda sleep: sleep.start)
        return tuple(replace(sleep, period=period) for period, sleep in enumerate(sleeps))

    def _around(self, index: int) -> tuple[tuple[Sleep, bool], ...]:
        """Return the sleeps within two days of a day, each with whether it was recorded."""
        return tuple(
            (sleep, self._is_recorded(sleep))
            for plan_index in range(index - 2, index + 3)
            for sleep in self.plan.sleeps(plan_index)
            if sleep.is_counted
        )

    def _is_recorded(self, sleep: Sleep) -> bool:
        is_worn = self.wear.is_worn if sleep.number else self.wear.is_worn_at_night
        return is_worn(sleep.plan_index)
