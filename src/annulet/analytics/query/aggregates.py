"""The aggregates of a group of values, from unrounded values."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import median, stdev
from typing import Final

from annulet.analytics.query.columns import Column, Kind

_DAY_MIN: Final = 1440
_HALF_DAY: Final = 720
# Directions that cancel out leave a resultant of rounding errors, which points nowhere.
_NO_DIRECTION: Final = 1e-9


def quantile(values: Sequence[float], share: float) -> float:
    """A quantile of values in order, by linear interpolation between neighbours.

    >>> quantile([1.0, 2.0, 4.0], 0.75)
    3.0
    """
    place = share * (len(values) - 1)
    low = math.floor(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (place - low) * (values[high] - values[low])


def circular_mean(values: Sequence[float], *, from_noon: bool) -> float | None:
    """The mean of clock times (minutes) on their axis; None where they point nowhere."""
    east, north = _resultant(values)
    if math.hypot(east, north) < _NO_DIRECTION:
        return None
    mean = math.atan2(north, east) * _DAY_MIN / math.tau
    start = -_HALF_DAY if from_noon else 0
    return (mean - start) % _DAY_MIN + start


def circular_sd(values: Sequence[float]) -> float | None:
    """The circular SD of clock times (minutes), sqrt(−2 ln R); None for fewer than two."""
    if len(values) <= 1:  # a spread needs two
        return None
    length = math.hypot(*_resultant(values))
    if length < _NO_DIRECTION:
        return None
    return math.sqrt(max(-2.0 * math.log(min(length, 1.0)), 0.0)) * _DAY_MIN / math.tau


def _resultant(values: Sequence[float]) -> tuple[float, float]:
    angles = [value * math.tau / _DAY_MIN for value in values]
    n = len(values)
    return math.fsum(map(math.cos, angles)) / n, math.fsum(map(math.sin, angles)) / n


def _mean(values: Sequence[float], column: Column) -> float | None:
    if column.kind is not Kind.CLOCK:
        return math.fsum(values) / len(values)
    mean = circular_mean(values, from_noon=column.from_noon)
    return mean if mean is None or not column.unit else near_minute(mean, median(values))


def near_minute(minutes: float, middle: float) -> float:
    """A clock time in minutes as the values around a middle are written, not a day beside them.

    Of someone who sleeps by day 12:45 is 765, for midsleeps between −202 and 789, and not −675.
    """
    return minutes - _DAY_MIN * round((minutes - middle) / _DAY_MIN)


def _sd(values: Sequence[float], column: Column) -> float | None:
    if column.kind is Kind.CLOCK:
        return circular_sd(values)
    return stdev(values) if len(values) > 1 else None


def _cv(values: Sequence[float], column: Column) -> float | None:
    mean, sd = _mean(values, column), _sd(values, column)
    if not column.ratio or column.kind is Kind.CLOCK or not mean or sd is None:
        return None
    return 100.0 * sd / abs(mean)


def _sum(values: Sequence[float], column: Column) -> float | None:
    return None if column.kind is Kind.CLOCK else math.fsum(values)


def _at(share: float) -> Callable[[Sequence[float], Column], float | None]:
    return lambda values, _: quantile(sorted(values), share)


FIGURES: Final[dict[str, Callable[[Sequence[float], Column], float | None]]] = {
    "sum": _sum,
    "mean": _mean,
    "median": lambda values, _: median(values),
    "sd": _sd,
    "cv_pct": _cv,
    "min": lambda values, _: min(values),
    "max": lambda values, _: max(values),
    "range": lambda values, _: max(values) - min(values),
    "p10": _at(0.10),
    "p25": _at(0.25),
    "p75": _at(0.75),
    "p90": _at(0.90),
}
"""Each figure of a group's own values; there is always at least one value."""


def figure(name: str, values: Sequence[float], column: Column) -> float | None:
    """One figure; None where there are no values, or the column has no such figure."""
    return FIGURES[name](values, column) if values else None
