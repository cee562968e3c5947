"""Clock times as points of a circle: their mean and spread, and a line cut where none of them lies.

Minutes throughout. Mardia & Jupp, Directional Statistics, Wiley 2000, chapter 2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

from annulet.analytics.series import Series

_DAY_MIN = 1440
_HALF_DAY = 720
# Directions that cancel out leave a resultant of rounding errors, which points nowhere.
_NO_DIRECTION = 1e-9
# A mean that so little points to is chance, and no place to cut opposite of.
_CLEAR_DIRECTION = 0.1


def circular_mean(values: Sequence[float], *, from_noon: bool = False) -> float | None:
    """The mean of clock times on their axis; None where they point nowhere.

    >>> round(circular_mean([1430.0, 20.0]) or 0.0)
    5
    """
    east, north = _resultant(values)
    if math.hypot(east, north) < _NO_DIRECTION:
        return None
    mean = math.atan2(north, east) * _DAY_MIN / math.tau
    start = -_HALF_DAY if from_noon else 0
    return (mean - start) % _DAY_MIN + start


def circular_sd(values: Sequence[float]) -> float | None:
    """The circular SD of clock times, sqrt(−2 ln R); None for fewer than two."""
    if len(values) <= 1:  # a spread needs two
        return None
    length = math.hypot(*_resultant(values))
    if length < _NO_DIRECTION:
        return None
    return math.sqrt(max(-2.0 * math.log(min(length, 1.0)), 0.0)) * _DAY_MIN / math.tau


def near_minute(minutes: float, middle: float) -> float:
    """The same clock time on the turn of the clock that lies nearest to a middle.

    >>> near_minute(-675.0, 765.0)
    765.0
    """
    return minutes - _DAY_MIN * round((minutes - middle) / _DAY_MIN)


def unwrapped(series: Series) -> Series:
    """Clock times on a line that is cut opposite their mean, so that plain statistics hold.

    Who sleeps by day now and by night then has bedtimes on both sides of any fixed cut. Values lie
    within half a day of the mean; without a clear mean they stay as they are.

    >>> unwrapped(Series((1, 2, 3), (-350.0, 1100.0, 1080.0))).values
    (1090.0, 1100.0, 1080.0)
    """
    mean = circular_mean(series.values) if series.values else None
    if mean is None or math.hypot(*_resultant(series.values)) < _CLEAR_DIRECTION:
        return series
    cut = near_minute(mean, median(series.values)) - _HALF_DAY
    return Series(series.days, tuple((v - cut) % _DAY_MIN + cut for v in series.values))


def _resultant(values: Sequence[float]) -> tuple[float, float]:
    angles = [value * math.tau / _DAY_MIN for value in values]
    n = len(values)
    return math.fsum(map(math.cos, angles)) / n, math.fsum(map(math.sin, angles)) / n
