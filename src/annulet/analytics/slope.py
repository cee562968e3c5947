"""The slope of a metric, fitted to weekly medians: single nights are no independent witnesses."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from annulet.analytics.distributions import t_quantile
from annulet.analytics.series import Series
from annulet.analytics.windows import sorted_median

__all__ = ["CONFIDENCE", "Slope", "Week", "direction", "slope", "weekly_medians"]

CONFIDENCE = 0.95
"""The interval of every slope."""

_NIGHTS_A_WEEK = 3
_FEWEST_WEEKS = 4
_SHORT_WEEK = 5
_FLAT = 0.5


@dataclass(frozen=True, slots=True)
class Week:
    """One week counted back from the end of a window.

    Attributes:
        middle: The position of its middle, in weeks before the end (negative).
        median: The median of its nights.
    """

    middle: float
    median: float


@dataclass(frozen=True, slots=True)
class Slope:
    """Change per week.

    Attributes:
        per_week: The fitted slope.
        low: Lower end of the 95 % interval.
        high: Upper end.
        weeks: Weeks that entered.
    """

    per_week: float
    low: float
    high: float
    weeks: int


def weekly_medians(series: Series, end: date | int, length: int) -> list[Week]:
    """The medians of the weeks of a window, oldest first; a week needs three nights.

    What is left at the old end counts as a week when it has five days at least.
    """
    last = end if isinstance(end, int) else end.toordinal()
    weeks = []
    for back in range(0, length, 7):
        days = min(7, length - back)
        if days < _SHORT_WEEK:
            break
        part = series.window(last - back, days)
        if len(part) >= _NIGHTS_A_WEEK:
            median = sorted_median(sorted(part.values))
            weeks.append(Week(-(back + days / 2) / 7, median))
    return weeks[::-1]


def slope(weeks: Sequence[Week]) -> Slope | None:
    """Least squares through weekly medians with its 95 % interval; None under four weeks."""
    k = len(weeks)
    if k < _FEWEST_WEEKS:
        return None
    x_mean = math.fsum(w.middle for w in weeks) / k
    y_mean = math.fsum(w.median for w in weeks) / k
    spread = math.fsum((w.middle - x_mean) ** 2 for w in weeks)
    value = math.fsum((w.middle - x_mean) * (w.median - y_mean) for w in weeks) / spread
    rest = math.fsum((w.median - y_mean - value * (w.middle - x_mean)) ** 2 for w in weeks)
    error = math.sqrt(rest / (k - 2) / spread)
    reach = t_quantile(0.5 + CONFIDENCE / 2, k - 2) * error
    return Slope(per_week=value, low=value - reach, high=value + reach, weeks=k)


def direction(fitted: Slope | None, nightly_sd: float, length: int) -> str:
    """Name the direction: ``rising``, ``falling``, ``flat``, or the honest ``unclear``.

    Args:
        fitted: The slope; None is unclear.
        nightly_sd: The usual night-to-night SD. Flat means that the whole interval stays within
            half of it over the window.
        length: Days of the window.
    """
    if fitted is None:
        return "unclear"
    if fitted.low > 0:
        return "rising"
    if fitted.high < 0:
        return "falling"
    reach = _FLAT * nightly_sd / (length / 7)
    return "flat" if -reach <= fitted.low and fitted.high <= reach else "unclear"
