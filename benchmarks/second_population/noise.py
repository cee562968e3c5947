"""The nights of a person to whom nothing happens: a fast part with memory, and a slow wander.

The slow wander is the sum of two equal parts that forget themselves in 12 and in 50 nights. All
parts are correlated between metrics by the same constants. No product of matrices is taken: sums
run in a fixed order, so every machine gives the same digits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benchmarks.second_population.metrics import DRAWN, LOADINGS, METRICS

Values = NDArray[np.float64]
SLOW_NIGHTS = (12.0, 50.0)
# Values are cut to this many decimals before anything is decided on them.
DECIMALS = 9
HEAVY_FREEDOM = 4


@dataclass(frozen=True, slots=True)
class Noise:
    """How a kind's nights vary: the share of slow variance, the tails, and SDs by metric."""

    slow_share: tuple[float, float] = (0.08, 0.25)
    heavy_tails: bool = False
    sd: dict[str, float] = field(default_factory=dict)
    sd_all: float = 1.0


def correlate(draws: Values) -> Values:
    """Turns independent draws of shape (nights, metrics) into correlated ones of unit variance."""
    place = {name: index for index, name in enumerate(DRAWN)}
    mixed = np.empty_like(draws)
    for name, index in place.items():
        total = np.zeros(len(draws))
        explained = 0.0
        for source, weight in LOADINGS[name].items():
            total = total + weight * draws[:, place[source]]
            explained += weight * weight
        mixed[:, index] = total + math.sqrt(1.0 - explained) * draws[:, index]
    return mixed


def night_scales(nights: int, rng: np.random.Generator, *, heavy: bool) -> Values:
    """Draws how restless each night is as a whole: a factor on all metrics, of mean square one."""
    if not heavy:
        width = 0.15
        return np.exp(width * rng.standard_normal(nights) - width * width)
    squares = rng.standard_normal((nights, HEAVY_FREEDOM)) ** 2
    total = squares[:, 0] + squares[:, 1] + squares[:, 2] + squares[:, 3]
    return np.sqrt((HEAVY_FREEDOM - 2) / total)


def remember(innovations: Values, memory: Values) -> Values:
    """Runs a first-order autoregression of unit variance down the nights."""
    rest = np.sqrt(1.0 - memory * memory)
    series = np.empty_like(innovations)
    series[0] = innovations[0]
    for night in range(1, len(innovations)):
        series[night] = memory * series[night - 1] + rest * innovations[night]
    return series


def memories(rng: np.random.Generator) -> Values:
    """Draws the person's memory of each metric around the usual one."""
    usual = np.array([METRICS[name].memory for name in DRAWN])
    return np.clip(np.round(usual + 0.07 * rng.standard_normal(len(usual)), 3), 0.0, 0.65)


def standard_nights(
    nights: int, shares: Values, rngs: dict[str, np.random.Generator], *, heavy: bool
) -> Values:
    """Draws (nights, metrics) of unit variance; ``shares`` is the slow part of each variance."""
    width = len(DRAWN)
    scales = night_scales(nights, rngs["scale"], heavy=heavy)
    draws = [correlate(rngs["fast"].standard_normal((nights, width))) * scales[:, None]]
    memory = [memories(rngs["memory"])]
    for number, forgets in enumerate(SLOW_NIGHTS):
        draws.append(correlate(rngs[f"slow{number}"].standard_normal((nights, width))))
        memory.append(np.full(width, math.exp(-1.0 / forgets)))
    # One run down the nights for all three parts side by side, for speed.
    series = remember(np.hstack(draws), np.concatenate(memory))
    fast, slow = series[:, :width], series[:, width : 2 * width] + series[:, 2 * width :]
    mixed = np.sqrt(1.0 - shares) * fast + np.sqrt(shares / len(SLOW_NIGHTS)) * slow
    return np.asarray(np.round(mixed, DECIMALS), dtype=np.float64)
