"""Every job of the service, and the runner that its database allows."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from annulet.hosted.database.engine import native_address
from annulet.hosted.jobs import tidy
from annulet.hosted.jobs.idle_renewal import INTERVAL_MIN, IdleRenewal
from annulet.hosted.jobs.in_process_runner import InProcessRunner
from annulet.hosted.jobs.job import Job, JobRunner

if TYPE_CHECKING:
    from annulet.hosted.service import Service

__all__ = ["SUBSCRIPTIONS", "build_runner", "list_jobs"]

SUBSCRIPTIONS: Final = "subscriptions"


def list_jobs(service: Service) -> tuple[Job, ...]:
    """List every job: where a new one goes."""
    toolkit = service.toolkit
    idle_renewal = IdleRenewal(service.database, toolkit.contexts, service.clock)
    return (
        Job("renewals", idle_renewal.run, every_min=INTERVAL_MIN),
        Job("revocations", toolkit.orphans.run, every_min=10),
        Job(SUBSCRIPTIONS, service.webhooks.reconciler.reconcile_if_due, every_min=10),
        Job("tidy", partial(tidy.delete_expired, service), every_min=360),
    )


def build_runner(service: Service) -> JobRunner:
    """Build the runner: the queue in PostgreSQL, or loops in the only process."""
    jobs = list_jobs(service)
    if service.database.is_sqlite:
        return InProcessRunner(jobs, service.job_runs)
    from annulet.hosted.jobs.procrastinate_runner import ProcrastinateRunner

    return ProcrastinateRunner(native_address(service.database), jobs, service.job_runs)
