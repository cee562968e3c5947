"""What a scraper reads of a running service, besides what was counted."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from functools import partial

from sqlalchemy.pool import QueuePool
from starlette.types import ASGIApp

from annulet import __version__
from annulet.errors import UsageError
from annulet.hosted.observability.gauges import Gauge, GaugeCollector
from annulet.hosted.observability.metrics_app import MetricsApp
from annulet.hosted.observability.prometheus_recorder import PrometheusRecorder
from annulet.hosted.service import Service
from annulet.hosted.web.host_check import LoopbackHostCheck


def build_metrics_app(service: Service) -> ASGIApp:
    """Build the application that answers scrapers of a service.

    Without a token the host that a request names is checked. With one any name is allowed: a
    cluster finds the port by names that the service does not know, and a page has no token.

    Raises:
        UsageError: The service counts nothing.
    """
    recorder = service.recorder
    if not isinstance(recorder, PrometheusRecorder):
        raise UsageError("This service has no metrics.", hint="Set ANNULET_METRICS_PORT.")
    gauges = GaugeCollector(partial(read_gauges, service))
    recorder.registry.register(gauges)
    settings = service.settings.observability
    shared = SharedGauges(service)
    app = MetricsApp(recorder.registry, gauges, shared.read, token=settings.metrics_token)
    return app if settings.metrics_token else LoopbackHostCheck(app, settings.metrics_host)


def read_gauges(service: Service) -> Iterator[Gauge]:
    """Read what this process knows by itself."""
    yield Gauge(
        "annulet_build_info",
        "The version of annulet, and beside it of Python.",
        {f"{__version__} python {platform.python_version()}": 1},
        "version",
    )
    yield from _read_questions(service)
    yield from _read_database(service)
    yield Gauge(
        "annulet_background_task_failing",
        "1 for a background task that failed within the last minute.",
        {name: float(is_failing) for name, is_failing in service.background.read_states().items()},
        "task",
    )
    hashing = service.accounts.passwords.read_load()
    yield Gauge("annulet_hashing_running", "Passwords being hashed.", {"": hashing.running})
    yield Gauge(
        "annulet_hashing_waiting", "Requests that wait to hash.", hashing.waiting, "priority"
    )


def _read_questions(service: Service) -> Iterator[Gauge]:
    turns = service.limits.questions.turns
    yield Gauge("annulet_turns_taken", "Questions being answered.", {"": turns.taken})
    yield Gauge("annulet_turns_waiting", "Questions that wait for a turn.", {"": turns.waiting})
    yield Gauge("annulet_turns_limit", "Questions answered at once.", {"": turns.limit})
    is_open = service.limits.oura_gate.is_breaker_open
    yield Gauge(
        "annulet_oura_breaker_open", "1 while Oura is tried once in 2 s.", {"": float(is_open)}
    )
    count, memory_bytes = service.toolkit.contexts.measure()
    limit_bytes = service.settings.limits.contexts_mb * 1_000_000
    yield Gauge("annulet_contexts", "People whose data is in memory.", {"": count})
    yield Gauge("annulet_contexts_bytes", "Memory of it, estimated.", {"": memory_bytes})
    yield Gauge("annulet_contexts_limit_bytes", "What it may be.", {"": limit_bytes})


def _read_database(service: Service) -> Iterator[Gauge]:
    pool = service.database.engine.pool
    if isinstance(pool, QueuePool):
        in_use = {"": pool.checkedout()}
        yield Gauge("annulet_database_connections_in_use", "Connections in use.", in_use)
    if not service.database.is_sqlite:
        limit = {"": service.settings.database_pool}
        yield Gauge("annulet_database_connections_limit", "The size of the pool.", limit)
    audit = service.audit
    yield Gauge(
        "annulet_audit_entries_waiting", "Audit entries to be written.", {"": audit.pending_entries}
    )
    yield Gauge(
        "annulet_audit_entries_lost",
        "Audit entries dropped while the database was away.",
        {"": audit.lost_entries},
        is_counter=True,
    )


class SharedGauges:
    """Reads what all processes share, from the database.

    When a job last succeeded is remembered, because its row tells only of its last run.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._succeeded_at: dict[str, float] = {}

    async def read(self) -> Sequence[Gauge]:
        """Read them all.

        Raises:
            DatabaseUnavailable: The database does not answer.
        """
        gauges = await self._read_jobs()
        budget = self._service.limits.oura_budget
        if budget is not None:
            gauges += [
                Gauge(
                    "annulet_oura_budget_left",
                    "Requests that all processes may send to Oura at once.",
                    {"": await budget.read_level()},
                ),
                Gauge("annulet_oura_budget_limit", "What it may be.", {"": budget.capacity}),
            ]
        return gauges

    async def _read_jobs(self) -> list[Gauge]:
        runs = await self._service.job_runs.read_all()
        self._succeeded_at |= {run.name: run.ended_at for run in runs if not run.failures}
        return [
            Gauge(
                "annulet_job_failures_in_a_row",
                "Runs of a job that have failed one after another.",
                {run.name: run.failures for run in runs},
                "job",
            ),
            Gauge(
                "annulet_job_last_run_timestamp_seconds",
                "When a job last ended.",
                {run.name: run.ended_at for run in runs},
                "job",
            ),
            Gauge(
                "annulet_job_last_success_timestamp_seconds",
                "When a job last ended without failure, as far as this process has seen.",
                dict(self._succeeded_at),
                "job",
            ),
        ]
