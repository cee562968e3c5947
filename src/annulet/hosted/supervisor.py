"""Keeps background tasks running: one that fails is started again, and its failure is shown."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from annulet.errors import AnnuletError
from annulet.hosted.observability.work_record import working
from annulet.hosted.web.json_log import LOGGER

_FIRST_PAUSE_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 30.0
_RECOVERED_AFTER_S: Final = 60.0
"""A task that has run for so long since its last failure counts as well."""


@dataclass(slots=True)
class BackgroundTask:
    """How one task fares.

    Attributes:
        failures: How many times in a row it has failed.
        problem: The code of the last failure; empty while all is well.
        failed_at: When that was, by the clock of the event loop.
    """

    failures: int = 0
    problem: str = ""
    failed_at: float = 0.0

    def fail(self, problem: str, now: float) -> float:
        """Note a failure; return how many seconds to wait before the next start."""
        self.failures = 1 if now - self.failed_at > _RECOVERED_AFTER_S else self.failures + 1
        self.problem, self.failed_at = problem, now
        return min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2.0 ** min(self.failures - 1, 10))


class Supervisor:
    """Runs tasks that should never end, each until the supervisor stops.

    Attributes:
        is_stopping: Whether the tasks have been told to end.
    """

    def __init__(self) -> None:
        self._states: dict[str, BackgroundTask] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self.is_stopping = False

    def start(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """Start a task, and start it again whenever it fails or returns."""
        self._states[name] = BackgroundTask()
        with working(task=name):
            self._tasks.append(asyncio.create_task(self._supervise(name, run), name=name))

    def read_problems(self) -> dict[str, str]:
        """Return the code of the failure of each task that does not fare well."""
        now = asyncio.get_running_loop().time()
        return {
            name: state.problem
            for name, state in self._states.items()
            if state.problem and now - state.failed_at <= _RECOVERED_AFTER_S
        }

    def read_states(self) -> dict[str, bool]:
        """Return of each task whether it does not fare well."""
        problems = self.read_problems()
        return {name: name in problems for name in self._states}

    async def stop(self) -> None:
        """Cancel every task and wait until all have ended."""
        self.is_stopping = True
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _supervise(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        loop, logger = asyncio.get_running_loop(), logging.getLogger(LOGGER)
        while True:
            problem = "ended"
            try:
                await run()
            except Exception as error:  # whatever it was, the task has to go on
                problem = error.code if isinstance(error, AnnuletError) else AnnuletError.code
                if isinstance(error, AnnuletError):
                    logger.warning("%s has failed: %s", name, error)
                else:
                    logger.exception("%s has failed", name)
            if self.is_stopping:
                return  # it failed in the moment it was cancelled, and the cancellation is spent
            pause_s = self._states[name].fail(problem, loop.time())
            logger.warning("%s starts again in %d s", name, pause_s)
            await asyncio.sleep(pause_s)
