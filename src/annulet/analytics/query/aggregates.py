"""The aggregates of a group of values, from unrounded values."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import median, stdev
from typing import Final

from annulet.analytics.clock_times import circular_mean, circular_sd, near_minute
from annulet.analytics.query.columns import Column, Kind


def quantile(values: Sequence[float], share: float) -> float:
    """A quantile of values in order, by linear interpolation between neighbours.

    >>> quantile([1.0, 2.0, 4.0], 0.75)
    3.0
    """
    place = share * (len(values) - 1)
    low = math.floor(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (place - low) * (values[high] - values[low])


def _mean(values: Sequence[float], column: Column) -> float | None:
    if column.kind is not Kind.CLOCK:
        return math.fsum(values) / len(values)
    mean = circular_mean(values, from_noon=column.from_noon)
    return mean if mean is None or not column.unit else near_minute(mean, median(values))


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
