"""When a person goes to bed: the plan of each day, whether or not the ring is worn."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from annulet.simulator.world.draws import share, stream
from annulet.simulator.world.places import Places
from annulet.simulator.world.sleeps import EPOCH, Sleep
from annulet.simulator.world.traits import Traits
from annulet.simulator.world.vitals import Values, Vitals

__all__ = ["Bedtimes"]

_HOUR: Final = 3600
_UNITS_AN_HOUR: Final = _HOUR // EPOCH
_LONGEST: Final = 11.5  # hours in bed
_EVENING: Final = 18
_STUCK: Final = timedelta(hours=20)
_SYNC: Final = timedelta(minutes=5)
_LATELY: Final = timedelta(minutes=45)


class Bedtimes:
    """The sleeps a person takes, by the day whose plan they belong to."""

    def __init__(self, traits: Traits, places: Places, vitals: Vitals, made_at: datetime) -> None:
        self._traits = traits
        self._places = places
        self._vitals = vitals
        self._made_at = made_at
        self._main = lru_cache(maxsize=None)(self._over_by_now)
        self.plan = lru_cache(maxsize=None)(self._draw)

    def _draw(self, index: int) -> tuple[Sleep, ...]:
        """The sleeps of a day's plan: the main one first, then whatever does not overlap it."""
        if index < 0:
            return ()
        main = self._main(index)
        fixed = [main, self._main(index + 1)]
        if index:
            fixed.append(self._main(index - 1))
        taken = [main]
        for sleep in self._extras(index):
            if all(
                sleep.end < other.start or sleep.start > other.end for other in (*fixed, *taken)
            ):
                taken.append(sleep)
        return tuple(taken)

    def _over_by_now(self, index: int) -> Sleep:
        """The main sleep of a day; the last one is over, for whoever asks is awake."""
        sleep = self._draw_main(index)
        late = sleep.opened - self._made_at
        wanted = self._traits.awake_now and index == self._traits.days - 1
        if not wanted or late <= -_SYNC:
            return sleep
        shift = self._made_at - _LATELY - sleep.end
        start = self._places.local(sleep.start + shift, index)
        end = self._places.local(sleep.end + shift, index)
        if index and start < self._main(index - 1).end:
            return sleep
        return replace(sleep, start=start, end=end, opened=end + timedelta(minutes=10))

    def _draw_main(self, index: int) -> Sleep:
        rng = stream(self._traits.seed, "night", index)
        values = self._vitals.at(index)
        hours, start = values.sleep_hours, self._traits.bedtime
        if self._traits.second_sleep:
            hours, start = min(6.0, max(3.4, hours * 0.72)), 8.3
            if self.is_haul(index):
                hours, start = 9.3, 8.0
        elif self._places.day(index).weekday() in (5, 6):
            start += 0.5
        spread = max(-2.2, min(2.2, rng.gauss(0, 1))) * self._traits.bedtime_sd
        if self.is_haul(index):
            return self._sleep(index, 0, start, hours, rng, efficiency=91.5)
        return self._sleep(
            index, 0, start + spread, hours, rng, efficiency=values.efficiency, deep=True
        )

    def is_haul(self, index: int) -> bool:
        """Whether a day sleeper sleeps on that day until after 18:00, for the day after."""
        return self._traits.second_sleep and index % self._traits.haul_every == 5

    def _extras(self, index: int) -> list[Sleep]:
        rng = stream(self._traits.seed, "extras", index)
        found = []
        if self._traits.second_sleep and not self.is_haul(index):
            found.append(
                self._sleep(index, 1, 15.3 + rng.uniform(0, 0.5), rng.uniform(1.2, 1.7), rng)
            )
        elif rng.random() < self._traits.naps:
            late = rng.random() < 0.25  # a quarter of the naps
            begin = rng.uniform(17.0, 17.3) if late else rng.uniform(13.4, 15.4)
            hours = rng.uniform(1.05, 1.25) if late else rng.uniform(0.3, 1.2)
            found.append(self._sleep(index, 2, begin, hours, rng))
        if self._traits.sparse:
            found.extend(self._surprises(index, rng))
        return found

    def _surprises(self, index: int, rng: random.Random) -> list[Sleep]:
        """What a tidy record does not have: rejected, deleted, unknown and unfinished sleeps."""
        found = []
        if index % 4 == 1:
            found.append(self._sleep(index, 3, 20.2, 0.4, rng, kind="rest"))
        if index % 9 == 2:
            found.append(self._sleep(index, 4, 11.9, 0.8, rng, kind="deleted"))
        if index % 3 == 0:
            found.append(self._sleep(index, 5, 13.2, 0.7, rng))
        if index % 17 == 3:
            found.append(self._sleep(index, 6, 16.1, 0.3, rng, kind="power_nap"))
        if index == self._traits.days - 1:
            found.append(self._unfinished(index, rng))
        return found

    def _unfinished(self, index: int, rng: random.Random) -> Sleep:
        begin = self._made_at - timedelta(minutes=55)
        midnight = self._places.instant(index)
        sleep = self._sleep(
            index, 7, (begin - midnight).total_seconds() / _HOUR, 0.7, rng, kind="sleep"
        )
        return self._with_opening(sleep, sleep.start + timedelta(minutes=20), _STUCK)

    @staticmethod
    def _with_opening(sleep: Sleep, opened: datetime, life: timedelta) -> Sleep:
        return replace(sleep, opened=opened, gone=opened + life)

    def _sleep(
        self,
        index: int,
        number: int,
        begin: float,
        hours: float,
        rng: random.Random,
        *,
        kind: str = "",
        efficiency: float = 0.0,
        deep: bool = False,
    ) -> Sleep:
        """One sleep that begins so many hours after midnight and holds so many hours of sleep."""
        values = self._vitals.at(index)
        total = round(hours * _UNITS_AN_HOUR)
        percent = efficiency or rng.uniform(82, 95)
        units = max(total + 2, round(total * 100 / max(percent, 100 * hours / _LONGEST)))
        start = self._places.instant(index, round(begin * _HOUR))
        local_start = self._places.local(start, index)
        end = self._places.local(start + timedelta(seconds=units * EPOCH), index)
        stages = self._stages(total, values, rng, deep=deep)
        nap = number > 0
        return Sleep(
            maker=index,
            number=number,
            start=local_start,
            end=end,
            kind=kind or _kind(units, end),
            deep=stages[0] * EPOCH,
            rem=stages[1] * EPOCH,
            light=stages[2] * EPOCH,
            latency=min(units - total, rng.randint(4, 44)) * EPOCH,
            lowest=values.resting + (rng.randint(3, 9) if nap else 0),
            hrv=max(5, round(values.hrv * (rng.uniform(0.75, 1.0) if nap else 1))),
            breath=values.breath,
            heart=not nap or (rng.random() < 0.5 and not self._traits.sparse),
            opened=end + timedelta(minutes=rng.randint(6, 40)),
        )

    @staticmethod
    def _stages(
        total: int, values: Values, rng: random.Random, *, deep: bool
    ) -> tuple[int, int, int]:
        """Deep, REM and light sleep in half minutes."""
        if deep:
            deep_units = min(round(values.deep_hours * _UNITS_AN_HOUR), round(0.35 * total))
            rem = round(total * rng.uniform(0.17, 0.25))
            return deep_units, rem, total - deep_units - rem
        parts = share(total, (rng.uniform(0.05, 0.2), rng.uniform(0.02, 0.2), 0.7))
        return parts[0], parts[1], parts[2]


def _kind(units: int, end: datetime) -> str:
    if units * EPOCH > 3 * _HOUR:
        return "long_sleep"
    return "late_nap" if end.hour >= _EVENING else "sleep"
