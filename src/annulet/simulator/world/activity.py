"""Activity days: from 04:00 local, in slots of five minutes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from annulet.simulator.world.basis import Basis
from annulet.simulator.world.draws import stream

__all__ = ["MET", "SLOTS", "Activity", "ActivityDay"]

SLOTS: Final = 288
_SLOT: Final = 300
_DAWN: Final = 4 * 3600
MET: Final = {"0": 0.1, "1": 0.9, "2": 1.3, "3": 2.3, "4": 4.2, "5": 8.0}
_EFFORT: Final = {"easy": "3", "moderate": "4", "hard": "5", "extreme": "5"}
_ACTIVE: Final = "345"
_CALORIES: Final = {"3": 6.0, "4": 15.0, "5": 34.0}  # a slot, at 70 kg
_STEP: Final = 0.78  # metres


@dataclass(frozen=True, slots=True)
class ActivityDay:
    """One activity day as far as it is known; times in seconds."""

    index: int
    start: datetime
    classes: str
    steps: int
    active_calories: int
    total_calories: int
    score: int

    def seconds(self, kind: str) -> int:
        """The time spent in one class."""
        return self.classes.count(kind) * _SLOT

    def met_minutes(self, kind: str) -> int:
        """The MET minutes of one class."""
        return round(self.classes.count(kind) * 5 * MET[kind])

    @property
    def walked(self) -> int:
        """The equivalent walking distance in metres."""
        return round(self.steps * _STEP)


class Activity:
    """The activity of one person."""

    def __init__(self, basis: Basis) -> None:
        self._traits = basis.traits
        self._places = basis.places
        self._sleeps = basis.sleeps
        self._wear = basis.wear
        self._vitals = basis.vitals
        self._moments = basis.moments
        self._classes = lru_cache(maxsize=None)(self._draw)
        self.complete = lru_cache(maxsize=None)(self._whole)

    def start(self, index: int) -> datetime:
        """The instant at which an activity day begins."""
        return self._places.instant(index, _DAWN)

    def day(self, index: int, until: datetime) -> ActivityDay | None:
        """The activity day as it stood at an instant; ``None`` where there is none."""
        elapsed = int((until - self.start(index)).total_seconds() // _SLOT)
        if elapsed < 1 or not self._wear.day(index):
            return None
        return self.complete(index) if elapsed >= SLOTS else self._day(index, elapsed)

    def met(self, index: int, slots: int) -> list[float]:
        """One MET value a minute."""
        rng = stream(self._traits.seed, "met", index)
        items: list[float] = []
        for kind in self._classes(index)[:slots]:
            nominal = MET[kind]
            items += [round(nominal * (0.88 + 0.24 * rng.random()), 1) for _ in range(5)]
        return items

    def _whole(self, index: int) -> ActivityDay:
        return self._day(index, SLOTS)

    def _day(self, index: int, slots: int) -> ActivityDay:
        whole = self._classes(index)
        classes = whole[:slots]
        active = sum(map(whole.count, _ACTIVE)) or 1
        steps = self._vitals.at(index).steps
        if slots < SLOTS:
            steps = round(steps * sum(map(classes.count, _ACTIVE)) / active)
        weight = self._traits.profile.weight / 70
        burnt = weight * sum(classes.count(kind) * cost for kind, cost in _CALORIES.items())
        resting = 22.5 * self._traits.profile.weight * slots / SLOTS
        return ActivityDay(
            index=index,
            start=self._places.local(self.start(index), index),
            classes=classes,
            steps=steps,
            active_calories=round(burnt),
            total_calories=round(burnt + resting),
            score=max(1, min(100, round(45 + 50 * (1 - 2 ** (-steps / 5000))))),
        )

    def _draw(self, index: int) -> str:
        rng = stream(self._traits.seed, "activity", index)
        lively = min(0.5, 0.2 * self._vitals.at(index).steps / 8200)
        slots = []
        for _ in range(SLOTS):
            draw = rng.random()
            if draw < lively:
                slots.append("4" if draw < 0.12 * lively else "3")
            else:
                slots.append("1" if draw > 0.94 else "2")
        start = self.start(index)
        for workout in self._moments.workouts(index):
            _fill(slots, start, workout.start, workout.end, _EFFORT[workout.intensity])
        for sleep, worn in self._sleeps.spans(index):
            _fill(slots, start, sleep.start, sleep.end, "1" if worn else "0")
        charge = self._wear.charge(index)
        if charge:
            begin = self._places.instant(index, charge[0])
            end = self._places.instant(index, charge[1])
            _fill(slots, start, begin, end, "0")
        return "".join(slots)


def _fill(slots: list[str], day: datetime, begin: datetime, end: datetime, kind: str) -> None:
    first = max(0, round((begin - day) / timedelta(seconds=_SLOT)))
    last = min(SLOTS, round((end - day) / timedelta(seconds=_SLOT)))
    for k in range(first, last):
        slots[k] = kind
