"""The nightly vitals of a person: nine correlated autoregressive series.

The model: personal means, correlated heavy-tailed innovations, first-order autoregression,
weekends, season, slow drift, cycle, episodes, rare artefacts. Nights are drawn in order and
cached, so a night's values do not depend on the order of requests.
"""

from __future__ import annotations

import math
import random
from functools import lru_cache
from threading import Lock
from typing import Final, NamedTuple

from annulet.simulator.world.episodes import EPISODE_EFFECTS, ScheduledEpisode, episode_weight
from annulet.simulator.world.random_streams import random_stream
from annulet.simulator.world.traits import Traits

_COUNT: Final = 9
# In the order of NightVitals.
_SD: Final = (2.0, 0.14, 0.45, 0.18, 0.85, 3.0, 3.0, 0.30, 6.0)
_AUTOCORRELATION: Final = (0.35, 0.30, 0.40, 0.35, 0.05, 0.10, 0.15, 0.10, 0.25)
_WEEKEND: Final = (1.0, -0.05, 0.1, 0.03, 0.6, 0, -1.0, 0.05, -1.5)
_LUTEAL: Final = (2.0, -0.07, 0.3, 0.30, 0, 0, 0, 0, -2)
_CORRELATIONS: Final = {
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
_ARTEFACT_PROBABILITY: Final = 0.006
_WEEKEND_DAYS: Final = (5, 6)  # the nights of Saturday and Sunday


class NightVitals(NamedTuple):
    """The nine vitals of one night, rounded as Oura rounds them.

    ``resting`` is the resting heart rate, ``hrv`` is in milliseconds, ``breath`` in breaths a
    minute, ``temperature`` a deviation in degrees Celsius.
    """

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
def _cholesky_factor() -> tuple[tuple[float, ...], ...]:
    """Return the lower Cholesky factor of the correlation matrix."""
    rows: list[list[float]] = []
    for i in range(_COUNT):
        row: list[float] = []
        for j in range(i):
            explained = sum(row[k] * rows[j][k] for k in range(j))
            row.append((_CORRELATIONS.get((j, i), 0.0) - explained) / rows[j][j])
        row.append(math.sqrt(1 - sum(value * value for value in row)))
        rows.append(row)
    return tuple(map(tuple, rows))


def _draw_innovation(rng: random.Random) -> list[float]:
    """Draw nine correlated values from a t distribution with 6 degrees of freedom and SD 1."""
    normal = [rng.gauss(0, 1) for _ in range(_COUNT)]
    scale = math.sqrt(4 / 6) / math.sqrt(rng.gammavariate(3, 2) / 6)
    return [
        scale * sum(factor * normal[k] for k, factor in enumerate(row))
        for row in _cholesky_factor()
    ]


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-value))


class Vitals:
    """The vitals of every night of one person."""

    def __init__(
        self, traits: Traits, first_weekday: int, episodes: tuple[ScheduledEpisode, ...]
    ) -> None:
        self._traits = traits
        self._first_weekday = first_weekday
        self._episodes = episodes
        self._rng = random_stream(traits.seed, "vitals")
        self._lock = Lock()
        self._state: list[float] | None = None
        self._drift = 0.0
        self._nights: list[NightVitals] = []
        rng = random_stream(traits.seed, "bases")
        self._means = (
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
        self._cycle_days = rng.gauss(28.5, 2)

    def at(self, index: int) -> NightVitals:
        """Return the vitals of a night; an index below 0 gives those of the first."""
        if len(self._nights) <= index:
            with self._lock:  # one stream: two threads must not draw from it at once
                while len(self._nights) <= index:
                    self._nights.append(self._draw(len(self._nights)))
        return self._nights[max(0, index)]

    def _draw(self, index: int) -> NightVitals:
        innovation = _draw_innovation(self._rng)
        previous = self._state or innovation
        self._state = [
            phi * old + math.sqrt(1 - phi * phi) * new if self._nights else new
            for phi, old, new in zip(_AUTOCORRELATION, previous, innovation, strict=True)
        ]
        self._drift += self._rng.gauss(0, 0.06)
        is_artefact = [self._rng.random() < _ARTEFACT_PROBABILITY for _ in range(_COUNT)]
        jump = self._rng.choice((-1, 1)) * self._rng.uniform(4, 7)
        values = [
            mean + sd * state
            for mean, sd, state in zip(self._means, self._sd, self._state, strict=True)
        ]
        in_episode = self._add_episodes(values, index)
        self._add_rhythms(values, index)
        if not in_episode:
            values = [
                value + jump * sd if is_hit else value
                for value, sd, is_hit in zip(values, self._sd, is_artefact, strict=True)
            ]
        return self._round(values, index)

    def _add_episodes(self, values: list[float], index: int) -> bool:
        """Add the effects of the night's episodes; return whether there are any."""
        episodes = [episode for episode in self._episodes if episode.covers(index)]
        for episode in episodes:
            position = index - episode.first
            weight = episode.severity * episode_weight(episode.kind, position, episode.nights)
            for k, effect in enumerate(EPISODE_EFFECTS[episode.kind]):
                values[k] += effect * weight
        return bool(episodes)

    def _add_rhythms(self, values: list[float], index: int) -> None:
        if (self._first_weekday + index) % 7 in _WEEKEND_DAYS:
            for k, effect in enumerate(_WEEKEND):
                values[k] += effect * self._weekend
        if self._traits.season:
            season = math.cos(2 * math.pi * (index / 365 + self._phase))
            values[0] += 1.2 * season
            values[1] -= 0.05 * season
        if self._traits.drift:
            values[0] += self._drift
            values[1] -= 0.03 * self._drift
        if self._traits.cycle:
            phase = (index / self._cycle_days + self._phase) % 1
            luteal = _logistic(40 * (phase - 0.55)) * (1 - _logistic(60 * (phase - 0.97)))
            for k, effect in enumerate(_LUTEAL):
                values[k] += effect * luteal

    def _hrv_rise(self, index: int) -> float:
        last = self._traits.days - 1
        weeks = (min(index, last) - (last - self._traits.hrv_rise_days)) / 7
        return self._traits.hrv_rise * max(0.0, weeks)

    def _round(self, values: list[float], index: int) -> NightVitals:
        return NightVitals(
            resting=max(36, min(110, round(values[0]))),
            hrv=max(5, round(math.exp(values[1]) + self._hrv_rise(index))),
            breath=round(max(9.0, values[2]) * 8) / 8,
            temperature=round(values[3], 2),
            sleep_hours=max(3.4, min(10.5, values[4])),
            efficiency=max(62.0, min(97.5, values[5])),
            steps=max(250, round(values[6] * 1000)),
            deep_hours=max(0.15, values[7]),
            readiness=max(1, min(100, round(values[8]))),
        )
