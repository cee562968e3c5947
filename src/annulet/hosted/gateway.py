"""The MCP endpoint of the service: it authenticates a bearer and records every tool call.

The gateway passes the request on to the MCP server and reads sizes, names and outcomes only.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.audit.audit_log import AuditLog
from annulet.hosted.authorization import scopes
from annulet.hosted.authorization.access_grant import AccessGrant
from annulet.hosted.authorization.bearer_cache import BearerCache
from annulet.hosted.authorization.metadata import build_challenge
from annulet.hosted.connections.connect_link import build_connect_url
from annulet.hosted.connections.contexts import Contexts
from annulet.hosted.connections.read_health import ReadHealth
from annulet.hosted.endpoints.store import Endpoint, Endpoints

__all__ = ["Gateway"]

_CODE: Final = re.compile(rb'"code"\s*:\s*"([a-z_]{2,40})"')
_FAILED: Final = re.compile(rb'"isError"\s*:\s*true')
_SCANNED: Final = 65_536
_TOOL_LIMIT: Final = 64
_KNOWS_WITHOUT_READING: Final = frozenset({"oura_permissions"})
"""Answers also where Oura refuses every read, so its answer proves nothing."""


@dataclass(slots=True)
class _AuditedCall:
    """What the audit log records of one request."""

    tool: str = ""
    status: int = 0
    size: int = 0
    head: bytes = b""

    def outcome(self) -> str:
        if self.status >= 400:  # noqa: PLR2004 - refused by HTTP
            return f"http_{self.status}"
        if _FAILED.search(self.head):
            code = _CODE.search(self.head)
            return code.group(1).decode() if code else "error"
        return "ok"


class Gateway:
    """The ASGI application behind ``/mcp`` and ``/mcp/<endpoint>``.

    Args:
        app: The MCP server.
        tools: The names of all tools.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        tools: Iterable[str],
        public_url: str,
        endpoints: Endpoints,
        bearers: BearerCache,
        contexts: Contexts,
        read_health: ReadHealth,
        audit: AuditLog,
    ) -> None:
        self._app = app
        self._tools = frozenset(tools)
        self._public_url = public_url
        self._endpoints = endpoints
        self._bearers = bearers
        self._contexts = contexts
        self._read_health = read_health
        self._audit = audit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Authenticate the bearer and pass the request on."""
        endpoint_id = scope.get("path_params", {}).get("endpoint", "")
        kind, _, token = Headers(scope=scope).get("authorization", "").partition(" ")
        given = token.strip() if kind.casefold() == "bearer" else ""
        bearer = await self._bearers.find(given) if given else None
        if bearer is not None and self._for_this(bearer, endpoint_id):
            await self._pass_on(bearer, scope, receive, send)
            return
        refusal = await self._refused(endpoint_id, tried=bool(given))
        await refusal(scope, receive, send)

    async def _refused(self, endpoint_id: str, *, tried: bool) -> JSONResponse:
        endpoint = await self._endpoints.find(endpoint_id) if endpoint_id else None
        if endpoint_id and endpoint is None:
            return JSONResponse({"error": "not_found"}, status_code=404)
        return self._refusal(endpoint, "The token is not good for this address." if tried else "")

    def _for_this(self, bearer: AccessGrant, endpoint_id: str) -> bool:
        """Whether the bearer is for this address: tokens by audience, keys by endpoint."""
        if bearer.resource:
            here = f"{self._public_url}/mcp" + (f"/{endpoint_id}" if endpoint_id else "")
            return bearer.resource == here
        return endpoint_id in {"", bearer.endpoint.id}

    def _refusal(self, endpoint: Endpoint | None, problem: str = "") -> JSONResponse:
        error = "invalid_token" if problem else "unauthorized"
        if endpoint is not None and endpoint.auth == "key":
            message = problem or "Send the API key of this endpoint as a bearer."
            header = 'Bearer realm="annulet"' + (', error="invalid_token"' if problem else "")
        else:
            path = f"/mcp/{endpoint.id}" if endpoint else "/mcp"
            message = problem or "Sign in to use this endpoint."
            header = build_challenge(
                self._public_url,
                path,
                error="invalid_token" if problem else "",
                description=problem,
            )
        body = {"error": error, "error_description": message}
        return JSONResponse(body, status_code=401, headers={"www-authenticate": header})

    async def _pass_on(
        self, bearer: AccessGrant, scope: Scope, receive: Receive, send: Send
    ) -> None:
        body, more = await _read(receive)
        call = _AuditedCall(tool=_tool(body) if scope["method"] == "POST" else "")
        offered = self._tools - bearer.endpoint.tools_off
        allowed = scopes.allowed_tools(bearer.scopes, offered)
        if call.tool in offered - allowed and bearer.resource:
            await self._insufficient(bearer, scope, receive, send)
            return
        scope["annulet.context"] = self._contexts.get(bearer.person)
        scope["annulet.tools"] = allowed
        scope["annulet.connect_url"] = build_connect_url(self._public_url, bearer.person.id)
        scope["annulet.principal"] = f"{bearer.person.id}:{bearer.endpoint.id}"
        began = time.perf_counter()

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                call.status = message["status"]
            elif message["type"] == "http.response.body":
                part = message.get("body", b"")
                call.size += len(part)
                if call.tool and len(call.head) < _SCANNED:
                    call.head += part[:_SCANNED]
            await send(message)

        try:
            await self._app(scope, _replay(body, more, receive), watched)
        finally:
            if call.tool:
                await self._note(bearer, call, round((time.perf_counter() - began) * 1000))

    async def _note(self, bearer: AccessGrant, call: _AuditedCall, milliseconds: int) -> None:
        outcome = call.outcome()
        self._audit.add(
            AuditAction.TOOL_CALLED,
            bearer.person.id,
            client=bearer.client_name,
            endpoint_id=bearer.endpoint.id,
            tool=call.tool if call.tool in self._tools else "unknown",
            status=outcome,
            bytes=call.size,
            milliseconds=milliseconds,
        )
        if outcome != "ok" or call.tool not in _KNOWS_WITHOUT_READING:
            await self._read_health.record(bearer.person.id, outcome)

    async def _insufficient(
        self, bearer: AccessGrant, scope: Scope, receive: Receive, send: Send
    ) -> None:
        path = bearer.resource.removeprefix(self._public_url)
        description = "This question needs more than was allowed."
        header = build_challenge(
            self._public_url, path, error="insufficient_scope", description=description
        )
        response = JSONResponse(
            {"error": "insufficient_scope", "error_description": description},
            status_code=403,
            headers={"www-authenticate": header},
        )
        await response(scope, receive, send)


async def _read(receive: Receive) -> tuple[bytes, Message | None]:
    """The whole body, and the message that came instead of one (a disconnect)."""
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return body, message
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return body, None


def _replay(body: bytes, more: Message | None, receive: Receive) -> Receive:
    """A receive channel that gives the body that was read, then what comes after it."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
    if more is not None:
        waiting.append(more)

    async def next_message() -> Message:
        return waiting.pop(0) if waiting else await receive()

    return next_message


def _tool(body: bytes) -> str:
    """The name of the tool that is called, if it is a call."""
    if b"tools/call" not in body:
        return ""
    try:
        request: Any = json.loads(body)
        if request["method"] != "tools/call":
            return ""
        return str(request["params"]["name"])[:_TOOL_LIMIT]
    except (ValueError, TypeError, KeyError, RecursionError):
        return ""
