"""Passing changes with known dates: illness, evenings with alcohol, travel, training load."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from benchmarks.second_population.draft import WEEKEND, Draft
from benchmarks.second_population.metrics import (
    BEDTIME,
    BREATH,
    DEEP,
    EFFICIENCY,
    HR,
    HRV,
    LATENCY,
    REM,
    SLEEP,
    SPO2,
    STEPS,
    STRESS,
    TEMPERATURE,
)
from benchmarks.second_population.noise import Values
from benchmarks.second_population.truth import Event

MARGIN = 6
# Change by one °C of fever, and how much people and illnesses differ in it (log SD).
PER_DEGREE = {
    HR: (7.5, 0.3),
    BREATH: (1.2, 0.35),
    HRV: (-0.24, 0.35),
    STEPS: (-0.7, 0.3),
    SLEEP: (12.0, 0.4),
    DEEP: (-9.0, 0.4),
    REM: (-12.0, 0.4),
    EFFICIENCY: (-3.0, 0.3),
    STRESS: (0.3, 0.3),
    SPO2: (-0.4, 0.4),
}
# Below which draw, how many grams of alcohol per kg, and what they do in the night after.
DOSES = (
    (0.45, 0.2, {HR: 1.4, HRV: -0.05, DEEP: -3.0, REM: -4.0, EFFICIENCY: -0.5}),
    (0.85, 0.5, {HR: 4.0, HRV: -0.15, DEEP: -7.0, REM: -10.0, EFFICIENCY: -1.5}),
    (1.00, 1.0, {HR: 8.7, HRV: -0.38, DEEP: -12.0, REM: -20.0, EFFICIENCY: -3.5}),
)
WARMER_PER_DOSE = 0.12


def place_event(
    draft: Draft,
    name: str,
    first: int,
    strength: float,
    waves: dict[str, Values],
) -> bool:
    """Adds an event unless it runs over the end or another event is near; says whether it did."""
    length = max(len(wave) for wave in waves.values())
    last = first + length - 1
    if first < 1 or last >= draft.nights or not draft.is_free(first, last, MARGIN):
        return False
    peak: dict[str, float] = {}
    for metric, wave in waves.items():
        draft.add(metric, wave, first)
        peak[metric] = round(float(wave[np.argmax(np.abs(wave))]), 4)
    draft.events.append(Event(name, draft.day(first), draft.day(last), strength, peak))
    return True


def fever_curve(rng: np.random.Generator) -> Values:
    """Draws a course: a rise of 0–2 nights, a height of 1–3, a fall, at times a second rise."""
    rise, height = int(rng.integers(0, 3)), int(rng.integers(1, 4))
    half_life = float(rng.uniform(0.6, 1.9))
    course = [(night + 1) / (rise + 1) for night in range(rise)] + [1.0] * height
    falling = [math.pow(0.5, night / half_life) for night in range(1, 8)]
    course += [weight for weight in falling if weight >= 0.12]
    if float(rng.random()) < 0.15:
        course += [0.6, 0.6, 0.25]
    return np.round(np.array(course), 4)


@dataclass(frozen=True, slots=True)
class Illness:
    """Adds one illness in every ``every`` nights, with a peak between two temperatures in °C."""

    every: int = 75
    peak_c: tuple[float, float] = (0.5, 1.6)
    name: str = "fever"

    def apply(self, draft: Draft) -> None:
        """Adds the illnesses to the draft and to its truth."""
        rng = draft.seed.stream(self.name)
        for start in draft.slots(self.name, self.every):
            first = start + int(rng.integers(0, max(self.every - 20, 1)))
            peak = round(float(rng.uniform(*self.peak_c)), 2)
            course = fever_curve(rng)
            early = float(rng.random()) < 0.3
            waves = {TEMPERATURE: peak * course}
            for metric, (per_degree, spread) in PER_DEGREE.items():
                own = round(math.exp(spread * float(rng.standard_normal())), 4)
                waves[metric] = per_degree * own * peak * course
            if early:
                waves = {metric: begin_early(metric, wave) for metric, wave in waves.items()}
            place_event(draft, self.name, first, peak, waves)


def begin_early(metric: str, wave: Values) -> Values:
    """Puts a night before the wave on which only the heart shows a third of the peak."""
    before = wave[np.argmax(np.abs(wave))] / 3 if metric in {HR, HRV} else 0.0
    return np.concatenate((np.array([before]), wave))


@dataclass(frozen=True, slots=True)
class Alcohol:
    """Adds evenings with alcohol, ``a_week`` on average, three times as likely before a weekend."""

    a_week: float = 0.8

    def apply(self, draft: Draft) -> None:
        """Adds the nights to the draft and to its truth, each an event of one night."""
        rng = draft.seed.stream("alcohol")
        sensitivity = round(math.exp(0.25 * float(rng.standard_normal())), 3)
        weights = [3.0 if weekday in WEEKEND else 1.0 for weekday in draft.weekdays()]
        per_weight = self.a_week / 11.0
        draws = rng.random((draft.nights, 2))
        taken = {
            (event.start - draft.first_day).days + night
            for event in draft.events
            for night in range((event.end - event.start).days + 1)
        }
        for night in range(1, draft.nights):
            if night not in taken and float(draws[night, 0]) < weights[night] * per_weight:
                self.add_night(draft, night, float(draws[night, 1]), sensitivity)

    def add_night(self, draft: Draft, night: int, draw: float, sensitivity: float) -> None:
        """Adds one night after a dose that ``draw`` picks."""
        _, dose, sizes = next(entry for entry in DOSES if draw < entry[0])
        peak = {metric: round(size * sensitivity, 4) for metric, size in sizes.items()}
        peak[TEMPERATURE] = round(WARMER_PER_DOSE * dose, 4)
        peak[LATENCY] = -0.1
        for metric, size in peak.items():
            draft.add(metric, np.array([size]), night)
        day = draft.day(night)
        draft.events.append(Event("alcohol", day, day, dose, peak))


@dataclass(frozen=True, slots=True)
class Travel:
    """Adds one journey across time zones in every ``every`` nights.

    Sleep time recovers in two or three nights; bedtimes, efficiency and the heart take a week.
    """

    every: int = 90

    def apply(self, draft: Draft) -> None:
        """Adds the journeys to the draft and to its truth."""
        rng = draft.seed.stream("travel")
        for start in draft.slots("travel", self.every):
            first = start + int(rng.integers(0, max(self.every - 20, 1)))
            hours = int(rng.integers(2, 9)) * (1 if float(rng.random()) < 0.5 else -1)
            severity = abs(hours) / 5 * (1.2 if hours > 0 else 1.0)
            nights = 3 + abs(hours) // 2
            fading = 1.0 - np.arange(nights) / nights
            short = np.array(([1.0, 0.4] + [0.0] * nights)[:nights])
            waves = {
                BEDTIME: math.copysign(70.0, hours) * min(severity, 1.4) * fading,
                SLEEP: -55.0 * severity * short,
                EFFICIENCY: -4.0 * severity * fading,
                HR: 1.8 * severity * fading,
                HRV: -0.07 * severity * fading,
                STEPS: 0.25 * np.ones(nights),
            }
            place_event(draft, "travel", first, float(hours), waves)


@dataclass(frozen=True, slots=True)
class TrainingLoad:
    """Adds one block of hard training in every ``every`` nights; the heart follows in days."""

    every: int = 80
    days: tuple[int, int] = (6, 15)
    size: float = 1.0

    def apply(self, draft: Draft) -> None:
        """Adds the blocks to the draft and to its truth."""
        rng = draft.seed.stream("training")
        for start in draft.slots("training", self.every):
            first = start + int(rng.integers(0, max(self.every - self.days[1] - 6, 1)))
            nights = int(rng.integers(*self.days))
            size = round(self.size * math.exp(0.2 * float(rng.standard_normal())), 3)
            growing = np.minimum((np.arange(nights) + 1) / 4, 1.0)
            waves = {
                HR: 2.0 * size * growing,
                HRV: -0.12 * size * growing,
                BREATH: 0.15 * size * growing,
                SLEEP: 10.0 * size * growing,
                STEPS: 0.3 * size * np.ones(nights),
            }
            place_event(draft, "training_load", first, size, waves)
