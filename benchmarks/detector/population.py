"""Simulated people with known truths: the population on which detectors are compared.

The magnitudes are our choice inside published ranges. They rank methods and set regression
gates; they say nothing about accuracy on real people.

Every machine draws the same people. Products go through no BLAS, whose kernels differ between
processors, and what comes from exp, log or cos, whose last digit differs too, is rounded before
it is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator

__all__ = [
    "BURN_IN",
    "CORRELATED",
    "FACTOR",
    "METRICS",
    "SCALE",
    "Event",
    "Person",
    "Scenario",
    "simulate",
]

BURN_IN = 60
METRICS = (
    "hr_lowest_bpm", "hrv_avg_ms", "breath_avg_per_min", "temperature_deviation_c",
    "total_sleep_min", "efficiency_pct", "steps", "deep_min", "readiness_score",
)  # fmt: skip
# The generator works in hours, thousands of steps and ln ms; people read these units.
SCALE = np.array([1.0, 1.0, 1.0, 1.0, 60.0, 1.0, 1000.0, 60.0, 1.0])

_SD = np.array([2.0, 0.14, 0.45, 0.18, 0.85, 3.0, 3.0, 0.30, 6.0])
_PHI = np.array([0.35, 0.30, 0.40, 0.35, 0.05, 0.10, 0.15, 0.10, 0.25])
_WEEKEND = np.array([1.0, -0.05, 0.1, 0.03, 0.6, 0.0, -1.0, 0.05, -1.5])
_LUTEAL = np.array([2.0, -0.07, 0.3, 0.30, 0.0, 0.0, 0.0, 0.0, -2.0])
CORRELATED = {
    (0, 1): -0.55, (0, 3): 0.30, (0, 2): 0.30, (1, 2): -0.20, (1, 3): -0.15, (2, 3): 0.20,
    (4, 7): 0.45, (4, 8): 0.40, (1, 8): 0.45, (0, 8): -0.50, (3, 8): -0.20, (4, 5): 0.20,
}  # fmt: skip
# The lower triangular Cholesky factor of the correlations above, with six decimals:
# FACTOR @ FACTOR.T has CORRELATED off its diagonal and one on it.
FACTOR = np.array([
    [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    [-0.55, 0.835165, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    [0.3, -0.041908, 0.953018, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    [0.3, 0.017961, 0.116213, 0.946664, 0.0, 0.0, 0.0, 0.0, 0.0],
    [0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0],
    [0.0, 0.0, 0.0, 0.0, 0.2, 0.979796, 0.0, 0.0, 0.0],
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0],
    [0.0, 0.0, 0.0, 0.0, 0.45, -0.091856, 0.0, 0.888292, 0.0],
    [-0.5, 0.20954, 0.166609, -0.077245, 0.4, -0.08165, 0.0, -0.211079, 0.679078],
])  # fmt: skip
_FEVER_SHAPE = (0.35, 0.75, 1.0, 1.0, 0.8, 0.6, 0.45, 0.3, 0.2)
_EFFECT = {
    "fever": np.array([5.0, -0.28, 1.5, 0.70, 0.3, -3.0, -4.0, -0.25, -14.0]),
    "alcohol": np.array([5.0, -0.22, 0.4, 0.15, -0.5, -3.0, 0.0, -0.15, -10.0]),
    "travel": np.array([2.0, -0.10, 0.1, 0.1, -1.6, -4.0, 1.5, -0.2, -7.0]),
    "load": np.array([2.5, -0.18, 0.2, 0.05, 0.1, 0.0, 3.0, 0.05, -5.0]),
}
_RATE = {"fever": 2.0, "alcohol": 14.0, "travel": 3.0, "load": 3.0}
_NIGHTS = {"fever": (4, 8), "alcohol": (1, 1), "travel": (2, 5), "load": (8, 14)}
_SPREAD = {"fever": 0.45, "alcohol": 0.5, "travel": 0.3, "load": 0.25}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a person: the known truth."""

    kind: str
    start: int
    nights: int


@dataclass(slots=True)
class Person:
    """One simulated person.

    Attributes:
        values: Nights by metrics, in generator units; NaN is a missing value.
        events: What happened.
    """

    values: np.ndarray
    events: list[Event] = field(default_factory=list)

    @property
    def valid(self) -> np.ndarray:
        """The nights on which something was measured."""
        return ~np.isnan(self.values).all(axis=1)


