"""Sliding windows kept sorted, so that medians and scales cost little as nights go by."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right, insort
from collections import deque
from operator import mul

_CLIP = 2.5
_MAD_TO_SD = 1.4826
# Clipping at 2.5 scales takes about 3 % off the SD of night-to-night noise.
_CLIP_CORRECTION = 1.03


def sorted_median(ordered: list[float]) -> float:
    """The median of values that are already in order (at least one)."""
    half = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[half]
    return ordered[half - 1] + (ordered[half] - ordered[half - 1]) / 2


def _median_distance(ordered: list[float], median: float) -> float:
    """The median of the distances to the median: of values in order, the nearest stand together."""
    n = len(ordered)
    half = n // 2
    low, high = 0, n - half - 1
    while low < high:
        middle = (low + high) // 2
        if median - ordered[middle] > ordered[middle + half + 1] - median:
            low = middle + 1
        else:
            high = middle
    left, right = median - ordered[low], ordered[low + half] - median
    farthest = max(left, right)
    if n % 2:
        return farthest
    # Without the farthest, the next one stands at one of the two ends.
    if left >= right:
        before = max(median - ordered[low + 1], right)
    else:
        before = max(left, ordered[low + half - 1] - median)
    return before + (farthest - before) / 2


class SortedWindow:
    """The newest values by day, in the order of days and in the order of size.

    Args:
        longest: How many values are kept at most.
        oldest: How many calendar days back a value is kept at most.
    """

    __slots__ = ("_by_day", "_longest", "_oldest", "ordered")

    def __init__(self, longest: int, oldest: int) -> None:
        self._by_day: deque[tuple[int, float]] = deque()
        self._longest = longest
        self._oldest = oldest
        self.ordered: list[float] = []

    def __len__(self) -> int:
        return len(self.ordered)

    def add(self, day: int, value: float) -> None:
        """Take in the value of a day later than all before."""
        self._by_day.append((day, value))
        insort(self.ordered, value)
        if len(self.ordered) > self._longest:
            self._drop()

    def forget_before(self, day: int) -> None:
        """Drop what is too old on the given day."""
        limit = day - self._oldest
        while self._by_day and self._by_day[0][0] < limit:
            self._drop()

    def clear(self) -> None:
        """Drop everything."""
        self._by_day.clear()
        self.ordered.clear()

    def centre_and_scale(self) -> tuple[float, float]:
        """Mean and corrected SD of the values clipped around their median (two at least)."""
        ordered = self.ordered
        n = len(ordered)
        median = sorted_median(ordered)
        deviations = [value - median for value in ordered]
        spread = _MAD_TO_SD * _median_distance(ordered, median)
        if spread == 0.0:
            mean = math.fsum(deviations) / n
            spread = math.sqrt(math.fsum([(d - mean) ** 2 for d in deviations]) / (n - 1))
        limit = _CLIP * spread
        if deviations[0] < -limit or deviations[-1] > limit:
            below = bisect_left(deviations, -limit)
            above = n - bisect_right(deviations, limit)
            middle = deviations[below : n - above]
            deviations = [-limit] * below + middle + [limit] * above
        mean = sum(deviations) / n
        squares = sum(map(mul, deviations, deviations)) - n * mean * mean
        scale = _CLIP_CORRECTION * math.sqrt(max(squares, 0.0) / (n - 1))
        return median + mean, scale

    def _drop(self) -> None:
        _, value = self._by_day.popleft()
        del self.ordered[bisect_left(self.ordered, value)]


class WeekdayWindow:
    """What the weekday usually adds, from the last eight weeks.

    The adjustment is the median of the same weekdays against the median of all nights, shrunk
    towards nothing while there are few of them.
    """

    __slots__ = ("_all", "_first", "_same")

    _DAYS = 56
    _FROM = 28
    _SHRINK = 4

    def __init__(self) -> None:
        self._all = SortedWindow(self._DAYS, self._DAYS)
        self._same: list[deque[tuple[int, float]]] = [deque() for _ in range(7)]
        self._first: int | None = None

    def adjustment(self, day: int) -> float:
        """What the weekday of ``day`` adds, judged from the nights before it."""
        if self._first is None or day - self._first < self._FROM:
            return 0.0
        self._all.forget_before(day)
        same = self._same[day % 7]
        while same and same[0][0] < day - self._DAYS:
            same.popleft()
        n = len(same)
        if n == 0:
            return 0.0
        usual = sorted_median(sorted([value for _, value in same]))
        return n / (n + self._SHRINK) * (usual - sorted_median(self._all.ordered))

    def add(self, day: int, value: float) -> None:
        """Take in the value of a day later than all before."""
        if self._first is None:
            self._first = day
        self._all.add(day, value)
        self._same[day % 7].append((day, value))
