"""Runs queued jobs on SQLite, and repeats the ones that fail at growing distances."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from typing import Final

from annulet.hosted.jobs.job import JobAbandonedError, JobHandler
from annulet.hosted.jobs.job_queue import JobQueue, QueuedJob
from annulet.hosted.observability.work_record import working
from annulet.hosted.web.json_log import LOGGER
from annulet.oauth.cancellation import run_to_completion

_IDLE_S: Final = 5.0
_DELAYS_S: Final = (15, 60, 300, 1800, 7200, 14_400)
"""How long each repetition waits; a job that fails once more after all of them is given up."""


class QueueWorker:
    """Claims jobs and calls their handlers, one at a time.

    Args:
        queue: Where the jobs are.
        handlers: The handler of each kind. A job may be done twice where a process ends midway.
    """

    def __init__(self, queue: JobQueue, handlers: Mapping[str, JobHandler]) -> None:
        self._queue = queue
        self._handlers = handlers

    async def run(self) -> None:
        """Run jobs until cancelled; a job that has begun is finished first."""
        while True:
            self._queue.is_filled.clear()
            await run_to_completion(self.run_due())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_IDLE_S):  # other processes fill the queue, too
                    await self._queue.is_filled.wait()

    async def run_due(self) -> int:
        """Run every job that is due now.

        Returns:
            How many were run.
        """
        count = 0
        while (job := await self._queue.claim()) is not None:
            with working(job=job.kind):
                await self._run(job)
            count += 1
        return count

    async def _run(self, job: QueuedJob) -> None:
        logger = logging.getLogger(LOGGER)
        try:
            await self._handlers[job.kind](job.arguments)
        except JobAbandonedError as reason:
            logger.warning("a job of kind %s was given up: %s", job.kind, reason)
        except Exception as error:  # noqa: BLE001 - whatever it was, other jobs go on
            # only the type: the text of an error may quote an address
            problem = type(error).__name__
            if job.attempts <= len(_DELAYS_S):
                delay_s = _DELAYS_S[job.attempts - 1]
                logger.warning("a job of kind %s failed: %s", job.kind, problem)
                await self._queue.postpone(job, delay_s)
                return
            logger.warning("a job of kind %s was given up after %s", job.kind, problem)
        await self._queue.finish(job)
