"""Axes with ticks at numbers people like: values, whole days, and local clock times.

An axis counts in its own unit from its beginning. `Linear` maps it to pixels or characters.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

from annulet.charts.text import WEEKDAYS, clock_time, fit, month_name, number, short_day, text_width
from annulet.charts.values import days_between, known_numbers

ROUNDING_NOISE = 1e-9
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_CLOCK_STEPS = (15, 30, 60, 120, 180, 240, 360, 720)
_DAY_MINUTES = 1440
_WEEK_DAYS = 7
_MONTH_STEPS = (1, 2, 3, 6, 12)
_LABEL_SIZE = 11.0
_WIDEST_LABEL = 80.0
_FEW_GROUPS = 8


@dataclass(frozen=True, slots=True)
class Tick:
    """A position on an axis and its label."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Linear:
    """A straight map from ``low..high`` to ``start..end``."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the place of a value, kept inside the axis."""
        share = (value - self.low) / (self.high - self.low) if self.high > self.low else 0.5
        return self.start + min(max(share, 0.0), 1.0) * (self.end - self.start)


@dataclass(frozen=True, slots=True)
class ValueAxis:
    """A scale of values whose ends are ticks; clock times are minutes from midnight."""

    ticks: tuple[float, ...]
    decimals: int = 0
    is_clock: bool = False

    @property
    def low(self) -> float:
        """The lowest tick."""
        return self.ticks[0]

    @property
    def high(self) -> float:
        """The highest tick."""
        return self.ticks[-1]

    @property
    def tick_decimals(self) -> int:
        """As many digits as the ticks need, at least those of the metric for fractions."""
        for digits in range(4):
            if all(abs(tick - round(tick, digits)) < ROUNDING_NOISE for tick in self.ticks):
                return digits if digits == 0 else max(digits, self.decimals)
        return self.decimals

    def words(self, value: float, decimals: int) -> str:
        """Return a value of the axis as it is written."""
        return clock_time(value) if self.is_clock else number(value, decimals)


