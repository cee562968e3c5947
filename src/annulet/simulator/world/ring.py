"""The rings of a person and the battery of the one in use."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Final, NamedTuple

from annulet.simulator.world.draws import stream
from annulet.simulator.world.places import Places
from annulet.simulator.world.traits import Ring, Traits
from annulet.simulator.world.wear import CHARGE_EVERY_DAYS, Wear

__all__ = ["Level", "Rings"]

_DAY: Final = 86_400_000
_KEPT_DAYS: Final = 400


class Level(NamedTuple):
    """One battery row: epoch milliseconds, percent, in the charger or not."""

    at: int
    level: int
    charging: bool


class Rings:
    """Every ring ever set up, and the battery."""

    def __init__(self, traits: Traits, places: Places, wear: Wear) -> None:
        self._traits = traits
        self._places = places
        self._wear = wear
        self.levels = lru_cache(maxsize=_KEPT_DAYS)(self._levels)

    def set_up(self) -> list[tuple[Ring, datetime]]:
        """The rings in no particular order, each with the instant it was set up (UTC)."""
        rings = self._traits.rings or (Ring(self._traits.days - 1),)
        found = [
            (ring, self._places.instant(self._places.ago(ring.set_up_days_ago), -6 * 3600))
            for ring in rings
        ]
        return sorted(found, key=lambda pair: pair[0].color)

    def current(self) -> Ring:
        """The ring that was set up last."""
        return max(self.set_up(), key=lambda pair: pair[1])[0]

    def _charges(self, index: int) -> list[tuple[int, int]]:
        """The charges that matter around a day, as spans of epoch milliseconds."""
        first = (index // CHARGE_EVERY_DAYS - 1) * CHARGE_EVERY_DAYS
        found = []
        for day in range(first, index + 2):
            span = self._wear.charge(day)
            if span:
                start = self._places.instant(day, span[0])
                end = self._places.instant(day, span[1])
                found.append((round(start.timestamp() * 1000), round(end.timestamp() * 1000)))
        return found

    def _levels(self, day: date) -> tuple[Level, ...]:
        """The battery rows of one UTC day, oldest first."""
        index = self._places.index(day)
        if index < 0:
            return ()
        rng = stream(self._traits.seed, "battery", index)
        charges = self._charges(index)
        begin = round(datetime.combine(day, time(), UTC).timestamp() * 1000)
        rows, at = [], begin + rng.randint(0, 900_000)
        while at < begin + _DAY:
            level, charging = _level(at, charges)
            rows.append(Level(at, level, charging))
            at += rng.randint(120_000, 240_000) if charging else rng.randint(600_000, 1_800_000)
        return tuple(rows)


def _level(at: int, charges: list[tuple[int, int]]) -> tuple[int, bool]:
    full = max((end for _, end in charges if end <= at), default=charges[0][0] - 4 * _DAY)
    left = max(6.0, 100 - 15.5 * (at - full) / _DAY)
    for start, end in charges:
        if start <= at < end:
            return round(left + (100 - left) * (at - start) / (end - start)), True
    return round(left), False
