"""The range in which two of three days lie, with any number of days behind it."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import NamedTuple

from annulet.analytics.windows import sorted_median

_SHARE = 2.0 / 3.0


class UsualRange(NamedTuple):
    """What is usual for a person.

    Attributes:
        median: The median.
        low: Lower end of the range in which the next day lies two times in three.
        high: Upper end.
        days: Days that it rests on.
    """

    median: float
    low: float
    high: float
    days: int


def usual_range(values: Collection[float]) -> UsualRange:
    """Find the usual range of some days, three at least.

    The k-th smallest of n values has the share k / (n + 1) of future values below it, whatever
    their distribution: with few days the ends lie farther out than with many.
    """
    ordered = sorted(values)
    n = len(ordered)
    place = max((1.0 - _SHARE) / 2.0 * (n + 1), 1.0)
    low = _between(ordered, place)
    high = _between(ordered, n + 1 - place)
    return UsualRange(sorted_median(ordered), low, high, n)


def _between(ordered: list[float], place: float) -> float:
    """The value at a place counted from 1, places between two values interpolated."""
    below = max(1, min(math.floor(place), len(ordered)))
    above = min(below + 1, len(ordered))
    share = place - below
    return (1.0 - share) * ordered[below - 1] + share * ordered[above - 1]
