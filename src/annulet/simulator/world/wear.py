"""When the ring is on the finger, and when it is in its charger."""

from __future__ import annotations

from functools import lru_cache

from annulet.simulator.world.draws import stream
from annulet.simulator.world.traits import Traits

__all__ = ["CHARGE_EVERY_DAYS", "Wear"]

CHARGE_EVERY_DAYS = 5
_SETTLED_DAYS = 45


class Wear:
    """Gaps and charging of one person, by day index."""

    def __init__(self, traits: Traits) -> None:
        self._traits = traits
        self._last = traits.days - 1
        self.night = lru_cache(maxsize=None)(self._night)

    def day(self, index: int) -> bool:
        """Whether the ring was worn at all on that day."""
        ago = self._last - index
        return index >= 0 and not any(low <= ago <= high for high, low in self._traits.day_gaps)

    def _night(self, index: int) -> bool:
        """Whether the ring was worn in the night that ends on that day."""
        ago = self._last - index
        if not self.day(index) or ago in self._traits.night_gaps:
            return False
        if ago <= _SETTLED_DAYS or not self._traits.random_gaps:
            return True
        return stream(self._traits.seed, "gap", index).random() >= self._traits.random_gaps

    def charge(self, index: int) -> tuple[int, int] | None:
        """Seconds from local midnight between which the ring charges on that day, if it does."""
        if index % CHARGE_EVERY_DAYS:
            return None
        rng = stream(self._traits.seed, "charge", index)
        start = int(rng.uniform(18.6, 19.4) * 3600)
        return start, start + int(rng.uniform(38, 55) * 60)
