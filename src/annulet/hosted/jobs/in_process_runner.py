"""The runner of a service of one process: a loop for each job."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from typing import Final

from annulet.hosted.jobs.job import Job
from annulet.hosted.jobs.job_queue import JobQueue
from annulet.hosted.jobs.job_runs import JobRuns
from annulet.hosted.jobs.queue_worker import QueueWorker
from annulet.oauth.cancellation import run_to_completion

_FIRST_PAUSE_S: Final = 30.0


class InProcessRunner:
    """Runs each job at the start and then when it is due; implements ``JobRunner``."""

    def __init__(
        self, jobs: Sequence[Job], runs: JobRuns, queue: JobQueue, worker: QueueWorker
    ) -> None:
        self._jobs = jobs
        self._queue = queue
        self._worker = worker
        self._runs = runs
        self._requests = {job.name: asyncio.Event() for job in jobs}

    async def run(self) -> None:
        """Run the jobs until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._worker.run(), name="queue")
            for job in self._jobs:
                group.create_task(self._repeat(job), name=job.name)

    async def run_due(self) -> int:
        """Run every queued job that is due now; return how many there were."""
        return await self._worker.run_due()

    async def request(self, name: str) -> None:
        """Let a job run now instead of when it is due."""
        self._requests[name].set()

    async def enqueue(self, kind: str, arguments: Mapping[str, str]) -> None:
        """Queue a job that is due at once."""
        await self._queue.enqueue(kind, arguments)

    async def close(self) -> None:
        """Have nothing open."""

    async def _repeat(self, job: Job) -> None:
        requested = self._requests[job.name]
        while True:
            requested.clear()
            # a write that is cancelled half-way would keep SQLite locked for other writers
            failures = await run_to_completion(self._runs.run(job))
            pause_s = job.every_min * 60.0
            if failures:
                pause_s = min(pause_s, _FIRST_PAUSE_S * 2.0 ** min(failures - 1, 10))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(requested.wait(), pause_s)
