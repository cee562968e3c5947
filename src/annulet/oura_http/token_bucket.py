"""A token bucket: a burst, and a steady rate after it, however often it is asked."""

from __future__ import annotations

import math
from collections.abc import Callable


class TokenBucket:
    """Allows a burst of requests, and a steady rate after it.

    The defaults stay under 3,500 requests in five minutes where Oura is said to allow 5,000.

    Args:
        monotonic: A clock that never goes back, in seconds.
        capacity: How many requests may come at once.
        per_second: How fast the bucket fills again.
    """

    def __init__(
        self, monotonic: Callable[[], float], *, capacity: float = 500, per_second: float = 10
    ) -> None:
        self._monotonic = monotonic
        self._capacity = capacity
        self._per_second = per_second
        self._level = capacity
        self._filled_at = monotonic()

    def read_level(self) -> float:
        """Return how many requests may come at once now."""
        now = self._monotonic()
        self._level = min(self._capacity, self._level + (now - self._filled_at) * self._per_second)
        self._filled_at = now
        return self._level

    def take(self) -> int:
        """Take one request; returns 0, or the whole seconds to wait where none is left."""
        self.read_level()
        if self._level >= 1:
            self._level -= 1
            return 0
        return max(1, math.ceil((1 - self._level) / self._per_second))
