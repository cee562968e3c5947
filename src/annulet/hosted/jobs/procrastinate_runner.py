"""The runner of a cluster: Procrastinate's queue in the service's own PostgreSQL.

Any number of processes may run it. Procrastinate defers each periodic job once, gives it to one
worker, and repeats it after a failure. It is polled instead of notified, because notifications do
not pass a pooler that works by transaction.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping, Sequence
from typing import Final

from procrastinate import App, PsycopgConnector, RetryStrategy
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import JobDeferrer

from annulet.errors import DatabaseUnavailable
from annulet.hosted.jobs.job import Job, JobAbandonedError, JobHandler
from annulet.hosted.jobs.job_runs import JobRuns
from annulet.hosted.observability.work_record import working
from annulet.hosted.web.json_log import LOGGER

_POLL_S: Final = 5.0
_RESCUE_S: Final = 20.0
_STALLED_S: Final = 30.0
"""A worker that has not been seen for so long is dead, and its job goes to another one."""
_KEPT_H: Final = 72
_CONCURRENT: Final = 4
_ATTEMPTS: Final = 7
_WAIT_BASE_S: Final = 5
"""Between two attempts: this to the power of how many there were, five hours in all."""
_CONNECTION: Final = {"prepare_threshold": None, "connect_timeout": 5}


class _JobError(Exception):
    """Tells the queue that a run has failed, which is logged and recorded already."""


class ProcrastinateRunner:
    """Runs the jobs that this process is given; implements ``JobRunner``.

    Args:
        address: ``postgresql://…``
        jobs: Every job of the service.
        runs: Records how each run ended.
        handlers: The handler of each kind of queued job.
    """

    def __init__(
        self,
        address: str,
        jobs: Sequence[Job],
        runs: JobRuns,
        handlers: Mapping[str, JobHandler],
    ) -> None:
        self._runs = runs
        connector = PsycopgConnector(
            conninfo=address, min_size=1, max_size=_CONCURRENT, timeout=5.0, kwargs=_CONNECTION
        )
        self._app = App(connector=connector)
        self._retries = RetryStrategy(max_attempts=_ATTEMPTS, exponential_wait=_WAIT_BASE_S)
        self._deferrers = {job.name: self._register(job) for job in jobs}
        self._queued = {kind: self._register_queued(kind, handlers[kind]) for kind in handlers}
        self._is_open = False
        self._opening = asyncio.Lock()

    async def run(self) -> None:
        """Run the jobs until cancelled; those under way end first.

        Raises:
            DatabaseUnavailable: The database does not answer.
        """
        await self._open()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._rescue())
                await self._app.run_worker_async(
                    concurrency=_CONCURRENT,
                    fetch_job_polling_interval=_POLL_S,
                    listen_notify=False,
                    install_signal_handlers=False,
                    stalled_worker_timeout=_STALLED_S,
                    delete_jobs="successful",
                )
        except* ConnectorException:
            raise DatabaseUnavailable from None

    async def request(self, name: str) -> None:
        """Let a job run now, once however often it is requested.

        Raises:
            DatabaseUnavailable: The database does not answer.
        """
        await self._open()
        try:
            with contextlib.suppress(AlreadyEnqueued):
                await self._deferrers[name].defer_async(timestamp=0)
        except ConnectorException:
            raise DatabaseUnavailable from None

    async def enqueue(self, kind: str, arguments: Mapping[str, str]) -> None:
        """Queue a job that is due at once.

        Raises:
            DatabaseUnavailable: The database does not answer.
        """
        await self._open()
        try:
            await self._queued[kind].defer_async(arguments=dict(arguments))
        except ConnectorException:
            raise DatabaseUnavailable from None

    async def close(self) -> None:
        """Close the connections."""
        if self._is_open:
            self._is_open = False
            await self._app.close_async()

    def _register(self, job: Job) -> JobDeferrer:
        @self._app.periodic(cron=job.cron)
        @self._app.task(name=job.name, queueing_lock=job.name, lock=job.name, retry=self._retries)
        async def run(timestamp: int) -> None:
            del timestamp  # when it was due: a job works on whatever the database holds now
            if await self._runs.run(job):
                raise _JobError(job.name)

        return run.configure()

    def _register_queued(self, kind: str, handle: JobHandler) -> JobDeferrer:
        @self._app.task(name=f"queued:{kind}", retry=self._retries)
        async def run(arguments: dict[str, str]) -> None:
            with working(job=kind):
                try:
                    await handle(arguments)
                except JobAbandonedError as reason:
                    logger = logging.getLogger(LOGGER)
                    logger.warning("a job of kind %s was given up: %s", kind, reason)
                except Exception as error:  # noqa: BLE001 - it is raised again, without its text
                    # only the type: the text of an error may quote an address
                    raise _JobError(type(error).__name__) from None

        return run.configure()

    async def _open(self) -> None:
        async with self._opening:
            if self._is_open:
                return
            try:
                await self._app.open_async()
            except ConnectorException:
                raise DatabaseUnavailable from None
            self._is_open = True

    async def _rescue(self) -> None:
        """Give the jobs of workers that died to others: their lock would keep them waiting."""
        manager = self._app.job_manager
        while True:
            for job in await manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED_S):
                await manager.retry_job(job)
            await manager.delete_old_jobs(nb_hours=_KEPT_H, include_failed=True)
            await asyncio.sleep(_RESCUE_S)
