"""Counters and histograms of one process, by prometheus-client."""

from __future__ import annotations

from typing import Any, Final

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import Scope

from annulet.hosted.observability.route_names import name_route
from annulet.mcp_server.request_observer import OK, ObservedMethod, ObservedRequest

_HTTP_BUCKETS_S: Final = (
    *(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25),
    *(0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 30.0),
)
_MCP_BUCKETS_S: Final = (
    *(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0),
    *(5.0, 10.0, 30.0, 60.0, 120.0, 300.0),
)
"""As the MCP conventions of OpenTelemetry want them."""
_JOB_BUCKETS_S: Final = (0.01, 0.1, 1.0, 10.0, 60.0, 300.0, 900.0)
TOOL_ERROR: Final = "tool_error"


class _Children:
    """The children of one metric by their labels; finding one here is cheaper than in the metric.

    Args:
        metric: A counter or a histogram with labels.
    """

    def __init__(self, metric: Any) -> None:
        self._metric = metric
        self._children: dict[tuple[str, ...], Any] = {}

    def __getitem__(self, labels: tuple[str, ...]) -> Any:
        child = self._children.get(labels)
        if child is None:
            child = self._children[labels] = self._metric.labels(*labels)
        return child


class PrometheusRecorder:
    """Counts into a registry of its own; implements ``Recorder``.

    Attributes:
        registry: What is exposed.
    """

    def __init__(self) -> None:
        # when each child was made is of no use here, and doubles the counters
        prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call] # theirs
        self.registry: Final = CollectorRegistry()
        prometheus_client.ProcessCollector(registry=self.registry)
        prometheus_client.GCCollector(registry=self.registry)
        self._add_http()
        self._add_questions()
        self._add_oura()
        self._add_work()

    def count_request(self, scope: Scope, status: int, elapsed_s: float) -> None:
        """Count a request by the template of its route."""
        route, method = name_route(scope)
        self._requests[route, method, str(status)].inc()
        self._request_times[route, method].observe(elapsed_s)

    def count_refusal(self, status: int, reason: str) -> None:
        """Count a request that was refused for want of room or of time."""
        self._refusals[str(status), reason].inc()

    def count_question(self, request: ObservedRequest) -> None:
        """Count a request of MCP that was dispatched."""
        target, outcome = request.target, request.outcome
        self._questions[target.method, target.name, outcome].inc()
        tool, prompt, error = "", "", "" if outcome == OK else outcome
        if target.method is ObservedMethod.TOOL_CALL:
            tool, error = target.name, error and TOOL_ERROR
        elif target.method is ObservedMethod.PROMPT_GET:
            prompt = target.name
        self._operations[target.method, tool, prompt, error].observe(request.seconds)

    def count_oura_request(self, collection: str, status: str, elapsed_s: float) -> None:
        """Count a request to Oura's data."""
        self._oura_requests[collection, status].inc()
        self._oura_times[(collection,)].observe(elapsed_s)

    def count_held_request(self, reason: str) -> None:
        """Count a request that was answered in place of Oura."""
        self._held_requests[(reason,)].inc()

    def count_renewal(self, outcome: str) -> None:
        """Count a renewal of a grant."""
        self._renewals[(outcome,)].inc()

    def count_job(self, job: str, outcome: str, elapsed_s: float) -> None:
        """Count a run of a job."""
        self._jobs[job, outcome].inc()
        self._job_times[(job,)].observe(elapsed_s)

    def count_database_error(self, kind: str) -> None:
        """Count a failure of the database or of a statement."""
        self._database_errors[(kind,)].inc()

    def _add_http(self) -> None:
        self._requests = self._counter(
            "annulet_http_requests", "Requests answered.", "route", "method", "status"
        )
        self._request_times = self._histogram(
            "annulet_http_request_duration_seconds",
            "Time from a request to the end of its answer.",
            _HTTP_BUCKETS_S,
            *("route", "method"),
        )
        self._refusals = self._counter(
            "annulet_refusals", "Requests answered 429 or 503.", "status", "reason"
        )

    def _add_questions(self) -> None:
        self._questions = self._counter(
            "annulet_questions", "Requests of MCP dispatched.", "method", "name", "outcome"
        )
        self._operations = self._histogram(
            "mcp_server_operation_duration_seconds",
            "Time in which a request of MCP was answered.",
            _MCP_BUCKETS_S,
            *("mcp_method_name", "gen_ai_tool_name", "gen_ai_prompt_name", "error_type"),
        )

    def _add_oura(self) -> None:
        self._oura_requests = self._counter(
            "annulet_oura_requests", "Requests to Oura's data.", "collection", "status"
        )
        self._oura_times = self._histogram(
            "annulet_oura_request_duration_seconds",
            "Time from a request to Oura to the end of its response.",
            _HTTP_BUCKETS_S,
            "collection",
        )
        self._held_requests = self._counter(
            "annulet_oura_held_requests", "Requests answered in place of Oura.", "reason"
        )
        self._renewals = self._counter("annulet_renewals", "Renewals of grants.", "outcome")

    def _add_work(self) -> None:
        self._jobs = self._counter("annulet_jobs", "Runs of jobs.", "job", "outcome")
        self._job_times = self._histogram(
            "annulet_job_duration_seconds", "Time of a run of a job.", _JOB_BUCKETS_S, "job"
        )
        self._database_errors = self._counter(
            "annulet_database_errors", "Failures of the database.", "kind"
        )

    def _counter(self, name: str, help_text: str, *labels: str) -> _Children:
        return _Children(Counter(name, help_text, labels, registry=self.registry))

    def _histogram(
        self, name: str, help_text: str, buckets: tuple[float, ...], *labels: str
    ) -> _Children:
        return _Children(
            Histogram(name, help_text, labels, registry=self.registry, buckets=buckets)
        )
