"""What jobs are, and what a runner of jobs offers, whichever database there is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

JobHandler: TypeAlias = Callable[[Mapping[str, str]], Awaitable[None]]
"""Does a queued job; may do it twice where a process ends midway."""
Enqueue: TypeAlias = Callable[[str, Mapping[str, str]], Awaitable[None]]
"""Adds a queued job of a kind with its arguments."""

_MINUTES_OF_HOUR: Final = 60
_HOURS_OF_DAY: Final = 24


class JobAbandonedError(Exception):
    """A queued job that would fail again in the same way is not repeated."""


@dataclass(frozen=True, slots=True)
class Job:
    """A periodic job. It takes no argument: whatever it works on is in the database.

    Attributes:
        name: As it is shown and logged.
        run: Does the work that is due; may be cancelled at any point, and run again.
        every_min: Minutes between two runs: a divisor of an hour, or whole hours that divide a day.

    >>> async def nothing() -> None: ...
    >>> Job("tidy", nothing, every_min=360).cron
    '0 */6 * * *'
    """

    name: str
    run: Callable[[], Awaitable[None]]
    every_min: int

    @property
    def cron(self) -> str:
        """The interval as a cron expression."""
        hours, minutes = divmod(self.every_min, _MINUTES_OF_HOUR)
        if hours and not minutes and _HOURS_OF_DAY % hours == 0:
            return f"0 */{hours} * * *" if hours < _HOURS_OF_DAY else "0 0 * * *"
        if hours or _MINUTES_OF_HOUR % minutes:
            raise ValueError(f"{self.name}: {self.every_min} min do not divide an hour or a day")
        return f"*/{minutes} * * * *"


class JobRunner(Protocol):
    """Runs every periodic job when it is due, one run of each at a time, and the queued jobs."""

    async def run(self) -> None:
        """Run the jobs until cancelled."""

    async def request(self, name: str) -> None:
        """Let a job run now instead of when it is due, once however often it is requested."""

    async def enqueue(self, kind: str, arguments: Mapping[str, str]) -> None:
        """Queue a job that is due at once.

        Raises:
            DatabaseUnavailable: The database does not answer.
        """

    async def close(self) -> None:
        """Close what the runner has opened."""
