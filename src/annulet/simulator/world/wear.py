"""The days and nights on which the ring is worn, and the times at which it charges."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from annulet.simulator.world.local_calendar import LocalCalendar
from annulet.simulator.world.random_streams import random_stream
from annulet.simulator.world.traits import Traits

CHARGE_EVERY_DAYS = 5
_NO_RANDOM_GAPS_DAYS = 45


class Wear:
    """Gaps and charging of one person, by day index."""

    def __init__(self, traits: Traits, calendar: LocalCalendar) -> None:
        self._traits = traits
        self._calendar = calendar
        self.is_worn_at_night = lru_cache(maxsize=None)(self._is_worn_at_night)

    def is_worn(self, index: int) -> bool:
        """Return whether the ring was worn at all on a day."""
        ago = self._calendar.last_index - index
        return index >= 0 and not any(low <= ago <= high for high, low in self._traits.day_gaps)

    def _is_worn_at_night(self, index: int) -> bool:
        """Return whether the ring was worn in the night that ends on a day."""
        ago = self._calendar.last_index - index
        if not self.is_worn(index) or ago in self._traits.night_gaps:
            return False
        if ago <= _NO_RANDOM_GAPS_DAYS or not self._traits.random_gaps:
            return True
        rng = random_stream(self._traits.seed, "gap", index)
        return rng.random() >= self._traits.random_gaps

    def charge(self, index: int) -> tuple[datetime, datetime] | None:
        """Return start and end of a day's charge, if there is one."""
        if index % CHARGE_EVERY_DAYS:
            return None
        rng = random_stream(self._traits.seed, "charge", index)
        start = int(rng.uniform(18.6, 19.4) * 3600)
        end = start + int(rng.uniform(38, 55) * 60)
        return self._calendar.instant(index, start), self._calendar.instant(index, end)
