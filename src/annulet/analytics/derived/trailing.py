"""Figures of the days up to and including a day."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from annulet.analytics.series import Series


class Trailing:
    """A series whose sums over the last days of any day are found at once.

    Args:
        series: The values.
    """

    __slots__ = ("_days", "_sums", "series")

    def __init__(self, series: Series) -> None:
        self.series = series
        self._days = series.days
        sums = [0.0]
        for value in series.values:
            sums.append(sums[-1] + value)
        self._sums = sums

    def bounds(self, day: int, length: int) -> tuple[int, int]:
        """Where the last ``length`` days up to ``day`` begin and end in the series."""
        return bisect_left(self._days, day - length + 1), bisect_right(self._days, day)

    def count(self, day: int, length: int) -> int:
        """How many of the last days have a value."""
        first, end = self.bounds(day, length)
        return end - first

    def mean(self, day: int, length: int) -> float:
        """The mean of the last days; there must be at least one value."""
        first, end = self.bounds(day, length)
        # Differences of running sums lose digits where values are large and the window small.
        if end - first <= 7:  # noqa: PLR2004 - a week is summed exactly
            return math.fsum(self.series.values[first:end]) / (end - first)
        return (self._sums[end] - self._sums[first]) / (end - first)

    def values(self, day: int, length: int) -> Sequence[float]:
        """The values of the last days."""
        first, end = self.bounds(day, length)
        return self.series.values[first:end]
