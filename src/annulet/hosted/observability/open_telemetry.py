"""Traces by the SDK of OpenTelemetry, sent to a collector over OTLP and HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from mcp.server.context import ServerMiddleware
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, StatusCode, Tracer, get_current_span
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import ExceptionContext, ExecutionContext

from annulet import __version__
from annulet.hosted.observability.mcp_spans import McpSpans
from annulet.hosted.observability.tracing import OuraRequest

_EXPORT_S: Final = 5
_FAILED: Final = 400
_OPERATIONS: Final = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"})
_WORD: Final = re.compile(r"\w+")


class OpenTelemetryTracing:
    """Records spans and sends them in the background; implements ``Tracing``.

    Args:
        url: Where the collector takes spans.
    """

    def __init__(self, url: str) -> None:
        named = Resource.create({"service.name": "annulet", "service.version": __version__})
        # what the operator says in OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES counts more
        resource = named.merge(OTELResourceDetector().detect())
        # no provider of the whole process: the SDK of MCP would trace to it as well
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        exporter = OTLPSpanExporter(endpoint=url, timeout=_EXPORT_S)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer: Tracer = self._provider.get_tracer("annulet", __version__)
        self.middleware: Sequence[ServerMiddleware[Any]] = (McpSpans(self._tracer),)

    @contextmanager
    def oura_request(self, request: OuraRequest) -> Iterator[None]:
        """Record a request to Oura that is sent inside the block, where a question is traced."""
        if not get_current_span().is_recording():
            yield
            return
        attributes = {"http.request.method": "GET", "annulet.oura.collection": request.collection}
        with self._tracer.start_as_current_span(
            f"GET {request.collection}",
            kind=SpanKind.CLIENT,
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield
            finally:
                if request.status.isdigit():
                    span.set_attribute("http.response.status_code", int(request.status))
                if not request.status.isdigit() or int(request.status) >= _FAILED:
                    span.set_attribute("error.type", request.status)
                    span.set_status(StatusCode.ERROR)

    def trace_statements(self, engine: Engine, tables: Iterable[str]) -> None:
        """Record the statements of a database, where a question is traced."""
        spans = _StatementSpans(self._tracer, engine.dialect.name, frozenset(tables))
        event.listen(engine, "before_cursor_execute", spans.begin)
        event.listen(engine, "after_cursor_execute", spans.end)
        event.listen(engine, "handle_error", spans.fail)

    async def close(self) -> None:
        """Send what has been recorded; a collector that does not answer is given up after 5 s."""
        loop, is_sent = asyncio.get_running_loop(), asyncio.Event()

        def send() -> None:
            self._provider.shutdown()
            with contextlib.suppress(RuntimeError):  # given up, and the loop has ended
                loop.call_soon_threadsafe(is_sent.set)

        # the interpreter would wait for a thread of a pool, and each batch may take that long
        threading.Thread(target=send, daemon=True).start()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(is_sent.wait(), _EXPORT_S)


class _StatementSpans:
    """Listens to the statements of one engine; of the text only its first word and its table count.

    Args:
        tracer: Makes the spans.
        system: The name of the database system.
        tables: The names of all tables.
    """

    def __init__(self, tracer: Tracer, system: str, tables: frozenset[str]) -> None:
        self._tracer = tracer
        self._system = system
        self._tables = tables

    def begin(
        self,
        _connection: Connection,
        _cursor: object,
        statement: str,
        _parameters: object,
        context: ExecutionContext,
        _executemany: bool,
    ) -> None:
        """Begin the span of a statement."""
        if not get_current_span().is_recording():
            return
        words = _WORD.findall(statement)
        operation = words[0].upper() if words else ""
        if operation not in _OPERATIONS:
            return
        attributes = {"db.system.name": self._system, "db.operation.name": operation}
        table = next((word for word in words if word in self._tables), "")
        if table:
            attributes["db.collection.name"] = table
        name = f"{operation} {table}".strip()
        context.annulet_span = self._tracer.start_span(  # type: ignore[attr-defined] # its own place for notes
            name, kind=SpanKind.CLIENT, attributes=attributes
        )

    def end(
        self,
        _connection: Connection,
        _cursor: object,
        _statement: str,
        _parameters: object,
        context: ExecutionContext,
        _executemany: bool,
    ) -> None:
        """End the span of a statement."""
        span = getattr(context, "annulet_span", None)
        if span is not None:
            span.end()

    def fail(self, failure: ExceptionContext) -> None:
        """End the span of a statement that failed."""
        span = getattr(failure.execution_context, "annulet_span", None)
        if span is not None:
            span.set_attribute("error.type", type(failure.original_exception).__name__)
            span.set_status(StatusCode.ERROR)
            span.end()
