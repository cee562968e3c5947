"""Lasting changes at a known date: a step, a ramp, a new ring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.second_population.draft import Draft
from benchmarks.second_population.metrics import (
    BEDTIME,
    BREATH,
    DEEP,
    HR,
    HRV,
    SLEEP,
    SPO2,
    STEPS,
    TEMPERATURE,
    scores_moved_by,
)
from benchmarks.second_population.truth import Ramp, RingChange, Step

CHANGING = (HR, HRV, BREATH, TEMPERATURE, SLEEP, STEPS, BEDTIME)
# Steps vary so much that a rise of 2 SD would more than double them: such changes only fall.
FALLS_FROM_SD = {STEPS: 2.0}
SHIFTING_WITH_RING = (HR, HRV, BREATH, DEEP, SPO2)
RINGS = ("gen3", "gen4")


def draw_sign(rng: np.random.Generator) -> float:
    """Draws −1 or 1."""
    return 1.0 if float(rng.random()) < 0.5 else -1.0


def signed_size(metric: str, size_sd: float, rng: np.random.Generator) -> float:
    """Draws which way a change of a metric goes, where it can go both ways."""
    sign = draw_sign(rng)
    return -size_sd if size_sd >= FALLS_FROM_SD.get(metric, size_sd + 1.0) else sign * size_sd


def night_between(part: tuple[float, float], nights: int, rng: np.random.Generator) -> int:
    """Draws a night between two shares of all nights."""
    low, high = (int(share * nights) for share in part)
    return int(rng.integers(low, max(high, low + 1)))


@dataclass(frozen=True, slots=True)
class LevelStep:
    """Adds a step of ``size_sd`` in one metric, either way.

    It falls on a night between the two shares ``within`` of all nights, or, with ``last_nights``,
    exactly so many nights before the end.
    """

    size_sd: float
    within: tuple[float, float] = (0.4, 0.75)
    last_nights: int | None = None
    metrics: tuple[str, ...] = CHANGING

    def apply(self, draft: Draft) -> None:
        """Adds the step to the draft and to its truth."""
        rng = draft.seed.stream("step")
        metric = self.metrics[int(rng.integers(0, len(self.metrics)))]
        size_sd = signed_size(metric, self.size_sd, rng)
        night = night_between(self.within, draft.nights, rng)
        if self.last_nights is not None:
            night = max(draft.nights - self.last_nights, 0)
        size = round(size_sd * draft.night_sd[metric], 6)
        draft.add(metric, size, night)
        also = scores_moved_by(metric)
        draft.steps.append(Step(metric, draft.day(night), size_sd, size, also))


def ramp_between(draft: Draft, metric: str, first: int, last: int, size: float) -> Ramp:
    """Writes a ramp between two nights as truth."""
    return Ramp(
        metric=metric,
        start=draft.day(first),
        end=draft.day(last),
        size_sd=round(size / draft.night_sd[metric], 4),
        size=round(size, 4),
        also=scores_moved_by(metric),
    )


@dataclass(frozen=True, slots=True)
class SteadyRamp:
    """Adds a ramp of ``size_sd`` in one metric over the last ``days`` nights, either way."""

    size_sd: float
    days: int = 90
    metrics: tuple[str, ...] = CHANGING

    def apply(self, draft: Draft) -> None:
        """Adds the ramp to the draft and to its truth."""
        rng = draft.seed.stream("ramp")
        metric = self.metrics[int(rng.integers(0, len(self.metrics)))]
        size = signed_size(metric, self.size_sd, rng) * draft.night_sd[metric]
        days = min(self.days, draft.nights)
        first = draft.nights - days
        draft.add(metric, size * np.arange(days) / max(days - 1, 1), first)
        draft.ramps.append(ramp_between(draft, metric, first, draft.nights - 1, size))


@dataclass(frozen=True, slots=True)
class NewRing:
    """Changes the ring at a known date; with ``shifted`` metrics some read differently after it.

    Each shift is between 0.7 and 1.6 SD of the person's nights, either way.
    """

    shifted: int = 0
    within: tuple[float, float] = (0.4, 0.75)

    def apply(self, draft: Draft) -> None:
        """Adds the new ring to the draft and to its truth."""
        rng = draft.seed.stream("ring")
        night = night_between(self.within, draft.nights, rng)
        order = rng.permutation(len(SHIFTING_WITH_RING))[: self.shifted]
        shifts: dict[str, float] = {}
        for place in order.tolist():
            metric = SHIFTING_WITH_RING[place]
            size_sd = draw_sign(rng) * float(rng.uniform(0.7, 1.6))
            shifts[metric] = round(size_sd * draft.night_sd[metric], 4)
            draft.add(metric, shifts[metric], night)
        draft.ring_changes.append(RingChange(draft.day(night), *RINGS, shifts))
