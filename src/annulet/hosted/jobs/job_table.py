"""Every job of the service, and the runner that its database allows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

from annulet.hosted.database.engine import native_address
from annulet.hosted.jobs import tidy
from annulet.hosted.jobs.idle_renewal import INTERVAL_MIN, IdleRenewal
from annulet.hosted.jobs.in_process_runner import InProcessRunner
from annulet.hosted.jobs.job import Job, JobHandler, JobRunner
from annulet.hosted.jobs.job_queue import JobQueue
from annulet.hosted.jobs.queue_worker import QueueWorker

if TYPE_CHECKING:
    from annulet.hosted.service import Service

SUBSCRIPTIONS: Final = "subscriptions"


def list_jobs(service: Service) -> tuple[Job, ...]:
    """List every periodic job: where a new one goes."""
    toolkit = service.toolkit
    idle_renewal = IdleRenewal(service.database, toolkit.contexts, service.clock)
    return (
        Job("renewals", idle_renewal.run, every_min=INTERVAL_MIN),
        Job("revocations", toolkit.orphans.run, every_min=10),
        Job(SUBSCRIPTIONS, service.webhooks.reconciler.reconcile_if_due, every_min=10),
        Job("tidy", partial(tidy.delete_expired, service), every_min=360),
    )


def build_runner(service: Service, handlers: Mapping[str, JobHandler]) -> JobRunner:
    """Build the runner: Procrastinate in PostgreSQL, or loops in the only process.

    Args:
        service: Whose jobs they are.
        handlers: The handler of each kind of queued job.
    """
    jobs = list_jobs(service)
    if service.database.is_sqlite:
        queue = JobQueue(service.database)
        return InProcessRunner(jobs, service.job_runs, queue, QueueWorker(queue, handlers))
    from annulet.hosted.jobs.procrastinate_runner import ProcrastinateRunner

    return ProcrastinateRunner(native_address(service.database), jobs, service.job_runs, handlers)
