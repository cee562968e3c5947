"""Rate limits in two tiers: one access token, and one application over all its people."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from annulet.simulator.options import Options
from annulet.simulator.replies import Refused

__all__ = ["Limits"]


@dataclass(slots=True)
class _Window:
    began: float
    count: int = 0


class Limits:
    """Counts requests in windows."""

    def __init__(self, clock: Callable[[], datetime], options: Options) -> None:
        self._clock = clock
        self._options = options
        self._windows: dict[tuple[str, str], _Window] = {}

    def clear(self) -> None:
        """Begin every window anew."""
        self._windows.clear()

    def spend(self, token: str, client_id: str) -> None:
        """Count one request.

        Raises:
            Refused: One of the tiers is used up.
        """
        self._count("access_token", token, self._options.token_limit)
        self._count("application", client_id, self._options.application_limit)

    def _count(self, tier: str, key: str, limit: tuple[int, int]) -> None:
        allowed, seconds = limit
        now = self._clock().timestamp()
        window = self._windows.get((tier, key))
        if window is None or now >= window.began + seconds:
            window = self._windows[tier, key] = _Window(now)
        window.count += 1
        if window.count > allowed:
            resets = window.began + seconds
            raise Refused(
                429,
                "Rate limit exceeded.",
                headers={
                    "Retry-After": str(max(1, math.ceil(resets - now))),
                    "X-RateLimit-Limit": str(allowed),
                    "X-RateLimit-Window": str(seconds),
                    "X-RateLimit-Reset": str(math.ceil(resets)),
                    "X-RateLimit-Tier": tier,
                },
                empty=self._options.empty_limit_body,
            )
