"""Two sets of days against each other, with the person's own uncertainty."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

from annulet.analytics.noise_model import INTERVAL_LEVEL, Contrast, learn
from annulet.analytics.period_difference import name_difference
from annulet.analytics.series import Series
from annulet.analytics.traits import Traits

FEWEST_DAYS = 5
"""Days with a value on either side below which there is no verdict."""

_TOO_FEW = "too few nights"


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
    series: Series, traits: Traits, chosen: Collection[int], others: Collection[int]
) -> SetDifference:
    """Compare the means of a metric over two sets of days.

    Weekdays stay in: a condition may be about them.

    Args:
        series: The metric with its history.
        traits: How it behaves.
        chosen: Days (ordinals) of the first set.
        others: Days of the second.
    """
    values = dict(zip(series.days, series.values, strict=True))
    first = [day for day in series.days if day in chosen]
    second = [day for day in series.days if day in others]
    if not first or not second:
        return SetDifference(None, None, None, _TOO_FEW)
    means = [math.fsum(values[day] for day in days) / len(days) for days in (first, second)]
    gap = means[0] - means[1]
    # The difference in question does not teach that such differences are usual.
    levelled = Series(series.days, tuple(v - gap if d in chosen else v for d, v in values.items()))
    noise = learn(levelled, traits, series.days[-1], series.days[-1])
    if noise is None or min(len(first), len(second)) < FEWEST_DAYS:
        return SetDifference(gap, None, None, _TOO_FEW)
    spread = noise.spread(Contrast.of_means(first, second))
    reach = spread.reach(INTERVAL_LEVEL)
    called = noise.calls(spread.chance(gap))
    named = name_difference(gap) if called else "no clear difference"
    return SetDifference(gap, gap - reach, gap + reach, named)