@dataclass(frozen=True, slots=True)
class Scenario:
    """What varies between suites.

    Attributes:
        rates: Events a year by kind; an empty table means none.
        cycle_share: Share of people with a menstrual cycle.
        missing: Chance of a single missing night.
        artefacts: Chance of a wrong value per metric and night outside events.
        planted: Events that everybody has, before any other is drawn.
        level_shift: Night from which resting heart rate is higher for good, and by how much.
        wander: Least and largest share of slow variance; None: none beside drift and season.
        tails: Degrees of freedom of the noise.
        rise: A slow rise of resting heart rate, as in a pregnancy: first and last night, and size.
        shifts: Whether every other week is worked at night, with short sleep by day.
    """

    rates: Mapping[str, float] = field(default_factory=lambda: dict(_RATE))
    cycle_share: float = 0.45
    missing: float = 0.06
    artefacts: float = 0.006
    planted: tuple[Event, ...] = ()
    level_shift: tuple[int, float] | None = None
    wander: tuple[float, float] | None = None
    tails: int = 6
    rise: tuple[int, int, float] | None = None
    shifts: bool = False


def simulate(users: int, nights: int, seed: int, scenario: Scenario | None = None) -> list[Person]:
    """Draw a population."""
    rng = np.random.default_rng(seed)
    chosen = scenario or Scenario()
    return [_person(rng, nights, chosen) for _ in range(users)]


def _person(rng: Generator, nights: int, scenario: Scenario) -> Person:
    base = np.array(
        [rng.normal(56, 6), np.log(rng.lognormal(np.log(42), 0.38)), rng.normal(15.2, 1.5), 0.0,
         rng.normal(7.1, 0.5), rng.normal(87, 3), rng.lognormal(np.log(8.2), 0.3),
         rng.normal(1.3, 0.25), rng.normal(80, 4)]
    )  # fmt: skip
    sd = _portable(_SD * np.exp(rng.normal(0, 0.22, 9)))
    t = np.arange(nights)
    x = (
        _portable(base)
        + sd * _noise(rng, nights, scenario.tails)
        + _calendar(rng, t)
        + _drift(rng, t)
    )
    if rng.random() < scenario.cycle_share:
        x += _cycle(rng, t)[:, None] * _LUTEAL
    events = _events(rng, nights, scenario)
    eventful = np.zeros(nights, bool)
    for event in events:
        span = slice(event.start, min(event.start + event.nights, nights))
        length = span.stop - span.start
        severity = _portable(rng.lognormal(0, _SPREAD[event.kind]))
        x[span] += severity * _shape(event)[:length, None] * _EFFECT[event.kind]
        eventful[span] = True
    x += _way_of_life(rng, nights, sd, scenario)
    if scenario.level_shift is not None:
        begin, size = scenario.level_shift
        x[begin:, 0] += size
    wrong = (rng.random((nights, 9)) < scenario.artefacts) & ~eventful[:, None]
    jump = rng.uniform(4, 7, (nights, 9)) * rng.choice([-1, 1], (nights, 9))
    x = _as_measured(x + wrong * jump * sd)
    x[_missing(rng, nights, scenario.missing)] = np.nan
    return Person(x, events)


