"""Training load: MET-minutes of activity lately against those of the weeks before.

Exponentially weighted means of 7 and of 28 days (Williams et al., Br J Sports Med 2017;51:209),
the first divided by the second. As a forecast of injuries the ratio does not hold (Impellizzeri et
al., Int J Sports Physiol Perform 2020;15:907; Lolli et al., Br J Sports Med 2019;53:1510): it says
only whether the last week was more or less active than the last four.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from annulet.analytics.derived.trailing import Trailing
from annulet.analytics.series import Series

LOAD_DAYS = 28
FEWEST_DAYS = 21
"""Recorded days of the 28."""

_ACUTE = 1 - 2 / (7 + 1)
_CHRONIC = 1 - 2 / (LOAD_DAYS + 1)


def training_load(met_min: Series) -> Series:
    """By day: the ratio of the two means.

    Both are taken over the recorded days of the last 28, so that a day has one value, however far
    back the records reach that were read.

    Args:
        met_min: MET-minutes of low, medium and high activity by day.
    """
    trailing = Trailing(met_min)
    days, ratios = [], []
    for day in met_min.days:
        if trailing.count(day, LOAD_DAYS) < FEWEST_DAYS:
            continue
        first, end = trailing.bounds(day, LOAD_DAYS)
        recent = [(day - met_min.days[n], met_min.values[n]) for n in range(first, end)]
        chronic = _weighted_mean(recent, _CHRONIC)
        if chronic > 0:
            days.append(day)
            ratios.append(_weighted_mean(recent, _ACUTE) / chronic)
    return Series(tuple(days), tuple(ratios))


def _weighted_mean(recent: Sequence[tuple[int, float]], decay: float) -> float:
    """The mean of values by age in days; each day older weighs less by the factor ``decay``."""
    weights = [decay**age for age, _ in recent]
    total = math.fsum(w * value for w, (_, value) in zip(weights, recent, strict=True))
    return total / math.fsum(weights)
