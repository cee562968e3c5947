"""The clock of the simulated cloud: real by default, set and advanced by tests."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

__all__ = ["Clock"]


def _real() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)


class Clock:
    """Tells the time of the simulated cloud.

    Args:
        now: A fixed instant, a function that tells the time, or nothing for the real clock.
    """

    def __init__(self, now: Callable[[], datetime] | datetime | None = None) -> None:
        self._shift = timedelta()
        self._fixed = now if isinstance(now, datetime) else None
        self._source = now if callable(now) else _real

    def __call__(self) -> datetime:
        """The current instant, in UTC."""
        base = self._fixed if self._fixed is not None else self._source()
        return base.astimezone(UTC) + self._shift

    def set(self, now: datetime) -> None:
        """Stop at an instant."""
        self._fixed, self._shift = now, timedelta()

    def advance(self, by: timedelta | float) -> None:
        """Go forward by a time span or by seconds; a running clock goes on running."""
        self._shift += by if isinstance(by, timedelta) else timedelta(seconds=by)

    def run(self) -> None:
        """Go on running from where the clock stands."""
        shown = self()
        self._fixed = None
        self._shift = shown - self._source().astimezone(UTC)
