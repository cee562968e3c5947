"""Activity days: from 04:00 local, one activity class per 5 min."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from annulet.simulator.world.events import Events
from annulet.simulator.world.local_calendar import LocalCalendar
from annulet.simulator.world.random_streams import random_stream
from annulet.simulator.world.sleeps import Sleeps
from annulet.simulator.world.traits import Traits
from annulet.simulator.world.vitals import Vitals
from annulet.simulator.world.wear import Wear

SLOTS_A_DAY: Final = 288
_SLOT_S: Final = 300
_DAY_START_S: Final = 4 * 3600
_METS: Final = {"0": 0.1, "1": 0.9, "2": 1.3, "3": 2.3, "4": 4.2, "5": 8.0}
_CLASS_BY_INTENSITY: Final = {"easy": "3", "moderate": "4", "hard": "5", "extreme": "5"}
_ACTIVE_CLASSES: Final = "345"
_CALORIES_A_SLOT: Final = {"3": 6.0, "4": 15.0, "5": 34.0}  # at 70 kg
_METRES_A_STEP: Final = 0.78


@dataclass(frozen=True, slots=True)
class ActivityDay:
    """One activity day as far as it is known.

    ``classes`` has one character per 5 min: 0 not worn, 1 resting, 2 sedentary, 3 to 5 active.
    """

    start: datetime
    classes: str
    steps: int
    active_calories: int
    total_calories: int
    score: int

    def seconds(self, activity_class: str) -> int:
        """Return the seconds spent in a class."""
        return self.classes.count(activity_class) * _SLOT_S

    def met_minutes(self, activity_class: str) -> int:
        """Return the MET minutes of a class."""
        return round(self.classes.count(activity_class) * 5 * _METS[activity_class])

    @property
    def walking_distance(self) -> int:
        """The equivalent walking distance in metres."""
        return round(self.steps * _METRES_A_STEP)


@dataclass(eq=False)
class Activity:
    """The activity days of one person."""

    traits: Traits
    calendar: LocalCalendar
    wear: Wear
    vitals: Vitals
    sleeps: Sleeps
    events: Events

    def __post_init__(self) -> None:
        self._classes = lru_cache(maxsize=None)(self._draw_classes)
        self._summary = lru_cache(maxsize=None)(self._summarize)

    def day(self, index: int, until: datetime) -> ActivityDay | None:
        """Return the activity day as it stood at an instant; ``None`` if there is none."""
        slots = int((until - self._start(index)).total_seconds() // _SLOT_S)
        if slots < 1 or not self.wear.is_worn(index):
            return None
        return self._summary(index, min(slots, SLOTS_A_DAY))

    def met_values(self, index: int, slots: int) -> list[float]:
        """Return one MET value per minute."""
        rng = random_stream(self.traits.seed, "met", index)
        return [
            round(_METS[activity_class] * (0.88 + 0.24 * rng.random()), 1)
            for activity_class in self._classes(index)[:slots]
            for _ in range(5)
        ]

    def _start(self, index: int) -> datetime:
        return self.calendar.instant(index, _DAY_START_S)

    def _summarize(self, index: int, slots: int) -> ActivityDay:
        whole_day = self._classes(index)
        classes = whole_day[:slots]
        steps = self.vitals.at(index).steps
        if slots < SLOTS_A_DAY:
            active_slots = sum(map(whole_day.count, _ACTIVE_CLASSES)) or 1
            steps = round(steps * sum(map(classes.count, _ACTIVE_CLASSES)) / active_slots)
        weight = self.traits.profile.weight
        active_calories = (weight / 70) * sum(
            classes.count(activity_class) * calories
            for activity_class, calories in _CALORIES_A_SLOT.items()
        )
        resting_calories = 22.5 * weight * slots / SLOTS_A_DAY
        return ActivityDay(
            start=self.calendar.localize(self._start(index), index),
            classes=classes,
            steps=steps,
            active_calories=round(active_calories),
            total_calories=round(active_calories + resting_calories),
            score=max(1, min(100, round(45 + 50 * (1 - 2 ** (-steps / 5000))))),
        )

    def _draw_classes(self, index: int) -> str:
        rng = random_stream(self.traits.seed, "activity", index)
        active_share = min(0.5, 0.2 * self.vitals.at(index).steps / 8200)
        slots = []
        for _ in range(SLOTS_A_DAY):
            draw = rng.random()
            if draw < active_share:
                slots.append("4" if draw < 0.12 * active_share else "3")
            else:
                slots.append("1" if draw > 0.94 else "2")
        start = self._start(index)
        for workout in self.events.workouts(index):
            _fill(slots, start, workout.start, workout.end, _CLASS_BY_INTENSITY[workout.intensity])
        for sleep, is_recorded in self.sleeps.around(index):
            _fill(slots, start, sleep.start, sleep.end, "1" if is_recorded else "0")
        charge = self.wear.charge(index)
        if charge:
            _fill(slots, start, *charge, "0")
        return "".join(slots)


def _fill(
    slots: list[str], day_start: datetime, start: datetime, end: datetime, activity_class: str
) -> None:
    """Set the class of every slot between two instants."""
    first = max(0, round((start - day_start) / timedelta(seconds=_SLOT_S)))
    last = min(SLOTS_A_DAY, round((end - day_start) / timedelta(seconds=_SLOT_S)))
    for k in range(first, last):
        slots[k] = activity_class
