"""Two periods against each other, with honest uncertainty."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

from annulet.analytics.distributions import normal_quantile
from annulet.analytics.noise import Yardstick, yardstick
from annulet.analytics.series import Series, enough
from annulet.analytics.traits import Traits

__all__ = ["HIGHER", "LOWER", "NO_DIFFERENCE", "TOO_FEW", "Difference", "compare", "verdict"]

HIGHER = "higher"
LOWER = "lower"
NO_DIFFERENCE = "no clear difference"
TOO_FEW = "too few nights"

_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Difference:
    """One period against another.

    Attributes:
        period_mean: Mean of the first period; None without a night.
        against_mean: Mean of the second.
        period_n: Nights with data in the first.
        against_n: Nights with data in the second.
        difference: First minus second; None where one of them is missing.
        low: Lower end of the 95 % interval of the difference; None with too few nights.
        high: Upper end.
        verdict: ``higher``, ``lower``, ``no clear difference`` or ``too few nights``.
    """

    period_mean: float | None
    against_mean: float | None
    period_n: int
    against_n: int
    difference: float | None
    low: float | None
    high: float | None
    verdict: str


def compare(
    series: Series,
    traits: Traits,
    period: tuple[date, date],
    against: tuple[date, date],
    *,
    left_out: frozenset[int] = frozenset(),
) -> Difference:
    """Compare the means of two periods, both ends inclusive.

    The uncertainty is the person's own: how much averages over such nights differ when nothing
    happens. Nights are never taken for independent witnesses.

    Args:
        series: The metric with its history around the periods.
        traits: How it behaves.
        period: First and last day of the period in question.
        against: First and last day of the period it is held against.
        left_out: Days (ordinals) that shall not teach what is usual: nights of illness.
    """
    one, other = series.between(*period), series.between(*against)
    first, second = _mean(one), _mean(other)
    gap = None if first is None or second is None else first - second
    measure = yardstick(series.without(left_out), traits, max(period[1], against[1]).toordinal())
    covered = enough(len(one), _days(period)) and enough(len(other), _days(against))
    low: float | None = None
    high: float | None = None
    named = TOO_FEW
    if gap is not None and measure is not None and covered:
        low, high = _interval(gap, measure, one, other)
        named = verdict(low, high)
    return Difference(first, second, len(one), len(other), gap, low, high, named)


def verdict(low: float, high: float) -> str:
    """Name a difference by its interval."""
    if low > 0:
        return HIGHER
    return LOWER if high < 0 else NO_DIFFERENCE


def _interval(gap: float, measure: Yardstick, one: Series, other: Series) -> tuple[float, float]:
    reach = normal_quantile(0.5 + _CONFIDENCE / 2) * measure.difference(one.days, other.days)
    return gap - reach, gap + reach


def _days(period: tuple[date, date]) -> int:
    return (period[1] - period[0]).days + 1


def _mean(series: Series) -> float | None:
    return math.fsum(series.values) / len(series) if len(series) else None
