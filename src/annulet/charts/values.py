"""What charts are drawn from: plain frozen values with dates, instants and numbers.

Missing is missing: ``None`` (or a number that is not finite) leaves a gap and is never drawn as
zero. Nothing here knows where the numbers come from.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

__all__ = [
    "DEFAULT_LABELS",
    "STAGES",
    "DailySeries",
    "Deviation",
    "Episode",
    "Heading",
    "Labels",
    "Range",
    "Samples",
    "Span",
    "days_between",
    "finite",
    "present",
]

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


def present(values: Iterable[float | None]) -> list[float]:
    """Return the values that exist, in their order."""
    return [number for value in values if (number := finite(value)) is not None]


def days_between(start: date, end: date) -> list[date]:
    """Return all days from start to end, both included; none when they are reversed."""
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]


@dataclass(frozen=True, slots=True)
class Labels:
    """Every word that a chart says on its own account, so that it can be said in any language."""

    awake: str = "Awake"
    rem: str = "REM"
    light: str = "Light"
    deep: str = "Deep"
    heart_rate: str = "Heart rate"
    hrv: str = "HRV"
    one_day: str = "One day"
    one_week: str = "Mean of a week"
    in_bed: str = "Time in bed"
    hours: str = "hours"
    rolling: str = "7-day mean"
    usual: str = "Usual range"
    outside: str = "Outside usual range"
    missing: str = "No data"
    nothing: str = "No data in this period"
    mean: str = "Mean"
    spread: str = "Lowest to highest"
    lowest: str = "lowest"
    highest: str = "highest"
    average: str = "average"
    episode: str = "Unusual days"
    expected: str = "expected"
    months: tuple[str, ...] = (
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    )  # fmt: skip
    weekdays: tuple[str, ...] = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

    def day(self, day: date) -> str:
        """``3 Jun``."""
        return f"{day.day} {self.months[day.month - 1]}"

    def long_day(self, day: date) -> str:
        """``Wed 3 Jun 2026``."""
        return f"{self.weekdays[day.weekday()]} {self.day(day)} {day.year}"

    def stage(self, stage: str) -> str:
        """The word for one of `STAGES`."""
        return str(getattr(self, stage))


DEFAULT_LABELS = Labels()


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above and below a chart.

    Attributes:
        title: What is shown.
        subtitle: Period, coverage, zone: what one needs to read it.
        value: One figure that matters most, already with its unit; empty for none.
        value_note: What that figure is.
        note: A closing remark below the chart.
    """

    title: str
    subtitle: str = ""
    value: str = ""
    value_note: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Samples:
    """Evenly spaced measurements.

    Attributes:
        start: The instant of the first one; its offset decides the clock times on the axis.
        interval_min: Minutes from one to the next.
        values: The measurements; ``None`` where there is none.
        low: The smallest value within each interval, where it is known.
        high: The largest value within each interval, where it is known.
    """

    start: datetime
    interval_min: float
    values: Sequence[float | None]
    low: Sequence[float | None] = ()
    high: Sequence[float | None] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time worth naming inside a day: sleep, a workout."""

    start: datetime
    end: datetime
    label: str


@dataclass(frozen=True, slots=True)
class DailySeries:
    """One metric by day.

    Attributes:
        label: The name a person reads.
        values: A number for each day that has one.
        unit: The unit; empty for a score.
        band: The personal range, one for all days or one for each.
        line: A smoothed line to draw instead of the 7-day mean of the values.
        decimals: Digits behind the point.
    """

    label: str
    values: Mapping[date, float | None]
    unit: str = ""
    band: Range | Mapping[date, Range] | None = None
    line: Mapping[date, float | None] | None = None
    decimals: int = 0

    def at(self, day: date) -> float | None:
        """The value of a day, ``None`` when it is missing."""
        return finite(self.values.get(day))

    def range_at(self, day: date) -> Range | None:
        """The personal range on a day, low before high; ``None`` when there is none."""
        band = self.band.get(day) if isinstance(self.band, Mapping) else self.band
        if band is None:
            return None
        low, high = finite(band[0]), finite(band[1])
        if low is None or high is None:
            return None
        return (min(low, high), max(low, high))

    def unusual(self, day: date) -> bool:
        """Whether the day has a value outside its personal range."""
        value, band = self.at(day), self.range_at(day)
        return value is not None and band is not None and not band[0] <= value <= band[1]


@dataclass(frozen=True, slots=True)
class Deviation:
    """How far one metric was from what was expected: part of an episode."""

    label: str
    z: float
    value: float | None = None
    expected: float | None = None
    unit: str = ""
    decimals: int = 0


@dataclass(frozen=True, slots=True)
class Episode:
    """Consecutive unusual days.

    Attributes:
        start: The first day.
        end: The last day, included.
        label: A word or two about it.
        z: The strength of the signal, where it is known.
        deviations: The metrics that moved.
    """

    start: date
    end: date
    label: str = ""
    z: float | None = None
    deviations: Sequence[Deviation] = field(default=())
