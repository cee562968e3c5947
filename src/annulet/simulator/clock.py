"""The clock of the simulated cloud: real by default; tests set and advance it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def _system_time() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)


class Clock:
    """Gives the current instant of the simulated cloud.

    Args:
        now: A fixed instant, a function that returns the current instant, or ``None`` for the
            system's clock.
    """

    def __init__(self, now: Callable[[], datetime] | datetime | None = None) -> None:
        self._shift = timedelta()
        self._fixed = now if isinstance(now, datetime) else None
        self._source = now if callable(now) else _system_time

    def __call__(self) -> datetime:
        """Return the current instant in UTC."""
        base = self._fixed if self._fixed is not None else self._source()
        return base.astimezone(UTC) + self._shift

    def set(self, now: datetime) -> None:
        """Stop the clock at an instant."""
        self._fixed, self._shift = now, timedelta()

    def advance(self, by: timedelta | float) -> None:
        """Move the clock forward by a duration or by seconds; a running clock keeps running."""
        self._shift += by if isinstance(by, timedelta) else timedelta(seconds=by)

    def run(self) -> None:
        """Let the clock run on from the instant it shows."""
        shown = self()
        self._fixed = None
        self._shift = shown - self._source().astimezone(UTC)
