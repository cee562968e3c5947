"""The rings of a person and the battery level of the one in use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Final, NamedTuple

from annulet.simulator.world.local_calendar import LocalCalendar, epoch_ms
from annulet.simulator.world.random_streams import random_stream
from annulet.simulator.world.traits import Ring, Traits
from annulet.simulator.world.wear import CHARGE_EVERY_DAYS, Wear

_DAY_MS: Final = 86_400_000
_CACHED_DAYS: Final = 400


class BatteryRow(NamedTuple):
    """One battery reading: epoch milliseconds, percent, whether the ring is in its charger."""

    at: int
    level: int
    charging: bool


@dataclass(eq=False)
class Rings:
    """Every ring ever set up, and the battery readings."""

    traits: Traits
    calendar: LocalCalendar
    wear: Wear

    def __post_init__(self) -> None:
        self.rows = lru_cache(maxsize=_CACHED_DAYS)(self._rows)

    def set_ups(self) -> list[tuple[Ring, datetime]]:
        """Return each ring with the instant it was set up, sorted by color and not by time."""
        rings = self.traits.rings or (Ring(self.traits.days - 1),)
        first_days = (self.calendar.index_days_ago(ring.set_up_days_ago) for ring in rings)
        instants = (self.calendar.instant(index, -6 * 3600) for index in first_days)
        return sorted(zip(rings, instants, strict=True), key=lambda set_up: set_up[0].color)

    def current(self) -> Ring:
        """Return the ring that was set up last."""
        return max(self.set_ups(), key=lambda set_up: set_up[1])[0]

    def _charges(self, index: int) -> list[tuple[int, int]]:
        """Return start and end of the charges that decide a day's levels, in epoch ms."""
        first = (index // CHARGE_EVERY_DAYS - 1) * CHARGE_EVERY_DAYS
        charges = (self.wear.charge(day) for day in range(first, index + 2))
        return [(epoch_ms(charge[0]), epoch_ms(charge[1])) for charge in charges if charge]

    def _rows(self, day: date) -> tuple[BatteryRow, ...]:
        """Return the battery readings of a UTC day, oldest first."""
        index = self.calendar.index(day)
        if index < 0:
            return ()
        rng = random_stream(self.traits.seed, "battery", index)
        charges = self._charges(index)
        day_start = epoch_ms(datetime.combine(day, time(), UTC))
        rows, at = [], day_start + rng.randint(0, 900_000)
        while at < day_start + _DAY_MS:
            level, charging = _battery_level(at, charges)
            rows.append(BatteryRow(at, level, charging))
            at += rng.randint(120_000, 240_000) if charging else rng.randint(600_000, 1_800_000)
        return tuple(rows)


def _battery_level(at: int, charges: list[tuple[int, int]]) -> tuple[int, bool]:
    """Return percent and whether the ring charges, at an instant in epoch milliseconds."""
    full_at = max((end for _, end in charges if end <= at), default=charges[0][0] - 4 * _DAY_MS)
    level = max(6.0, 100 - 15.5 * (at - full_at) / _DAY_MS)
    for start, end in charges:
        if start <= at < end:
            return round(level + (100 - level) * (at - start) / (end - start)), True
    return round(level), False
