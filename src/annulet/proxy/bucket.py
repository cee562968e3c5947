"""A token bucket that keeps the proxy well under Oura's limit, whatever an agent does."""

from __future__ import annotations

import math
from collections.abc import Callable

__all__ = ["TokenBucket"]


class TokenBucket:
    """So many requests at once, and so many a second after that.

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
        self._seen = monotonic()

    def take(self) -> int:
        """Take one; the whole seconds to wait where there is none, else 0."""
        now = self._monotonic()
        self._level = min(self._capacity, self._level + (now - self._seen) * self._per_second)
        self._seen = now
        if self._level >= 1:
            self._level -= 1
            return 0
        return max(1, math.ceil((1 - self._level) / self._per_second))
