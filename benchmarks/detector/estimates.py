"""Estimates with their 95 % intervals, so that a gate leaves room for chance and for no more.

A share of events has Wilson's binomial interval. Nights of one person are autocorrelated, so a
rate of nights has an interval over people instead. A gate fails where the whole interval lies on
the wrong side of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Estimate", "mean", "rate", "share"]

_Z = 1.96  # 95 %, two-sided


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its 95 % interval.

    Attributes:
        value: The figure; NaN where there was nothing to count.
        low: Lower end of the interval.
        high: Upper end of the interval.
    """

    value: float
    low: float
    high: float

    def may_reach(self, gate: float) -> bool:
        """Tell whether the true figure can be as high as the gate."""
        return self.high >= gate

    def may_stay_within(self, gate: float) -> bool:
        """Tell whether the true figure can be as low as the gate."""
        return self.low <= gate


def share(successes: float, trials: float) -> Estimate:
    """Estimate a share by Wilson's binomial interval."""
    if not trials:
        return Estimate(math.nan, math.nan, math.nan)
    p = successes / trials
    centre = p + _Z**2 / (2 * trials)
    reach = _Z * math.sqrt(p * (1 - p) / trials + _Z**2 / (4 * trials**2))
    widen = 1 + _Z**2 / trials
    return Estimate(p, (centre - reach) / widen, (centre + reach) / widen)


def rate(counts: Sequence[float], exposures: Sequence[float], per: float) -> Estimate:
    """Estimate a rate from counts and exposures by person, its interval over people.

    Args:
        counts: What was counted for each person.
        exposures: In how many nights, trials or the like.
        per: The exposure that the rate refers to, 30 for "in 30 nights".
    """
    counted, exposed = np.asarray(counts, float), np.asarray(exposures, float)
    total, people = exposed.sum(), len(counted)
    ratio = counted.sum() / total
    spread = ((counted - ratio * exposed) ** 2).sum() * people / (people - 1)
    return _around(per * ratio, per * math.sqrt(spread) / total)


def mean(values: Sequence[float]) -> Estimate:
    """Estimate a mean from independent values."""
    if len(values) < 2:
        return Estimate(math.nan, math.nan, math.nan)
    error = float(np.std(values, ddof=1)) / math.sqrt(len(values))
    return _around(float(np.mean(values)), error)


def _around(value: float, error: float) -> Estimate:
    return Estimate(float(value), float(value - _Z * error), float(value + _Z * error))
