"""What is left of a night once the season and the weekday are taken out, looking both ways."""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections.abc import Sequence
from itertools import pairwise

from annulet.analytics.series import Series
from annulet.analytics.windows import sorted_median

_REACH = 28
_SHRINK = 4
_CLIP = 2.5
_WIDE_CLIP = 5.0
_MAD_TO_SD = 1.4826
_MOST_PHI = 0.7


def residuals(series: Series) -> Series:
    """Each value against the median of the nights around it and its weekday's usual rest."""
    rest = season_free(series)
    by_weekday: list[list[float]] = [[] for _ in range(7)]
    for day, value in zip(series.days, rest, strict=True):
        by_weekday[day % 7].append(value)
    usual = [
        sorted_median(sorted(values)) * len(values) / (len(values) + _SHRINK) if values else 0.0
        for values in by_weekday
    ]
    return Series(
        series.days,
        tuple(v - usual[day % 7] for day, v in zip(series.days, rest, strict=True)),
    )


def robust_sd(values: tuple[float, ...]) -> float | None:
    """The SD of values clipped at 2.5 robust scales; None for fewer than three values."""
    n = len(values)
    if n < 3:  # noqa: PLR2004 - a spread of two values is a guess
        return None
    ordered = sorted(values)
    median = sorted_median(ordered)
    limit = _CLIP * _MAD_TO_SD * sorted_median(sorted(abs(v - median) for v in ordered))
    if limit > 0:
        ordered = [max(median - limit, min(median + limit, v)) for v in ordered]
    mean = math.fsum(ordered) / n
    return math.sqrt(math.fsum((v - mean) ** 2 for v in ordered) / (n - 1))


def clipped_sd(values: Sequence[float], clip: float = _WIDE_CLIP) -> float:
    """The SD of values clipped at so many robust scales around their median; 0 for one value.

    The wide clip keeps the tails that a mean has to live with, and pulls in what is a fault.
    """
    n = len(values)
    if n <= 1:  # no spread
        return 0.0
    ordered = sorted(values)
    median = sorted_median(ordered)
    limit = clip * _MAD_TO_SD * sorted_median(sorted([abs(v - median) for v in ordered]))
    if limit > 0:
        ordered = [max(median - limit, min(median + limit, v)) for v in ordered]
    mean = math.fsum(ordered) / n
    return math.sqrt(math.fsum([(v - mean) ** 2 for v in ordered]) / (n - 1))


def autocorrelation(series: Series, fallback: float) -> float:
    """How much a night resembles the one before (0 to 0.7), leaning on a usual value.

    Args:
        series: Residuals.
        fallback: What is usual; it counts as much as thirty pairs of nights.
    """
    spread = robust_sd(series.values)
    if not spread:
        return fallback
    limit = _CLIP * spread
    clipped = [max(-limit, min(limit, v)) for v in series.values]
    pairs = [
        a * b
        for i, (a, b) in enumerate(pairwise(clipped))
        if series.days[i + 1] - series.days[i] == 1
    ]
    own = math.fsum(pairs) / (spread * spread)
    phi = (own + 30 * fallback) / (len(pairs) + 30)
    return max(0.0, min(_MOST_PHI, phi))


def season_free(series: Series) -> list[float]:
    """Take the median of the 28 nights before and after each night out of it."""
    days, values = series.days, series.values
    around: list[float] = []
    rest = []
    ahead = behind = 0
    for day, value in zip(days, values, strict=True):
        while ahead < len(days) and days[ahead] <= day + _REACH:
            insort(around, values[ahead])
            ahead += 1
        while days[behind] < day - _REACH:
            del around[bisect_left(around, values[behind])]
            behind += 1
        del around[bisect_left(around, value)]
        rest.append(value - sorted_median(around) if around else 0.0)
        insort(around, value)
    return rest