def _way_of_life(rng: Generator, nights: int, sd: np.ndarray, scenario: Scenario) -> np.ndarray:
    """Draw what differs from usual people: a slow wander, a slow rise, shift work."""
    x = np.zeros((nights, 9))
    if scenario.wander is not None:
        share = rng.uniform(*scenario.wander, 9)
        for forgets in (12.0, 50.0):
            decay = _portable(np.exp(-1 / forgets))
            e = _correlate(_portable(rng.normal(size=(nights, 9))))
            a = e.copy()
            for i in range(1, nights):
                a[i] = decay * a[i - 1] + np.sqrt(1 - decay**2) * e[i]
            x += sd * np.sqrt(share / (1 - share) / 2) * a
    if scenario.rise is not None:
        begin, end, size = scenario.rise
        x[:, 0] += size * np.clip((np.arange(nights) - begin) / (end - begin), 0, 1)
        x[:, 1] -= 0.04 * size * np.clip((np.arange(nights) - begin) / (end - begin), 0, 1)
    if scenario.shifts:
        working = (np.arange(nights) // 7 % 2 == 0) & (np.arange(nights) % 7 < 5)
        x[working] += np.array([1.0, -0.05, 0.0, 0.05, -1.2, -2.0, -0.5, -0.1, -4.0])
    return x


def _portable(x: np.ndarray | float) -> np.ndarray:
    """Round away the last digits, in which exp, log and cos differ between processors."""
    return np.round(x, 9)


def _noise(rng: Generator, nights: int, tails: int) -> np.ndarray:
    """Draw correlated, autocorrelated noise with the tails of a t distribution."""
    e = _correlate(_portable(rng.normal(size=(nights, 9))))
    heavy = np.sqrt(_portable(rng.chisquare(tails, nights)) / tails)
    e = e / heavy[:, None] * np.sqrt((tails - 2) / tails)
    a = np.empty_like(e)
    a[0] = e[0]
    gain = np.sqrt(1 - _PHI**2)
    for i in range(1, nights):
        a[i] = _PHI * a[i - 1] + gain * e[i]
    return a


def _correlate(independent: np.ndarray) -> np.ndarray:
    """Multiply by the factor, term by term in a fixed order: BLAS sums as its kernel likes."""
    correlated = np.zeros_like(independent)
    for row in range(9):
        for column in range(row + 1):
            correlated[:, row] += FACTOR[row, column] * independent[:, column]
    return correlated


def _calendar(rng: Generator, t: np.ndarray) -> np.ndarray:
    weekend = ((t + rng.integers(7)) % 7 < 2).astype(float)
    return weekend[:, None] * _WEEKEND * _portable(rng.normal(1, 0.5))


def _drift(rng: Generator, t: np.ndarray) -> np.ndarray:
    season = _portable(np.cos(2 * np.pi * (t / 365 + rng.random())))
    walk = np.cumsum(_portable(rng.normal(0, 0.06, len(t))))
    out = np.zeros((len(t), 9))
    out[:, 0] = 1.2 * season + walk
    out[:, 1] = -0.05 * season - 0.03 * walk
    return out


def _cycle(rng: Generator, t: np.ndarray) -> np.ndarray:
    p = (t / _portable(rng.normal(28.5, 2)) + rng.random()) % 1.0
    rise = 1 / (1 + np.exp(-40 * (p - 0.55)))
    return _portable(rise * (1 - 1 / (1 + np.exp(-60 * (p - 0.97)))))


def _events(rng: Generator, nights: int, scenario: Scenario) -> list[Event]:
    events = list(scenario.planted)
    for kind, rate in scenario.rates.items():
        for _ in range(rng.poisson(rate * nights / 365)):
            low, high = _NIGHTS[kind]
            n = int(rng.integers(low, high + 1))
            start = int(rng.integers(40, nights - 15))
            clash = any(start - 6 <= e.start + e.nights and e.start < start + n + 8 for e in events)
            if not clash and start + n < nights - 2:
                events.append(Event(kind, start, n))
    return sorted(events, key=lambda e: e.start)


def _shape(event: Event) -> np.ndarray:
    if event.kind == "fever":
        return np.array(_FEVER_SHAPE[: event.nights])
    if event.kind == "travel":
        return np.linspace(1.0, 0.4, event.nights)
    if event.kind == "load":
        return np.minimum(1.0, np.arange(event.nights) / 5)
    return np.ones(event.nights)


def _as_measured(x: np.ndarray) -> np.ndarray:
    """Round each metric to the digits that a ring reports."""
    x[:, 0] = np.round(x[:, 0])
    x[:, 1] = np.log(np.maximum(np.round(np.exp(x[:, 1])), 5))
    x[:, 2] = np.round(x[:, 2] * 8) / 8
    x[:, 3] = np.round(x[:, 3], 2)
    return np.round(x, 6)


def _missing(rng: Generator, nights: int, p: float) -> np.ndarray:
    gone = rng.random(nights) < p
    for _ in range(rng.poisson(1.5 * nights / 365)):
        start = int(rng.integers(nights))
        gone[start : start + int(rng.integers(2, 8))] = True
    return gone
