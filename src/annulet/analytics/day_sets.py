"""Two sets of days against each other, with the person's own uncertainty."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Sequence
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
    series: Series,
    traits: Traits,
    chosen: Collection[int],
    others: Collection[int],
    *,
    breaks: Collection[int] = (),
) -> SetDifference:
    """Compare the means of a metric over two sets of days.

    Weekdays stay in: a condition may be about them.

    Args:
        series: The metric with its history.
        traits: How it behaves.
        chosen: Days (ordinals) of the first set.
        others: Days of the second.
        breaks: First days (ordinals) of another ring, which may read differently: days are compared
            with days of their own ring, and the rings' differences are averaged.
    """
    contrast = _within_each_ring(series, chosen, others, sorted(breaks))
    if not contrast.days:
        return SetDifference(None, None, None, _TOO_FEW)
    gap = contrast.value(series)
    # The difference in question does not teach that such differences are usual.
    pairs = zip(series.days, series.values, strict=True)
    without = Series(series.days, tuple(v - gap if d in chosen else v for d, v in pairs))
    last = series.days[-1]
    noise = learn(_of_one_ring(without, sorted(breaks)), traits, last, last)
    sides = [sum(weight * sign > 0 for weight in contrast.weights) for sign in (1, -1)]
    if noise is None or min(sides) < FEWEST_DAYS:
        return SetDifference(gap, None, None, _TOO_FEW)
    spread = noise.spread(contrast)
    reach = spread.reach(INTERVAL_LEVEL)
    called = noise.calls(spread.chance(gap))
    named = name_difference(gap) if called else "no clear difference"
    return SetDifference(gap, gap - reach, gap + reach, named)


def _within_each_ring(
    series: Series, chosen: Collection[int], others: Collection[int], breaks: Sequence[int]
) -> Contrast:
    """The difference of the means within each ring, averaged by what each ring tells of it."""
    rings: defaultdict[int, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for day in series.days:
        ring = rings[bisect_right(breaks, day)]
        if day in chosen:
            ring[0].append(day)
        if day in others:
            ring[1].append(day)
    known = [(first, second) for first, second in rings.values() if first and second]
    told = [len(first) * len(second) / (len(first) + len(second)) for first, second in known]
    weights: defaultdict[int, float] = defaultdict(float)
    for (first, second), part in zip(known, told, strict=True):
        share = part / math.fsum(told)
        for days, sign in ((first, share), (second, -share)):
            for day in days:
                weights[day] += sign / len(days)
    ordered = tuple(sorted(weights))
    return Contrast(ordered, tuple(weights[day] for day in ordered))


def _of_one_ring(series: Series, breaks: Sequence[int]) -> Series:
    """The series with every ring's mean brought to the same."""
    if not breaks:
        return series
    values: defaultdict[int, list[float]] = defaultdict(list)
    for day, value in zip(series.days, series.values, strict=True):
        values[bisect_right(breaks, day)].append(value)
    means = {ring: math.fsum(own) / len(own) for ring, own in values.items()}
    pairs = zip(series.days, series.values, strict=True)
    return Series(series.days, tuple(v - means[bisect_right(breaks, d)] for d, v in pairs))
