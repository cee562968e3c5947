"""The nightly vitals of a person: nine correlated series with memory, rhythm and episodes.

The model: personal bases, correlated heavy-tailed innovations, first-order memory, weekends,
season, slow drift, cycle, episodes, rare artefacts. Nights are drawn in order and kept, so the
value of a night never depends on what was asked before.
"""

from __future__ import annotations

import math
import random
from functools import lru_cache
from threading import Lock
from typing import Final, NamedTuple

from annulet.simulator.world.draws import stream
from annulet.simulator.world.episodes import EFFECTS, Happening, shape
from annulet.simulator.world.traits import Traits

__all__ = ["Values", "Vitals"]

_COUNT: Final = 9
_SD: Final = (2.0, 0.14, 0.45, 0.18, 0.85, 3.0, 3.0, 0.30, 6.0)
_MEMORY: Final = (0.35, 0.30, 0.40, 0.35, 0.05, 0.10, 0.15, 0.10, 0.25)
_WEEKEND: Final = (1.0, -0.05, 0.1, 0.03, 0.6, 0, -1.0, 0.05, -1.5)
_LUTEAL: Final = (2.0, -0.07, 0.3, 0.30, 0, 0, 0, 0, -2)
_CORRELATED: Final = {
    (0, 1): -0.55,
    (0, 3): 0.30,
    (0, 2): 0.30,
    (1, 2): -0.20,
    (1, 3): -0.15,
    (2, 3): 0.20,
    (4, 7): 0.45,
    (4, 8): 0.40,
    (1, 8): 0.45,
    (0, 8): -0.50,
    (3, 8): -0.20,
    (4, 5): 0.20,
}
_ARTEFACT: Final = 0.006
_WEEKEND_DAYS: Final = (5, 6)  # the nights of Saturday and Sunday


class Values(NamedTuple):
    """The nine vitals of one night, rounded as Oura rounds them."""

    resting: int
    hrv: int
    breath: float
    temperature: float
    sleep_hours: float
    efficiency: float
    steps: int
    deep_hours: float
    readiness: int


@lru_cache(maxsize=1)
def _lower() -> tuple[tuple[float, ...], ...]:
    """The Cholesky factor of the correlations."""
    rows: list[list[float]] = []
    for i in range(_COUNT):
        row: list[float] = []
        for j in range(i):
            rest = sum(row[k] * rows[j][k] for k in range(j))
            row.append((_CORRELATED.get((j, i), 0.0) - rest) / rows[j][j])
        row.append(math.sqrt(1 - sum(value * value for value in row)))
        rows.append(row)
    return tuple(map(tuple, rows))


def _innovation(rng: random.Random) -> list[float]:
    normal = [rng.gauss(0, 1) for _ in range(_COUNT)]
    heavy = math.sqrt(4 / 6) / math.sqrt(rng.gammavariate(3, 2) / 6)
    return [heavy * sum(factor * normal[k] for k, factor in enumerate(row)) for row in _lower()]


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-value))


class Vitals:
    """The vitals of every night of one person."""

    def __init__(self, traits: Traits, first_weekday: int, episodes: tuple[Happening, ...]) -> None:
        self._traits = traits
        self._weekday = first_weekday
        self._episodes = episodes
        self._rng = stream(traits.seed, "vitals")
        self._lock = Lock()
        self._memory: list[float] | None = None
        self._walk = 0.0
        self._nights: list[Values] = []
        rng = stream(traits.seed, "bases")
        self._base = (
            rng.gauss(56, 6),
            math.log(42) + rng.gauss(0, 0.25),
            rng.gauss(15.2, 1.2),
            0.0,
            rng.gauss(7.1, 0.4),
            rng.gauss(88, 2),
            8.2 * math.exp(rng.gauss(0, 0.25)),
            rng.gauss(1.3, 0.2),
            rng.gauss(80, 3),
        )
        self._sd = tuple(value * math.exp(rng.gauss(0, 0.15)) for value in _SD)
        self._weekend = rng.gauss(1, 0.4)
        self._phase = rng.random()
        self._period = rng.gauss(28.5, 2)

    def at(self, index: int) -> Values:
        """The vitals of the night with that index (0 is the first)."""
        if len(self._nights) <= index:
            with self._lock:  # nights are drawn in order, whichever thread asks
                while len(self._nights) <= index:
                    self._nights.append(self._draw(len(self._nights)))
        return self._nights[max(0, index)]

    def _draw(self, index: int) -> Values:
        fresh = _innovation(self._rng)
        last = self._memory or fresh
        self._memory = [
            memory * old + math.sqrt(1 - memory * memory) * new if self._nights else new
            for memory, old, new in zip(_MEMORY, last, fresh, strict=True)
        ]
        self._walk += self._rng.gauss(0, 0.06)
        odd = [self._rng.random() < _ARTEFACT for _ in range(_COUNT)]
        jump = self._rng.choice((-1, 1)) * self._rng.uniform(4, 7)
        raw = [
            base + sd * state
            for base, sd, state in zip(self._base, self._sd, self._memory, strict=True)
        ]
        touched = self._add_episodes(raw, index)
        self._add_rhythms(raw, index)
        if not touched:
            raw = [
                value + jump * sd if hit else value
                for value, sd, hit in zip(raw, self._sd, odd, strict=True)
            ]
        return self._rounded(raw, index)

    def _add_episodes(self, raw: list[float], index: int) -> bool:
        touched = False
        for item in self._episodes:
            if item.first <= index <= item.last:
                touched = True
                weight = item.severity * shape(item.kind, index - item.first, item.nights)
                for k, effect in enumerate(EFFECTS[item.kind]):
                    raw[k] += effect * weight
        return touched

    def _add_rhythms(self, raw: list[float], index: int) -> None:
        if (self._weekday + index) % 7 in _WEEKEND_DAYS:
            for k, effect in enumerate(_WEEKEND):
                raw[k] += effect * self._weekend
        if self._traits.season:
            year = math.cos(2 * math.pi * (index / 365 + self._phase))
            raw[0] += 1.2 * year
            raw[1] -= 0.05 * year
        if self._traits.drift:
            raw[0] += self._walk
            raw[1] -= 0.03 * self._walk
        if self._traits.cycle:
            place = (index / self._period + self._phase) % 1
            luteal = _logistic(40 * (place - 0.55)) * (1 - _logistic(60 * (place - 0.97)))
            for k, effect in enumerate(_LUTEAL):
                raw[k] += effect * luteal

    def _rise(self, index: int) -> float:
        last = self._traits.days - 1
        weeks = (min(index, last) - (last - self._traits.hrv_rise_days)) / 7
        return self._traits.hrv_rise * max(0.0, weeks)

    def _rounded(self, raw: list[float], index: int) -> Values:
        return Values(
            resting=max(36, min(110, round(raw[0]))),
            hrv=max(5, round(math.exp(raw[1]) + self._rise(index))),
            breath=round(max(9.0, raw[2]) * 8) / 8,
            temperature=round(raw[3], 2),
            sleep_hours=max(3.4, min(10.5, raw[4])),
            efficiency=max(62.0, min(97.5, raw[5])),
            steps=max(250, round(raw[6] * 1000)),
            deep_hours=max(0.15, raw[7]),
            readiness=max(1, min(100, round(raw[8]))),
        )
