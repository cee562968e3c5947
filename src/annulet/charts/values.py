"""What scenes are built from: plain frozen values with dates, instants and numbers.

Missing is missing: ``None`` (or a number that is not finite) leaves a gap and is never drawn as
zero. Nothing here knows where the numbers come from.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

STAGES = ("awake", "rem", "light", "deep")
"""The rows of a hypnogram, from top to bottom."""

Range = tuple[float, float]
"""A low and a high bound."""

_BEYOND = 1e9


def finite(value: float | None) -> float | None:
    """Return the value when it is a number that can be drawn, else ``None``.

    Nothing that a body does has more than nine digits: such a number is damage, not data.
    """
    if value is None or isinstance(value, bool) or not math.isfinite(value):
        return None
    return float(value) if abs(value) < _BEYOND else None


def known_numbers(values: Iterable[float | None]) -> list[float]:
    """Return the values that exist, in their order."""
    return [number for value in values if (number := finite(value)) is not None]


def days_between(start: date, end: date) -> list[date]:
    """Return all days from start to end, both included; none when they are reversed."""
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]


@dataclass(frozen=True, slots=True)
class Extreme:
    """The lowest or highest measurement, with its instant where that is known."""

    value: float
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Samples:
    """Evenly spaced measurements, often means of finer ones.

    Attributes:
        start: The instant of the first one; its offset decides the clock times on the axis.
        interval_min: Minutes from one to the next.
        values: The measurements; ``None`` where there is none.
        told_lowest: The lowest of the finer measurements, where it is known.
        told_highest: The highest of them.
        told_average: The average of them.
    """

    start: datetime
    interval_min: float
    values: Sequence[float | None]
    told_lowest: Extreme | None = None
    told_highest: Extreme | None = None
    told_average: float | None = None

    def lowest(self) -> Extreme | None:
        """Return the lowest measurement: what is told of the finer ones, else of these."""
        return self.told_lowest or self._extreme(-1)

    def highest(self) -> Extreme | None:
        """Return the highest measurement: what is told of the finer ones, else of these."""
        return self.told_highest or self._extreme(1)

    def average(self) -> float | None:
        """Return the average: what is told of the finer measurements, else of these."""
        numbers = known_numbers(self.values)
        if self.told_average is not None or not numbers:
            return finite(self.told_average)
        return sum(numbers) / len(numbers)

    def _extreme(self, sign: int) -> Extreme | None:
        """Return the first of the largest values times the sign, at the start of its interval."""
        numbers = [
            (sign * v, -n) for n, raw in enumerate(self.values) if (v := finite(raw)) is not None
        ]
        if not numbers:
            return None
        value, place = max(numbers)
        return Extreme(sign * value, self.start + timedelta(minutes=-place * self.interval_min))


@dataclass(frozen=True, slots=True)
class DailySeries:
    """One metric by day.

    Attributes:
        label: The name a person reads.
        values: A number for each day that has one.
        unit: The unit; empty for a score.
        band: The personal range.
        decimals: Digits behind the point.
    """

    label: str
    values: Mapping[date, float | None]
    unit: str = ""
    band: Range | None = None
    decimals: int = 0

    def at(self, day: date) -> float | None:
        """Return the value of a day, ``None`` when it is missing."""
        return finite(self.values.get(day))

    @property
    def usual(self) -> Range | None:
        """The personal range, low before high; ``None`` when there is none."""
        bounds = known_numbers(self.band or ())
        return (min(bounds), max(bounds)) if len(bounds) > 1 else None

    def is_unusual(self, day: date) -> bool:
        """Tell whether the day has a value outside the personal range."""
        value, usual = self.at(day), self.usual
        return value is not None and usual is not None and not usual[0] <= value <= usual[1]
