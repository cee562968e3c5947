"""The weekly pattern of a metric: what each weekday usually adds."""

from __future__ import annotations

import math
from dataclasses import dataclass

from annulet.analytics.residuals import robust_sd, season_free
from annulet.analytics.series import Series
from annulet.analytics.windows import sorted_median

_FEWEST_NIGHTS = 14
# The variance of a median is so many times that of a mean, for normal values.
_MEDIAN_VARIANCE = 1.5


@dataclass(frozen=True, slots=True)
class WeekdayPattern:
    """What each weekday adds, by the ordinal of a day modulo seven.

    Attributes:
        effects: What the weekday adds, in the unit of the series; 0 where it is unknown.
        variances: The variance of that estimate in squares of the nightly SD.
    """

    effects: tuple[float, ...] = (0.0,) * 7
    variances: tuple[float, ...] = (0.0,) * 7

    def removed(self, series: Series) -> Series:
        """Take the pattern out of a series."""
        effects = self.effects
        pairs = zip(series.days, series.values, strict=True)
        return Series(series.days, tuple([value - effects[day % 7] for day, value in pairs]))


def weekday_pattern(series: Series) -> tuple[WeekdayPattern, Series]:
    """Estimate the weekly pattern of a series; return it and what it leaves of each night.

    The season is taken out first. Effects are shrunk by how much of their spread chance explains,
    so that a person without a pattern gets none.

    Returns:
        The pattern, and the residuals: season and weekday taken out.
    """
    rest = Series(series.days, tuple(season_free(series)))
    if len(rest) < _FEWEST_NIGHTS:
        return WeekdayPattern(), rest
    nightly = robust_sd(rest.values) or 0.0
    groups: list[list[float]] = [[] for _ in range(7)]
    for day, value in zip(rest.days, rest.values, strict=True):
        groups[day % 7].append(value)
    medians = [sorted_median(sorted(group)) if group else 0.0 for group in groups]
    counted = [len(group) for group in groups]
    measured = [median for median, n in zip(medians, counted, strict=True) if n]
    middle = math.fsum(measured) / len(measured)
    errors = [_MEDIAN_VARIANCE * nightly**2 / n if n else math.inf for n in counted]
    chance = math.fsum(e for e in errors if e < math.inf) / len(measured)
    spread = math.fsum((m - middle) ** 2 for m in measured) / max(len(measured) - 1, 1)
    between = max(spread - chance, 0.0)
    shares = [between / (between + error) if between else 0.0 for error in errors]
    pattern = WeekdayPattern(
        tuple(share * (m - middle) for share, m in zip(shares, medians, strict=True)),
        tuple(_MEDIAN_VARIANCE * s / n if n else 0.0 for s, n in zip(shares, counted, strict=True)),
    )
    return pattern, pattern.removed(rest)
