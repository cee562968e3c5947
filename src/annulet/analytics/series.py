"""Dated series in which a gap stays a gap: windows, coverage and plain statistics over them."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

# No reading of a ring comes near; beyond it squares overflow and a "value" is a fault upstream.
_PLAUSIBLE = 1e12


@dataclass(frozen=True, slots=True)
class Series:
    """Values by calendar day, ascending, holding only the days that have one.

    Attributes:
        days: Ordinals of the days (``date.toordinal``).
        values: The value of each day, finite.
    """

    days: tuple[int, ...] = ()
    values: tuple[float, ...] = ()

    @classmethod
    def of(
        cls, values: Mapping[date, float | None] | Iterable[tuple[date, float | None]]
    ) -> Series:
        """Build a series; missing, non-finite and absurdly large values are missing."""
        pairs = values.items() if isinstance(values, Mapping) else values
        clean = {
            day.toordinal(): float(value)
            for day, value in pairs
            if value is not None and abs(value) <= _PLAUSIBLE  # false for NaN too
        }
        ordered = sorted(clean.items())
        return cls(tuple(day for day, _ in ordered), tuple(value for _, value in ordered))

    def __len__(self) -> int:
        return len(self.days)

    def between(self, start: date | int, end: date | int) -> Series:
        """The part from ``start`` to ``end``, both inclusive."""
        low = bisect_left(self.days, _ordinal(start))
        high = bisect_right(self.days, _ordinal(end))
        return Series(self.days[low:high], self.values[low:high])

    def window(self, end: date | int, length: int) -> Series:
        """The last ``length`` calendar days up to and including ``end``."""
        last = _ordinal(end)
        return self.between(last - length + 1, last)

    def without(self, left_out: frozenset[int]) -> Series:
        """The series without the given days (ordinals)."""
        if not left_out:
            return self
        remaining = [
            (day, value)
            for day, value in zip(self.days, self.values, strict=True)
            if day not in left_out
        ]
        return Series(tuple(day for day, _ in remaining), tuple(value for _, value in remaining))

    def get(self, day: date | int) -> float | None:
        """The value of one day, or None where there is none."""
        ordinal = _ordinal(day)
        at = bisect_left(self.days, ordinal)
        return self.values[at] if at < len(self.days) and self.days[at] == ordinal else None

    def as_dict(self) -> dict[date, float]:
        """The series as dates and values."""
        return {date.fromordinal(d): v for d, v in zip(self.days, self.values, strict=True)}


@dataclass(frozen=True, slots=True)
class Summary:
    """Plain statistics of some values.

    Attributes:
        n: How many values there are.
        mean: Their mean.
        sd: Their sample standard deviation; None for a single value.
        low: The smallest.
        high: The largest.
    """

    n: int
    mean: float
    sd: float | None
    low: float
    high: float


def summarise(values: Iterable[float]) -> Summary | None:
    """Mean, sample SD, min and max; None when there is nothing to summarise."""
    data = tuple(values)
    n = len(data)
    if n == 0:
        return None
    low, high = min(data), max(data)
    # Rounding may push the mean of equal values a hair outside of them.
    mean = min(max(math.fsum(data) / n, low), high)
    sd = None if n == 1 else math.sqrt(math.fsum((v - mean) ** 2 for v in data) / (n - 1))
    return Summary(n=n, mean=mean, sd=sd, low=low, high=high)


def enough(nights: int, length: int) -> bool:
    """Whether a window has the coverage an average needs: 40 % of its days and three at least.

    A window shorter than three days needs all of its days.
    """
    return nights >= min(max(math.ceil(0.4 * length), 3), max(length, 1))


def _ordinal(day: date | int) -> int:
    return day if isinstance(day, int) else day.toordinal()
