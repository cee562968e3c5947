"""From data to pixels: linear, daily and clock scales with ticks at numbers people like."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from annulet.charts.values import DEFAULT_LABELS, Labels, days_between, present

__all__ = ["Clock", "Days", "Linear", "Tick", "elapsed_minutes", "nice_scale", "nice_ticks"]

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_CLOCK_STEPS = (15, 30, 60, 120, 180, 240, 360, 720)
_DAY_MINUTES = 1440
_MONTH_STEPS = (1, 2, 3, 6, 12)


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis and its label (empty for a minor one)."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Linear:
    """A straight map from ``low..high`` to ``start..end`` with its ticks."""

    low: float
    high: float
    start: float
    end: float
    ticks: tuple[float, ...] = ()

    def __call__(self, value: float) -> float:
        """Return the pixel of a value, kept inside the axis."""
        share = (value - self.low) / (self.high - self.low) if self.high > self.low else 0.5
        return self.start + min(max(share, 0.0), 1.0) * (self.end - self.start)


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
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    digits = max(0, 2 - math.floor(math.log10(step)))
    return tuple(round(n * step, digits) for n in range(first, last + 1))


def nice_scale(
    values: Iterable[float | None],
    start: float,
    end: float,
    *,
    count: int = 5,
    zero: bool = False,
    whole: bool = False,
    floor: float | None = None,
    least: float = 0.0,
) -> Linear:
    """Return a scale whose ends are ticks and that holds all values.

    Args:
        values: What must fit; missing ones are passed over.
        start: The pixel of the low end.
        end: The pixel of the high end.
        count: The number of ticks to aim for.
        zero: Whether zero belongs to the axis, as it does for bars.
        whole: Whether the quantity has no parts: ticks are whole numbers.
        floor: A bound the quantity cannot fall below.
        least: The smallest span to show, so that noise is not blown up.
    """
    numbers = present(values) or [0.0, 1.0]
    low, high = min(numbers), max(numbers)
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low < least:
        pad = (least - (high - low)) / 2
        low, high = low - (0 if zero else pad), high + (2 * pad if zero else pad)
    if floor is not None and low < floor <= min(numbers):
        low = floor
    ticks = nice_ticks(low, high, count, whole=whole)
    if floor is not None and ticks[0] < floor <= min(numbers):
        ticks = tuple(tick for tick in ticks if tick >= floor)
    return Linear(ticks[0], ticks[-1], start, end, ticks)


@dataclass(frozen=True, slots=True)
class Days:
    """Whole days side by side; each has a slot of the same width."""

    first: date
    last: date
    start: float
    end: float

    @property
    def count(self) -> int:
        """How many days there are (at least one slot is kept)."""
        return max((self.last - self.first).days + 1, 1)

    @property
    def slot(self) -> float:
        """The width of one day."""
        return (self.end - self.start) / self.count

    def __call__(self, day: date) -> float:
        """Return the middle of a day's slot."""
        return self.start + ((day - self.first).days + 0.5) * self.slot

    def left(self, day: date) -> float:
        """Return the left edge of a day's slot."""
        return self(day) - self.slot / 2

    def ticks(self, room: float = 52.0, labels: Labels = DEFAULT_LABELS) -> list[Tick]:
        """Return day labels that are at least `room` pixels apart."""
        days = days_between(self.first, self.last)
        most = max(int((self.end - self.start) // room), 1)
        if len(days) <= most and len(days) <= len(labels.weekdays):
            return [Tick(self(d), f"{labels.weekdays[d.weekday()]} {d.day}") for d in days]
        for step in (1, 2, 7, 14):
            chosen = [d for d in days if _on_step(d, step, self.last)]
            if len(chosen) <= most:
                return [Tick(self(d), labels.day(d)) for d in chosen]
        return self._months(days, most, labels)

    def _months(self, days: list[date], most: int, labels: Labels) -> list[Tick]:
        firsts = [d for d in days if d.day == 1]
        step = next((s for s in _MONTH_STEPS if len(firsts) / s <= most), _MONTH_STEPS[-1])
        chosen = [d for d in firsts if (d.month - 1) % step == 0]
        if len(chosen) > most:
            chosen = chosen[:: math.ceil(len(chosen) / most)]
        return [
            Tick(self(d), str(d.year) if d.month == 1 else labels.months[d.month - 1])
            for d in chosen
        ]


def _on_step(day: date, step: int, last: date) -> bool:
    if step in {7, 14}:
        return day.weekday() == 0 and (step == 7 or day.isocalendar().week % 2 == 0)  # noqa: PLR2004 -- days of a week
    return (last - day).days % step == 0


def _absolute(moment: datetime) -> datetime:
    """Naive instants stay as they are; aware ones are compared in UTC, across clock changes."""
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


def elapsed_minutes(start: datetime, end: datetime) -> float:
    """Return the minutes that really pass between two instants, also over a clock change."""
    if (start.tzinfo is None) != (end.tzinfo is None):
        start, end = start.replace(tzinfo=None), end.replace(tzinfo=None)
    return (_absolute(end) - _absolute(start)).total_seconds() / 60


@dataclass(frozen=True, slots=True)
class Clock:
    """Instants on a line, labelled with the local time of the first one's zone."""

    first: datetime
    last: datetime
    start: float
    end: float

    @property
    def minutes(self) -> float:
        """The length of the axis in minutes, never less than one."""
        return max(elapsed_minutes(self.first, self.last), 1.0)

    def __call__(self, moment: datetime) -> float:
        """Return the pixel of an instant, kept inside the axis."""
        return self.after(elapsed_minutes(self.first, moment))

    def after(self, minutes: float) -> float:
        """Return the pixel so many minutes after the first instant, kept inside the axis."""
        share = min(max(minutes / self.minutes, 0.0), 1.0)
        return self.start + share * (self.end - self.start)

    def ticks(self, room: float = 58.0, labels: Labels = DEFAULT_LABELS) -> list[Tick]:
        """Return clock times (or days, when there are several) at least `room` pixels apart."""
        most = max(int((self.end - self.start) // room), 1)
        if self.minutes > 2 * _DAY_MINUTES:
            return self._days(most, labels)
        step = next((s for s in _CLOCK_STEPS if self.minutes / s <= most), _CLOCK_STEPS[-1])
        return [
            Tick(self.after(after), f"{local:%H:%M}")
            for after, local in self._quarters()
            if (local.hour * 60 + local.minute) % step == 0
        ]

    def _days(self, most: int, labels: Labels) -> list[Tick]:
        starts = [(a, t) for a, t in self._quarters() if t.hour == 0 and t.minute == 0]
        every = math.ceil(len(starts) / most) or 1
        return [Tick(self.after(a), labels.day(t.date())) for a, t in starts[::every]]

    def _quarters(self) -> Iterator[tuple[float, datetime]]:
        """Each full quarter of an hour of the local clock, with the minutes passed until it."""
        zone = self.first.tzinfo
        origin = _absolute(self.first)
        late = timedelta(
            minutes=-self.first.minute % 15,
            seconds=-self.first.second,
            microseconds=-self.first.microsecond,
        )
        moment = origin + (late if late >= timedelta() else late + timedelta(minutes=15))
        end = origin + timedelta(minutes=self.minutes)
        while moment <= end:
            local = moment if zone is None else moment.replace(tzinfo=UTC).astimezone(zone)
            yield (moment - origin).total_seconds() / 60, local
            moment += timedelta(minutes=15)