def nice_ticks(
    low: float, high: float, count: int = 5, *, whole: bool = False
) -> tuple[float, ...]:
    """Return about `count` round numbers (whole ones where asked) that enclose ``low..high``."""
    if not high > low:
        pad = abs(low) * 0.05 or 1.0
        low, high = low - pad, high + pad
    raw = (high - low) / max(count - 1, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(s * power for s in _STEPS if s * power >= raw * 0.999)
    if whole:
        step = next(n for n in (1.0, 2.0, 5.0, step) if n >= step)
    first, last = math.floor(low / step + ROUNDING_NOISE), math.ceil(high / step - ROUNDING_NOISE)
    digits = max(0, 2 - math.floor(math.log10(step)))
    return tuple(round(n * step, digits) for n in range(first, last + 1))


def value_axis(
    values: Iterable[float | None],
    decimals: int = 0,
    *,
    count: int = 5,
    zero: bool = False,
    floor: float | None = None,
    least: float = 0.0,
) -> ValueAxis:
    """Return an axis that holds all values.

    Args:
        values: What must fit; missing ones are passed over.
        decimals: Digits behind the point; without any, ticks are whole numbers.
        count: The number of ticks to aim for.
        zero: Whether zero belongs to the axis, as it does for bars.
        floor: A bound the quantity cannot fall below.
        least: The smallest distance to show, so that noise is not blown up.
    """
    numbers = known_numbers(values) or [0.0, 1.0]
    low, high = min(numbers), max(numbers)
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low < least:
        pad = (least - (high - low)) / 2
        low, high = low - (0 if zero else pad), high + (2 * pad if zero else pad)
    if floor is not None and low < floor <= min(numbers):
        low = floor
    ticks = nice_ticks(low, high, count, whole=decimals == 0)
    if floor is not None and ticks[0] < floor <= min(numbers):
        ticks = tuple(tick for tick in ticks if tick >= floor)
    return ValueAxis(ticks, decimals)


def clock_value_axis(values: Iterable[float | None], count: int = 5) -> ValueAxis:
    """Return an axis of clock times (minutes from midnight) that begins below all of them."""
    numbers = known_numbers(values) or [0.0]
    reach = max(numbers) - min(numbers)
    step = next((s for s in _CLOCK_STEPS if reach / s <= count - 2), _CLOCK_STEPS[-1])
    first, last = math.floor(min(numbers) / step - 0.25), math.ceil(max(numbers) / step + 0.01)
    return ValueAxis(tuple(float(n * step) for n in range(first, last + 1)), is_clock=True)


@dataclass(frozen=True, slots=True)
class DayAxis:
    """Whole days side by side, each one unit wide; at least one is kept."""

    first: date
    last: date

    @property
    def length(self) -> float:
        """How many days there are."""
        return max((self.last - self.first).days + 1, 1)

    @property
    def ends(self) -> tuple[str, str]:
        """The first and the last day in words."""
        return short_day(self.first), short_day(self.last)

    def at(self, day: date) -> float:
        """Return the middle of a day."""
        return (day - self.first).days + 0.5

    def ticks(self, room: float) -> list[Tick]:
        """Return labels of days for an axis of so many pixels."""
        days = days_between(self.first, self.last)
        most = max(int(room // 52), 1)
        if len(days) <= min(most, len(WEEKDAYS)):
            return [Tick(self.at(d), f"{WEEKDAYS[d.weekday()]} {d.day}") for d in days]
        for step in (1, 2, _WEEK_DAYS, 2 * _WEEK_DAYS):
            chosen = [d for d in days if _is_on_step(d, step, self.last)]
            if len(chosen) <= most:
                return [Tick(self.at(d), short_day(d)) for d in chosen]
        return self._months(days, most)

    def _months(self, days: list[date], most: int) -> list[Tick]:
        firsts = [d for d in days if d.day == 1]
        step = next((s for s in _MONTH_STEPS if len(firsts) / s <= most), _MONTH_STEPS[-1])
        chosen = [d for d in firsts if (d.month - 1) % step == 0]
        if len(chosen) > most:
            chosen = chosen[:: math.ceil(len(chosen) / most)]
        return [Tick(self.at(d), str(d.year) if d.month == 1 else month_name(d)) for d in chosen]


def _is_on_step(day: date, step: int, last: date) -> bool:
    if step % _WEEK_DAYS == 0:
        return day.weekday() == 0 and day.isocalendar().week % (step // _WEEK_DAYS) == 0
    return (last - day).days % step == 0


def _absolute(instant: datetime) -> datetime:
    """Naive instants stay as they are; aware ones are compared in UTC, across clock changes."""
    return instant if instant.tzinfo is None else instant.astimezone(UTC).replace(tzinfo=None)


def elapsed_minutes(start: datetime, end: datetime) -> float:
    """Return the minutes that really pass between two instants, also over a clock change."""
    if (start.tzinfo is None) != (end.tzinfo is None):
        start, end = start.replace(tzinfo=None), end.replace(tzinfo=None)
    return (_absolute(end) - _absolute(start)).total_seconds() / 60


@dataclass(frozen=True, slots=True)
class ClockAxis:
    """Minutes after an instant, labelled with the local time of its zone."""

    first: datetime
    last: datetime

    @property
    def length(self) -> float:
        """The length of the axis in minutes, never less than one."""
        return max(elapsed_minutes(self.first, self.last), 1.0)

    @property
    def ends(self) -> tuple[str, str]:
        """The clock times of both ends, with their days where there are several."""
        several = self.length > _DAY_MINUTES + 60
        first, last = (
            f"{at:%H:%M}" + (f" {short_day(at.date())}" if several else "")
            for at in (self.first, self.last)
        )
        return first, last

    def at(self, instant: datetime) -> float:
        """Return the minutes from the first instant to this one."""
        return elapsed_minutes(self.first, instant)

    def ticks(self, room: float) -> list[Tick]:
        """Return clock times (or days, when there are several) for so many pixels."""
        most = max(int(room // 58), 1)
        if self.length > 2 * _DAY_MINUTES:
            return self._days(most)
        step = next((s for s in _CLOCK_STEPS if self.length / s <= most), _CLOCK_STEPS[-1])
        return [
            Tick(after, f"{local:%H:%M}")
            for after, local in self._quarters()
            if (local.hour * 60 + local.minute) % step == 0
        ]

    def _days(self, most: int) -> list[Tick]:
        starts = [(a, t) for a, t in self._quarters() if t.hour == 0 and t.minute == 0]
        every = math.ceil(len(starts) / most) or 1
        return [Tick(after, short_day(t.date())) for after, t in starts[::every]]

    def _quarters(self) -> Iterator[tuple[float, datetime]]:
        """Yield each full quarter of an hour of the local clock, with the minutes until it."""
        zone = self.first.tzinfo
        origin = _absolute(self.first)
        late = timedelta(
            minutes=-self.first.minute % 15,
            seconds=-self.first.second,
            microseconds=-self.first.microsecond,
        )
        instant = origin + (late if late >= timedelta() else late + timedelta(minutes=15))
        end = origin + timedelta(minutes=self.length)
        while instant <= end:
            local = instant if zone is None else instant.replace(tzinfo=UTC).astimezone(zone)
            yield (instant - origin).total_seconds() / 60, local
            instant += timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class GroupAxis:
    """Groups side by side, each one unit wide; at least one is kept."""

    names: tuple[str, ...]

    @property
    def length(self) -> float:
        """How many groups there are."""
        return max(len(self.names), 1)

    @property
    def ends(self) -> tuple[str, str]:
        """The first and the last name."""
        return (self.names[0], self.names[-1]) if self.names else ("", "")

    def ticks(self, room: float) -> list[Tick]:
        """Return names for so many pixels: of many groups some, of few all, shortened to fit."""
        slot = room / self.length
        widest = max((text_width(name, _LABEL_SIZE) for name in self.names), default=0.0)
        few = len(self.names) <= _FEW_GROUPS
        every = 1 if few else max(math.ceil(min(widest + 8, _WIDEST_LABEL) / slot), 1)
        return [
            Tick(place + 0.5, fit(name, slot * every - 6, _LABEL_SIZE))
            for place, name in enumerate(self.names)
            if place % every == 0
        ]


Axis: TypeAlias = DayAxis | ClockAxis | GroupAxis
"""The shared axis of a scene."""
