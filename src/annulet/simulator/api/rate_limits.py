"""Rate limits in two tiers: one access token, and one application over all its people."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from annulet.simulator.options import Options
from annulet.simulator.responses import ApiError


@dataclass(slots=True)
class _Window:
    began: float
    count: int = 0


class RateLimits:
    """Counts requests in fixed windows; the limits are in the options."""

    def __init__(self, clock: Callable[[], datetime], options: Options) -> None:
        self._clock = clock
        self._options = options
        self._windows: dict[tuple[str, str], _Window] = {}

    def clear(self) -> None:
        """Begin every window anew."""
        self._windows.clear()

    def count_request(self, token: str, client_id: str) -> None:
        """Count one request in both tiers.

        Raises:
            ApiError: A limit is exceeded (429).
        """
        self._count("access_token", token, self._options.token_limit)
        self._count("application", client_id, self._options.application_limit)

    def _count(self, tier: str, key: str, limit: tuple[int, int]) -> None:
        allowed, window_s = limit
        now = self._clock().timestamp()
        window = self._windows.get((tier, key))
        if window is None or now >= window.began + window_s:
            window = self._windows[tier, key] = _Window(now)
        window.count += 1
        if window.count > allowed:
            resets_at = window.began + window_s
            raise ApiError(
                429,
                "Rate limit exceeded.",
                headers={
                    "Retry-After": str(max(1, math.ceil(resets_at - now))),
                    "X-RateLimit-Limit": str(allowed),
                    "X-RateLimit-Window": str(window_s),
                    "X-RateLimit-Reset": str(math.ceil(resets_at)),
                    "X-RateLimit-Tier": tier,
                },
                has_body=not self._options.empty_limit_body,
            )
