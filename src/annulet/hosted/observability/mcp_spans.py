"""One span for each MCP request, by the semantic conventions of OpenTelemetry for MCP."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult
from opentelemetry.context import Context
from opentelemetry.trace import Link, Span, SpanKind, StatusCode, Tracer, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from annulet.hosted.observability.work_record import WorkRecord, current_record
from annulet.mcp_server.protocol.prompts import PROMPTS
from annulet.mcp_server.request_observer import OK, UNKNOWN
from annulet.toolkit.answers import TOOLS

_METHODS: Final = frozenset(
    {
        *("initialize", "ping", "server/discover", "logging/setLevel", "completion/complete"),
        *("tools/list", "tools/call", "prompts/list", "prompts/get"),
        *("resources/list", "resources/read", "resources/templates/list"),
        *("resources/subscribe", "resources/unsubscribe"),
        *("notifications/initialized", "notifications/cancelled", "notifications/progress"),
        "notifications/roots/list_changed",
    }
)
_OTHER: Final = "_OTHER"
_TARGETS: Final[Mapping[str, tuple[str, frozenset[str]]]] = {
    "tools/call": ("gen_ai.tool.name", frozenset(TOOLS)),
    "prompts/get": ("gen_ai.prompt.name", frozenset(prompt.name for prompt in PROMPTS)),
}
_PLAIN_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_ERROR_TYPE: Final = "error.type"

RequestContext = ServerRequestContext[Any, Any]


class McpSpans:
    """Middleware of the MCP server that records a span around each request.

    Names and attributes come from closed lists: what a client wrote is never recorded, but for the
    id of its request where that is a number or a plain token.

    Args:
        tracer: Makes the spans.
    """

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    async def __call__(self, ctx: RequestContext, call_next: CallNext) -> HandlerResult:
        """Record one request; its parent is what the client says in ``_meta``."""
        method = ctx.method if ctx.method in _METHODS else _OTHER
        attribute, target = _find_target(ctx)
        parent, links = _find_parent(ctx)
        record = current_record()
        attributes = _describe(ctx, method, record)
        if attribute:
            attributes[attribute] = target
        with self._tracer.start_as_current_span(
            f"{method} {target}" if target else method,
            context=parent,
            kind=SpanKind.SERVER,
            attributes=attributes,
            links=links,
            # the text of an exception may quote the client
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            if record is not None:
                record.names["trace_id"] = f"{span.get_span_context().trace_id:032x}"
            return await _call(ctx, call_next, span, record)


async def _call(
    ctx: RequestContext, call_next: CallNext, span: Span, record: WorkRecord | None
) -> HandlerResult:
    try:
        result = await call_next(ctx)
    except MCPError as problem:
        code = str(problem.error.code)
        span.set_attribute("rpc.response.status_code", code)
        _fail(span, code)
        raise
    except Exception as problem:
        _fail(span, type(problem).__name__)
        raise
    finally:
        outcome = record.facts.get("outcome") if record else None
        if isinstance(outcome, str) and outcome != OK:
            span.set_attribute("annulet.outcome", outcome)
    if _is_failure(result):
        _fail(span, "tool_error")
    return result


def _is_failure(result: HandlerResult) -> bool:
    """Whether a tool could not answer; the SDK may have made a dictionary of its result."""
    if isinstance(result, CallToolResult):
        return bool(result.is_error)
    return isinstance(result, dict) and result.get("isError") is True


def _fail(span: Span, error_type: str) -> None:
    span.set_attribute(_ERROR_TYPE, error_type)
    span.set_status(StatusCode.ERROR)


def _describe(ctx: RequestContext, method: str, record: WorkRecord | None) -> dict[str, str]:
    attributes = {
        "mcp.method.name": method,
        "mcp.protocol.version": ctx.protocol_version,
        "network.protocol.name": "http",
        "network.transport": "tcp",
    }
    if method == "tools/call":
        attributes["gen_ai.operation.name"] = "execute_tool"
    if ctx.request_id is not None and _PLAIN_ID.fullmatch(str(ctx.request_id)):
        attributes["jsonrpc.request.id"] = str(ctx.request_id)
    if record is not None:
        attributes["annulet.request_id"] = record.names["request_id"]
    return attributes


def _find_target(ctx: RequestContext) -> tuple[str, str]:
    """Return the attribute of the tool or prompt and its name; both empty for other methods."""
    attribute, known = _TARGETS.get(ctx.method, ("", frozenset()))
    if not attribute:
        return "", ""
    name = ctx.params.get("name") if ctx.params else None
    return attribute, name if isinstance(name, str) and name in known else UNKNOWN


def _find_parent(ctx: RequestContext) -> tuple[Context, Sequence[Link]]:
    """Return the context of the caller, and a link to that of the HTTP request beside it."""
    headers = ctx.request.headers if ctx.request is not None else {}
    by_message = _read_traceparent((ctx.meta or {}).get("traceparent"))
    by_transport = _read_traceparent(headers.get("traceparent"))
    if by_message is None:
        return by_transport or Context(), ()
    links = (
        [] if by_transport is None else [Link(get_current_span(by_transport).get_span_context())]
    )
    return by_message, links


def _read_traceparent(value: object) -> Context | None:
    if not isinstance(value, str):
        return None
    context = TraceContextTextMapPropagator().extract({"traceparent": value}, Context())
    return context if get_current_span(context).get_span_context().is_valid else None
