"""Episodes of a life: the planted ones and, where wanted, random ones at the model's rates."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import Final

from annulet.simulator.world.draws import stream
from annulet.simulator.world.traits import Traits

__all__ = ["EFFECTS", "Happening", "happenings", "shape"]

# Order of the nine: resting HR, ln HRV, breathing, temperature, sleep h, efficiency, steps
# (thousands), deep h, readiness.
EFFECTS: Final[dict[str, tuple[float, ...]]] = {
    "fever": (5.0, -0.28, 1.5, 0.70, 0.3, -3, -4, -0.25, -14),
    "alcohol": (5.0, -0.22, 0.4, 0.15, -0.5, -3, 0, -0.15, -10),
    "travel": (2.0, -0.10, 0.1, 0.1, -1.6, -4, 1.5, -0.2, -7),
    "load": (2.5, -0.18, 0.2, 0.05, 0.1, 0, 3, 0.05, -5),
}
_FEVER: Final = (0.35, 0.75, 1, 1, 0.8, 0.6, 0.45, 0.3, 0.2)
# rate a year, shortest, longest, spread of the severity
_RATES: Final = {
    "fever": (2, 4, 8, 0.45),
    "alcohol": (14, 1, 1, 0.5),
    "travel": (3, 2, 5, 0.3),
    "load": (3, 8, 14, 0.25),
}


@dataclass(frozen=True, slots=True)
class Happening:
    """An episode at its place: it shows in the nights ``first`` to ``first + nights - 1``."""

    kind: str
    first: int
    nights: int
    severity: float

    @property
    def last(self) -> int:
        """The index of its last night."""
        return self.first + self.nights - 1


def shape(kind: str, position: int, nights: int) -> float:
    """How strongly an episode shows on one of its nights."""
    if kind == "fever":
        return _FEVER[min(position, len(_FEVER) - 1)]
    if kind == "travel":
        return 1 - 0.6 * position / max(1, nights - 1)
    if kind == "load":
        return min(1.0, (position + 1) / 5)
    return 1.0


def _poisson(rng: random.Random, mean: float) -> int:
    limit, count, product = math.exp(-mean), 0, rng.random()
    while product > limit:
        count += 1
        product *= rng.random()
    return count


def _free(happening: Happening, taken: list[Happening]) -> bool:
    return all(
        other.last < happening.first - 6 or other.first >= happening.last + 9 for other in taken
    )


def happenings(traits: Traits) -> tuple[Happening, ...]:
    """Every episode of a life, in order."""
    last = traits.days - 1
    found = [
        Happening(item.kind, last - item.first_days_ago, item.nights, item.severity)
        for item in traits.episodes
        if item.first_days_ago <= last
    ]
    if traits.random_episodes:
        rng = stream(traits.seed, "episodes")
        for kind, (rate, shortest, longest, spread) in _RATES.items():
            for _ in range(_poisson(rng, rate * traits.days / 365)):
                nights = rng.randint(shortest, longest)
                first = int(rng.uniform(40, max(41, traits.days - 15)))
                item = Happening(kind, first, nights, rng.lognormvariate(0, spread))
                if _free(item, found) and item.last < last - 2:
                    found.append(item)
    return tuple(sorted(found, key=lambda item: item.first))
