"""What is known about a simulated person: every change that was put into the nights, with its date.

A day names the night that ends on it, and the daytime that follows that night. Sizes are on the
metric's own scale (``metrics.METRICS[name].scale``): a difference for ``linear``, a difference of
natural logarithms for ``log``. ``size_sd`` is the same size in SDs of the person's nights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Event:
    """A passing change: its first and last night (both inclusive) and its peak by metric.

    ``strength`` is in °C for an illness, in g of alcohol per kg for alcohol, in hours of time
    shift for travel, and relative to the usual size for a training load.
    """

    name: str
    start: date
    end: date
    strength: float
    peak: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Step:
    """A lasting change of level from ``day`` on; ``also`` names the scores that follow from it."""

    metric: str
    day: date
    size_sd: float
    size: float
    also: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ramp:
    """A steady change from ``start`` to ``end``, which stays afterwards."""

    metric: str
    start: date
    end: date
    size_sd: float
    size: float
    also: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RingChange:
    """The first day of a new ring, and how much each metric reads differently from then on."""

    day: date
    hardware_before: str
    hardware_after: str
    shifts: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Cycle:
    """A menstrual cycle: first day, length, and the day of ovulation where there was one."""

    start: date
    days: int
    ovulation: date | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a tag does to one metric in the night after it."""

    metric: str
    size_sd: float
    size: float


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag with the days it was set; its effects fall on the nights dated one day later.

    ``way`` says how the days came about (``random``, ``after_bad_night``, ``cycle`` …).
    No effects means that the tag does nothing.
    """

    name: str
    way: str
    days: tuple[date, ...]
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class Driver:
    """How one metric depends on another ``lag_days`` before: ``slope`` per unit of the driver.

    ``relation`` is ``causal``, ``none`` or ``spurious``; a spurious relation has slope 0 and names
    what both metrics follow in ``through``.
    """

    driver: str
    metric: str
    lag_days: int
    relation: str
    slope: float
    slope_sd: float
    through: str | None = None


@dataclass(frozen=True, slots=True)
class Spell:
    """A time of life with a name: weeks of a newborn, a pregnancy, a run of night shifts."""

    name: str
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Truth:
    """Everything that is true of a person, beside the noise."""

    base: Mapping[str, float]
    night_sd: Mapping[str, float]
    slow_share: Mapping[str, float]
    weekend: Mapping[str, float] = field(default_factory=dict)
    season: Mapping[str, float] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    steps: tuple[Step, ...] = ()
    ramps: tuple[Ramp, ...] = ()
    ring_changes: tuple[RingChange, ...] = ()
    cycles: tuple[Cycle, ...] = ()
    cycle_phase: tuple[float | None, ...] = ()
    tags: tuple[Tag, ...] = ()
    drivers: tuple[Driver, ...] = ()
    spells: tuple[Spell, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """A simulated person: one value a metric and night, None where nothing was measured."""

    name: str
    kind: str
    first_day: date
    nights: Mapping[str, list[float | None]]
    truth: Truth
