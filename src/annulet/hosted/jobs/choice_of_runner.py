"""The runner that the database of the service allows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from annulet.hosted.database.engine import ServiceDatabase, native_address
from annulet.hosted.jobs.in_process_runner import InProcessRunner
from annulet.hosted.jobs.job import Job, JobHandler, JobRunner
from annulet.hosted.jobs.job_queue import JobQueue
from annulet.hosted.jobs.job_runs import JobRuns
from annulet.hosted.jobs.queue_worker import QueueWorker


def build_runner(
    database: ServiceDatabase,
    runs: JobRuns,
    jobs: Sequence[Job],
    handlers: Mapping[str, JobHandler],
) -> JobRunner:
    """Build the runner: Procrastinate in PostgreSQL, or loops in the only process.

    Args:
        database: Of the service.
        runs: Records how each run of a periodic job ended.
        jobs: Every periodic job.
        handlers: The handler of each kind of queued job.
    """
    handlers = {kind: runs.count(kind, handle) for kind, handle in handlers.items()}
    if database.is_sqlite:
        queue = JobQueue(database)
        return InProcessRunner(jobs, runs, queue, QueueWorker(queue, handlers))
    from annulet.hosted.jobs.procrastinate_runner import ProcrastinateRunner

    return ProcrastinateRunner(native_address(database), jobs, runs, handlers)
