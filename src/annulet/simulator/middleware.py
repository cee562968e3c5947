"""What every request outside the control API passes: the log, the latency, the faults."""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from annulet.simulator.api.page_envelope import page_number
from annulet.simulator.control.control_routes import CONTROL_PATH
from annulet.simulator.faults import Fault, Faults
from annulet.simulator.oauth.authorization_server import AuthorizationServer
from annulet.simulator.request_log import SCOPE_KEY, LoggedRequest, RequestLog, fingerprint

_REPLACING_KINDS: Final = frozenset({"status", "html", "empty", "cut"})
_GATEWAY_PAGE: Final = (
    "<!DOCTYPE HTML><html><head><title>ERROR: The request could not be satisfied</title></head>"
    "<body><h1>The request could not be satisfied.</h1></body></html>"
)
_FAULT_BODY: Final = '{"detail":"A fault was asked for."}'


class Middleware:
    """Logs each request, delays it, and lets it meet the active faults."""

    def __init__(
        self, app: ASGIApp, server: AuthorizationServer, faults: Faults, requests: RequestLog
    ) -> None:
        self._app = app
        self._server = server
        self._faults = faults
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"].startswith(CONTROL_PATH):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        logged = self._log(request)
        page = page_number(logged.path, request.query_params)
        logged.faults = self._faults.hit(logged.method, logged.path, logged.person, page)
        logged.fault = ",".join(fault.kind for fault in logged.faults) or None
        scope[SCOPE_KEY] = logged
        await self._wait(self._server.options.latency, logged.faults, after=False)
        messages, is_cut = await self._respond(scope, receive, logged.faults)
        await self._wait(0.0, logged.faults, after=True)
        logged.status = messages[0]["status"] if messages else None
        logged.size = sum(len(message.get("body", b"")) for message in messages)
        logged.ended = time.monotonic()
        await _send(messages, send, is_cut=is_cut)

    def _log(self, request: Request) -> LoggedRequest:
        _, _, token = request.headers.get("authorization", "").partition(" ")
        token = token.strip()
        access = self._server.tokens.access_tokens.get(token)
        logged = LoggedRequest(
            at=self._server.clock(),
            method=request.method,
            path=request.url.path,
            query=dict(request.query_params),
            headers=dict(request.headers),
            person=access.grant.person if access else None,
            token=fingerprint(token) if token else None,
            client_id=access.grant.application.client_id if access else None,
            began=time.monotonic(),
        )
        self._requests.add(logged)
        return logged

    @staticmethod
    async def _wait(seconds: float, faults: list[Fault], *, after: bool) -> None:
        seconds += sum(
            fault.value or 0.0 for fault in faults if fault.kind == "delay" and fault.after is after
        )
        if seconds:
            await asyncio.sleep(seconds)

    async def _respond(
        self, scope: Scope, receive: Receive, faults: list[Fault]
    ) -> tuple[list[Message], bool]:
        """Return the messages of the response, and whether the connection is cut after them."""
        replacing = [fault for fault in faults if fault.kind in _REPLACING_KINDS]
        before = [fault for fault in replacing if not fault.after]
        messages: list[Message] = []
        if not before:
            messages = await _collect(self._app, scope, receive)
            MutableHeaders(raw=messages[0]["headers"])["x-trace-id"] = secrets.token_hex(16)
        for fault in before or replacing:
            if fault.kind == "cut":
                return [], True
            return await _collect(_fault_response(fault), scope, receive), False
        if any(fault.kind == "truncate" for fault in faults):
            return _first_half(messages), True
        return messages, False


async def _collect(app: ASGIApp, scope: Scope, receive: Receive) -> list[Message]:
    """Return the messages that an application sends."""
    messages: list[Message] = []

    async def collect(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, collect)
    return messages


def _first_half(messages: list[Message]) -> list[Message]:
    body = b"".join(message.get("body", b"") for message in messages)
    half = body[: max(1, len(body) // 2)]
    return [messages[0], {"type": "http.response.body", "body": half, "more_body": True}]


def _fault_response(fault: Fault) -> Response:
    headers = {} if fault.retry_after is None else {"retry-after": fault.retry_after}
    if fault.kind == "html":
        return Response(_GATEWAY_PAGE, fault.status, headers, "text/html")
    body = (fault.body or _FAULT_BODY) if fault.kind == "status" else ""
    return Response(body, fault.status, headers, "application/json")


async def _send(messages: list[Message], send: Send, *, is_cut: bool) -> None:
    """Send a response; cut the connection after it if asked to."""
    for message in messages:
        await send(message)
    if not is_cut:
        return
    transport: asyncio.WriteTransport | None = getattr(
        getattr(send, "__self__", None), "transport", None
    )
    if transport is None:  # in process there is no connection
        raise ConnectionResetError("the simulated cloud cut the connection")
    if messages:
        transport.close()  # sends what is buffered first
    else:
        transport.abort()
    await asyncio.sleep(0.01)
