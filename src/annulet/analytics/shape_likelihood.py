"""Which course of a level explains a person's nights best: a step, a rise, a time with a tag."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from annulet.analytics.noise_model import NoiseModel
from annulet.analytics.series import Series
from annulet.analytics.slow_wander import Candidate, restricted_likelihood

BLOCK_DAYS = 4
"""Nights are averaged in blocks of so many days."""

_CANDIDATES = 4
# Everybody wanders so much: nights alone show a small and quick wander badly.
_LEAST_WANDER, _LEAST_MEMORY = 0.1, 30.0
_CLIP = 3.5


@dataclass(frozen=True, slots=True)
class Blocks:
    """Nights in blocks of days.

    Attributes:
        anchor: The day (ordinal) on which block 0 begins.
        first: The number of the first block.
        counts: The nights of each block.
        means: Their mean in nightly SD; 0 where there is none.
    """

    anchor: int
    first: int
    counts: tuple[int, ...]
    means: tuple[float, ...]

    @classmethod
    def of(cls, flat: Series, sd: float, anchor: int) -> Blocks:
        """Average nights in blocks, one of which begins on a day.

        Args:
            flat: The nights, weekdays taken out.
            sd: The nightly SD.
            anchor: That day (ordinal).
        """
        middle = math.fsum(flat.values) / len(flat)
        blocks: dict[int, list[float]] = {}
        for day, value in zip(flat.days, flat.values, strict=True):
            scaled = max(-_CLIP, min(_CLIP, (value - middle) / sd))
            blocks.setdefault((day - anchor) // BLOCK_DAYS, []).append(scaled)
        first, last = min(blocks), max(blocks)
        counts = tuple(len(blocks.get(place, ())) for place in range(first, last + 1))
        means = tuple(
            math.fsum(blocks[place]) / len(blocks[place]) if place in blocks else 0.0
            for place in range(first, last + 1)
        )
        return cls(anchor, first, counts, means)

    def middles(self) -> list[float]:
        """The middle of each block, as a day (ordinal) or between two."""
        places = range(self.first, self.first + len(self.counts))
        return [self.anchor + (place + 0.5) * BLOCK_DAYS for place in places]

    def log_likelihood(self, noise: NoiseModel, level_on: Callable[[float], float]) -> float:
        """How well a course of the level explains the nights, its size estimated.

        Args:
            noise: How the metric moves by chance.
            level_on: The course: the level, in any unit, on a day (ordinal) or between two.
        """
        columns = self.means, [1.0] * len(self.means), [level_on(day) for day in self.middles()]
        return math.fsum(
            c.weight * restricted_likelihood(self.counts, columns, BLOCK_DAYS, noise.phi, c)[0]
            for c in _likely_wanders(noise)
        )


def _likely_wanders(noise: NoiseModel) -> list[Candidate]:
    """The likeliest wanders, each with the least there is of one; their weights add up to one."""
    likely = sorted(noise.candidates, key=lambda c: -c.weight)[:_CANDIDATES]
    total = math.fsum(c.weight for c in likely)
    return [
        Candidate(c.weight / total, c.scale, _LEAST_WANDER, _LEAST_MEMORY)
        if c.ratio < _LEAST_WANDER
        else replace(c, weight=c.weight / total)
        for c in likely
    ]


def step_on(since: float) -> Callable[[float], float]:
    """The course of a level that steps on a day (ordinal)."""
    return lambda day: float(day >= since)


def rise_around(middle: float, days: float) -> Callable[[float], float]:
    """The course of a level that rises steadily for some days, half of them before a day."""
    return lambda day: min(max((day - middle) / days + 0.5, 0.0), 1.0)
