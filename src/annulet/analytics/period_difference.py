"""Two periods against each other, judged by how a person's metric moves by chance."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from annulet.analytics.noise_model import (
    INTERVAL_LEVEL,
    Change,
    Contrast,
    NoiseModel,
    learn,
    pulled_in,
)
from annulet.analytics.series import Series, enough
from annulet.analytics.traits import Traits

FEWEST_NIGHTS = 14
"""Nights of history below which nothing is judged."""

# A single night of some people stands far out, and a mean of few nights keeps that: such a
# difference has a part of what may be called by chance.
_FEW = 4
_OF_FEW = 0.2


@dataclass(frozen=True, slots=True)
class PeriodDifference:
    """One period against another.

    Attributes:
        period_mean: Mean of the first period; None without a night.
        against_mean: Mean of the second.
        period_n: Nights with data in the first.
        against_n: Nights with data in the second.
        difference: First mean minus second mean; None where one of them is missing.
        judged: The same with weekdays, nights of illness and rhythm taken out; None if not judged.
        low: Lower end of the 95 % interval around ``judged``.
        high: Upper end.
        verdict: ``higher``, ``lower``, ``no clear difference`` or ``too few nights``.
        history: Nights of history that the judgement rests on.
    """

    period_mean: float | None
    against_mean: float | None
    period_n: int
    against_n: int
    difference: float | None
    judged: float | None
    low: float | None
    high: float | None
    verdict: str
    history: int


def compare_periods(
    series: Series,
    traits: Traits,
    period: tuple[date, date],
    against: tuple[date, date],
    *,
    left_out: frozenset[int] = frozenset(),
    pattern: Mapping[int, float] | None = None,
    breaks: Collection[int] = (),
) -> PeriodDifference:
    """Compare the means of two periods, both ends inclusive.

    Args:
        series: The metric, with as much history as there is.
        traits: How it behaves.
        period: First and last day of the period in question.
        against: First and last day of the period it is compared with.
        left_out: Days (ordinals) of illness, left out of the judgement on both sides, unless they
            are most of a period.
        pattern: What a rhythm adds on each day of the series, taken out of the judgement.
        breaks: First days (ordinals) of another ring.
    """
    first, second = series.between(*period), series.between(*against)
    means = _mean(first), _mean(second)
    gap = None if means[0] is None or means[1] is None else means[0] - means[1]
    end = max(period[1], against[1]).toordinal()
    quiet_until = max(period[0], against[0]).toordinal() - 1
    calm = without_pattern(series.without(left_out), pattern)
    noise = learn(calm, traits, end, quiet_until, change=Change.STEP, breaks=breaks)
    covered = enough(len(first), _length(period)) and enough(len(second), _length(against))
    history = 0 if noise is None else noise.nights
    unjudged = (*means, len(first), len(second), gap, None, None, None, "too few nights", history)
    if noise is None or gap is None or not covered or noise.nights < FEWEST_NIGHTS:
        return PeriodDifference(*unjudged)
    sides = [without_pattern(judged_nights(side, left_out), pattern) for side in (first, second)]
    judged, contrast = _judged_gap(noise, sides[0], sides[1])
    spread = noise.spread(contrast)
    reach = spread.reach(INTERVAL_LEVEL)
    few = min(len(side) for side in sides) < _FEW
    called = noise.calls(spread.chance(judged), _OF_FEW if few else 1.0)
    named = name_difference(judged) if called else "no clear difference"
    return PeriodDifference(
        *means, len(first), len(second), gap, judged, judged - reach, judged + reach, named, history
    )


def name_difference(value: float) -> str:
    """Name a difference that is more than chance."""
    return "higher" if value > 0 else "lower"


def judged_nights(series: Series, left_out: frozenset[int]) -> Series:
    """The nights of a period that are judged: without illness, unless it is most of the period."""
    calm = series.without(left_out)
    return calm if 2 * len(calm) > len(series) else series


def without_pattern(series: Series, pattern: Mapping[int, float] | None) -> Series:
    """Take what a rhythm adds on each day out of a series."""
    if not pattern:
        return series
    pairs = zip(series.days, series.values, strict=True)
    return Series(series.days, tuple([value - pattern[day] for day, value in pairs]))


def _judged_gap(noise: NoiseModel, first: Series, second: Series) -> tuple[float, Contrast]:
    """The difference of the means, weekdays taken out, and the contrast of nights it is."""
    contrast = Contrast.of_means(first.days, second.days)
    sides = [pulled_in(noise.weekdays.removed(side), noise.sd) for side in (first, second)]
    means = [math.fsum(side.values) / len(side) for side in sides]
    return means[0] - means[1], contrast


def _length(period: tuple[date, date]) -> int:
    return (period[1] - period[0]).days + 1


def _mean(series: Series) -> float | None:
    return math.fsum(series.values) / len(series) if len(series) else None
