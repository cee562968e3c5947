"""The episodes of a person by night index: planned ones and random ones at the model's rates."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import Final

from annulet.simulator.world.random_streams import random_stream
from annulet.simulator.world.traits import Traits

# In this order: resting HR, ln HRV, breathing, temperature, sleep h, efficiency, steps
# (thousands), deep h, readiness.
EPISODE_EFFECTS: Final[dict[str, tuple[float, ...]]] = {
    "fever": (5.0, -0.28, 1.5, 0.70, 0.3, -3, -4, -0.25, -14),
    "alcohol": (5.0, -0.22, 0.4, 0.15, -0.5, -3, 0, -0.15, -10),
    "travel": (2.0, -0.10, 0.1, 0.1, -1.6, -4, 1.5, -0.2, -7),
    "load": (2.5, -0.18, 0.2, 0.05, 0.1, 0, 3, 0.05, -5),
}
_FEVER_CURVE: Final = (0.35, 0.75, 1, 1, 0.8, 0.6, 0.45, 0.3, 0.2)
# rate a year, shortest and longest in nights, spread of the severity
_RATES: Final = {
    "fever": (2, 4, 8, 0.45),
    "alcohol": (14, 1, 1, 0.5),
    "travel": (3, 2, 5, 0.3),
    "load": (3, 8, 14, 0.25),
}


@dataclass(frozen=True, slots=True)
class ScheduledEpisode:
    """An episode by the index of its first night."""

    kind: str
    first: int
    nights: int
    severity: float

    @property
    def last(self) -> int:
        """The index of its last night."""
        return self.first + self.nights - 1

    def covers(self, index: int) -> bool:
        """Return whether a night belongs to the episode."""
        return self.first <= index <= self.last


def episode_weight(kind: str, position: int, nights: int) -> float:
    """Return the share of the full effect that an episode has on one of its nights."""
    if kind == "fever":
        return _FEVER_CURVE[min(position, len(_FEVER_CURVE) - 1)]
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


def _is_apart(episode: ScheduledEpisode, scheduled: list[ScheduledEpisode]) -> bool:
    return all(
        earlier.last < episode.first - 6 or earlier.first >= episode.last + 9
        for earlier in scheduled
    )


def schedule_episodes(traits: Traits) -> tuple[ScheduledEpisode, ...]:
    """Return every episode of a person, in the order of their first nights."""
    last = traits.days - 1
    scheduled = [
        ScheduledEpisode(plan.kind, last - plan.first_days_ago, plan.nights, plan.severity)
        for plan in traits.episodes
        if plan.first_days_ago <= last
    ]
    if traits.random_episodes:
        rng = random_stream(traits.seed, "episodes")
        for kind, (rate, shortest, longest, spread) in _RATES.items():
            for _ in range(_poisson(rng, rate * traits.days / 365)):
                nights = rng.randint(shortest, longest)
                first = int(rng.uniform(40, max(41, traits.days - 15)))
                episode = ScheduledEpisode(kind, first, nights, rng.lognormvariate(0, spread))
                if _is_apart(episode, scheduled) and episode.last < last - 2:
                    scheduled.append(episode)
    return tuple(sorted(scheduled, key=lambda episode: episode.first))
