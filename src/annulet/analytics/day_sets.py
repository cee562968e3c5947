"""Two sets of days against each other, with the person's own uncertainty."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

from annulet.analytics.compare import TOO_FEW, verdict
from annulet.analytics.distributions import normal_quantile
from annulet.analytics.noise import yardstick
from annulet.analytics.series import Series
from annulet.analytics.traits import Traits

__all__ = ["FEWEST_DAYS", "SetDifference", "compare_day_sets"]

FEWEST_DAYS = 5
"""Days with a value on either side below which there is no verdict."""

_LEVEL = 0.975


@dataclass(frozen=True, slots=True)
class SetDifference:
    """The mean over one set of days minus the mean over another.

    Attributes:
        difference: First minus second; None where a side has no value.
        low: Lower end of the 95 % interval; None with too few days.
        high: Upper end.
        verdict: ``higher``, ``lower``, ``no clear difference`` or ``too few nights``.
    """

    difference: float | None
    low: float | None
    high: float | None
    verdict: str


def compare_day_sets(
    series: Series, traits: Traits, one: Collection[int], other: Collection[int]
) -> SetDifference:
    """Compare the means of a metric over two sets of days.

    Args:
        series: The metric with its history.
        traits: How it behaves.
        one: Days (ordinals) of the first set.
        other: Days of the second.
    """
    first = [day for day in series.days if day in one]
    second = [day for day in series.days if day in other]
    if not first or not second:
        return SetDifference(None, None, None, TOO_FEW)
    values = dict(zip(series.days, series.values, strict=True))
    means = [math.fsum(values[day] for day in days) / len(days) for days in (first, second)]
    gap = means[0] - means[1]
    measure = yardstick(series, traits, max(series.days))
    if measure is None or min(len(first), len(second)) < FEWEST_DAYS:
        return SetDifference(gap, None, None, TOO_FEW)
    reach = normal_quantile(_LEVEL) * measure.difference(first, second)
    low, high = gap - reach, gap + reach
    return SetDifference(gap, low, high, verdict(low, high))
