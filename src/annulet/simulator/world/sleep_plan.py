"""The sleeps a person takes, by the day whose plan contains them, with or without the ring."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from annulet.simulator.world.local_calendar import LocalCalendar
from annulet.simulator.world.random_streams import apportion, random_stream
from annulet.simulator.world.sleep import EPOCH_S, Sleep
from annulet.simulator.world.traits import Traits
from annulet.simulator.world.vitals import NightVitals, Vitals

_HOUR_S: Final = 3600
_EPOCHS_AN_HOUR: Final = _HOUR_S // EPOCH_S
_LONGEST_IN_BED_H: Final = 11.5
_EVENING_HOUR: Final = 18
_UNFINISHED_SHOWN: Final = timedelta(hours=20)
_SYNC_INTERVAL: Final = timedelta(minutes=5)
_AWAKE_BEFORE_START: Final = timedelta(minutes=45)


@dataclass(eq=False)
class SleepPlan:
    """The planned sleeps of one person, by day index."""

    traits: Traits
    calendar: LocalCalendar
    vitals: Vitals
    made_at: datetime

    def __post_init__(self) -> None:
        self._main = lru_cache(maxsize=None)(self._plan_main)
        self.sleeps = lru_cache(maxsize=None)(self._plan_day)

    def _plan_day(self, index: int) -> tuple[Sleep, ...]:
        """Return the sleeps of a day's plan: the main one, then those that overlap no other."""
        if index < 0:
            return ()
        main = self._main(index)
        neighbours = [self._main(index + 1)]
        if index:
            neighbours.append(self._main(index - 1))
        planned = [main]
        for sleep in self._draw_further_sleeps(index):
            if all(
                sleep.end < neighbour.start or sleep.start > neighbour.end
                for neighbour in (*neighbours, *planned)
            ):
                planned.append(sleep)
        return tuple(planned)

    def _plan_main(self, index: int) -> Sleep:
        """Return the main sleep of a day; with ``awake_now`` the last one is moved to be over."""
        sleep = self._draw_main(index)
        is_last = self.traits.awake_now and index == self.traits.days - 1
        if not is_last or sleep.known_from - self.made_at <= -_SYNC_INTERVAL:
            return sleep
        shift = self.made_at - _AWAKE_BEFORE_START - sleep.end
        start = self.calendar.localize(sleep.start + shift, index)
        end = self.calendar.localize(sleep.end + shift, index)
        if index and start < self._main(index - 1).end:
            return sleep
        return replace(sleep, start=start, end=end, known_from=end + timedelta(minutes=10))

    def _draw_main(self, index: int) -> Sleep:
        rng = random_stream(self.traits.seed, "night", index)
        vitals = self.vitals.at(index)
        is_late = self._is_late_sleep(index)
        hours, start = vitals.sleep_hours, self.traits.bedtime
        if is_late:
            hours, start = 9.3, 8.0
        elif self.traits.second_sleep:
            hours, start = min(6.0, max(3.4, hours * 0.72)), 8.3
        elif self.calendar.day(index).weekday() in (5, 6):
            start += 0.5
        spread = max(-2.2, min(2.2, rng.gauss(0, 1))) * self.traits.bedtime_sd
        if is_late:
            return self._draw_sleep(index, 0, start, hours, rng, efficiency=91.5)
        return self._draw_sleep(
            index, 0, start + spread, hours, rng, efficiency=vitals.efficiency, planned_deep=True
        )

    def _is_late_sleep(self, index: int) -> bool:
        """Return whether the only sleep of that day ends after 18:00, so it counts for the next."""
        return self.traits.second_sleep and index % self.traits.late_sleep_every == 5

    def _draw_further_sleeps(self, index: int) -> list[Sleep]:
        rng = random_stream(self.traits.seed, "extras", index)
        sleeps = []
        if self.traits.second_sleep and not self._is_late_sleep(index):
            start, hours = 15.3 + rng.uniform(0, 0.5), rng.uniform(1.2, 1.7)
            sleeps.append(self._draw_sleep(index, 1, start, hours, rng))
        elif rng.random() < self.traits.naps:
            is_late = rng.random() < 0.25
            start = rng.uniform(17.0, 17.3) if is_late else rng.uniform(13.4, 15.4)
            hours = rng.uniform(1.05, 1.25) if is_late else rng.uniform(0.3, 1.2)
            sleeps.append(self._draw_sleep(index, 2, start, hours, rng))
        if self.traits.sparse:
            sleeps.extend(self._draw_unusual_sleeps(index, rng))
        return sleeps

    def _draw_unusual_sleeps(self, index: int, rng: random.Random) -> list[Sleep]:
        """Return rejected and deleted sleeps, one of an unknown type and one without an end."""
        sleeps = []
        if index % 4 == 1:
            sleeps.append(self._draw_sleep(index, 3, 20.2, 0.4, rng, kind="rest"))
        if index % 9 == 2:
            sleeps.append(self._draw_sleep(index, 4, 11.9, 0.8, rng, kind="deleted"))
        if index % 3 == 0:
            sleeps.append(self._draw_sleep(index, 5, 13.2, 0.7, rng))
        if index % 17 == 3:
            sleeps.append(self._draw_sleep(index, 6, 16.1, 0.3, rng, kind="power_nap"))
        if index == self.traits.days - 1:
            sleeps.append(self._draw_unfinished(index, rng))
        return sleeps

    def _draw_unfinished(self, index: int, rng: random.Random) -> Sleep:
        midnight = self.calendar.instant(index)
        start = (self.made_at - timedelta(minutes=55) - midnight).total_seconds() / _HOUR_S
        sleep = self._draw_sleep(index, 7, start, 0.7, rng, kind="sleep")
        known_from = sleep.start + timedelta(minutes=20)
        return replace(sleep, known_from=known_from, deleted_at=known_from + _UNFINISHED_SHOWN)

    def _draw_sleep(
        self,
        index: int,
        number: int,
        start_h: float,
        hours: float,
        rng: random.Random,
        *,
        kind: str = "",
        efficiency: float = 0.0,
        planned_deep: bool = False,
    ) -> Sleep:
        """Return a sleep that starts so many hours after midnight, with so many hours asleep."""
        vitals = self.vitals.at(index)
        asleep = round(hours * _EPOCHS_AN_HOUR)
        percent = efficiency or rng.uniform(82, 95)
        in_bed = max(
            asleep + 2, round(asleep * 100 / max(percent, 100 * hours / _LONGEST_IN_BED_H))
        )
        start = self.calendar.instant(index, round(start_h * _HOUR_S))
        end = self.calendar.localize(start + timedelta(seconds=in_bed * EPOCH_S), index)
        deep, rem, light = _draw_stages(asleep, vitals, rng, planned_deep=planned_deep)
        is_nap = number > 0
        return Sleep(
            plan_index=index,
            number=number,
            start=self.calendar.localize(start, index),
            end=end,
            kind=kind or _sleep_type(in_bed, end),
            deep=deep * EPOCH_S,
            rem=rem * EPOCH_S,
            light=light * EPOCH_S,
            latency=min(in_bed - asleep, rng.randint(4, 44)) * EPOCH_S,
            lowest=vitals.resting + (rng.randint(3, 9) if is_nap else 0),
            hrv=max(5, round(vitals.hrv * (rng.uniform(0.75, 1.0) if is_nap else 1))),
            breath=vitals.breath,
            has_heart_rate=not is_nap or (rng.random() < 0.5 and not self.traits.sparse),
            known_from=end + timedelta(minutes=rng.randint(6, 40)),
        )


def _draw_stages(
    asleep: int, vitals: NightVitals, rng: random.Random, *, planned_deep: bool
) -> tuple[int, int, int]:
    """Return deep, REM and light sleep in epochs of 30 s."""
    if planned_deep:
        deep = min(round(vitals.deep_hours * _EPOCHS_AN_HOUR), round(0.35 * asleep))
        rem = round(asleep * rng.uniform(0.17, 0.25))
        return deep, rem, asleep - deep - rem
    deep, rem, light = apportion(asleep, (rng.uniform(0.05, 0.2), rng.uniform(0.02, 0.2), 0.7))
    return deep, rem, light


def _sleep_type(in_bed: int, end: datetime) -> str:
    if in_bed * EPOCH_S > 3 * _HOUR_S:
        return "long_sleep"
    return "late_nap" if end.hour >= _EVENING_HOUR else "sleep"
