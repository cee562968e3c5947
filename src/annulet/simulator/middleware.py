"""What every request passes first: the log, the latency, the faults."""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import Any, Final

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from annulet.simulator.faults import Fault
from annulet.simulator.page_envelope import page_number
from annulet.simulator.request_log import Entry
from annulet.simulator.state import State
from annulet.simulator.tokens import fingerprint

__all__ = ["CONTROL", "Front"]

CONTROL: Final = "/_control"
_REPLACING: Final = frozenset({"status", "html", "empty", "cut"})
_HTML: Final = (
    b"<!DOCTYPE HTML><html><head><title>ERROR: The request could not be satisfied</title></head>"
    b"<body><h1>The request could not be satisfied.</h1></body></html>"
)


class _Reply:
    """A collected answer."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""

    async def take(self, message: Message) -> None:
        """Collect one message of the application."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = list(message.get("headers", []))
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")


class Front:
    """The outermost layer; knows nothing about Oura."""

    def __init__(self, app: ASGIApp, state: State) -> None:
        self._app = app
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        path = request.url.path
        if path.startswith(CONTROL):
            await self._app(scope, receive, send)
            return
        entry = self._noted(request)
        faults = self._state.faults.strike(
            request.method, path, entry.person, page_number(path, request.query_params)
        )
        entry.fault = ",".join(fault.kind for fault in faults) or None
        scope["annulet.entry"], scope["annulet.faults"] = entry, faults
        await self._wait(faults, after=False)
        reply, cut = await self._reply(scope, receive, faults)
        await self._wait(faults, after=True)
        entry.status = None if cut == "cut" else reply.status
        entry.size = len(reply.body)
        entry.ended = time.monotonic()
        if cut:
            await _cut(send, reply if cut == "truncate" else None)
            return
        await _deliver(send, reply)

    def _noted(self, request: Request) -> Entry:
        """Write the request into the log."""
        _, _, token = request.headers.get("authorization", "").partition(" ")
        access = self._state.tokens.accesses.get(token.strip())
        entry = Entry(
            at=self._state.clock(),
            method=request.method,
            path=request.url.path,
            query=dict(request.query_params),
            headers=dict(request.headers),
            person=access.grant.person if access else None,
            token=fingerprint(token.strip()) if token else None,
            client_id=access.grant.application.client_id if access else None,
            began=time.monotonic(),
        )
        self._state.requests.add(entry)
        return entry

    async def _wait(self, faults: list[Fault], *, after: bool) -> None:
        seconds = 0.0 if after else self._state.options.latency
        seconds += sum(
            fault.value or 0.0 for fault in faults if fault.kind == "delay" and fault.after is after
        )
        if seconds:
            await asyncio.sleep(seconds)

    async def _reply(
        self, scope: Scope, receive: Receive, faults: list[Fault]
    ) -> tuple[_Reply, str]:
        """The answer, and whether the connection is cut instead of or within it."""
        early = next((f for f in faults if f.kind in _REPLACING and not f.after), None)
        reply = _Reply()
        if early is None:
            await self._app(scope, receive, reply.take)
            reply.headers.append((b"x-trace-id", secrets.token_hex(16).encode()))
        fault = early or next((f for f in faults if f.kind in _REPLACING), None)
        if fault is not None:
            return (reply, "cut") if fault.kind == "cut" else (_faulty(fault), "")
        cut = "truncate" if any(f.kind == "truncate" for f in faults) else ""
        return reply, cut


def _faulty(fault: Fault) -> _Reply:
    reply = _Reply(fault.status)
    kind = b"application/json"
    if fault.kind == "html":
        reply.body, kind = _HTML, b"text/html"
    elif fault.kind == "status":
        reply.body = (fault.body or '{"detail":"A fault was asked for."}').encode()
    reply.headers = [(b"content-type", kind), (b"content-length", str(len(reply.body)).encode())]
    if fault.retry_after is not None:
        reply.headers.append((b"retry-after", fault.retry_after.encode()))
    return reply


async def _deliver(send: Send, reply: _Reply) -> None:
    await send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})
    await send({"type": "http.response.body", "body": reply.body})


async def _cut(send: Send, reply: _Reply | None) -> None:
    """Cut the connection, within an answer or before it."""
    if reply is not None:
        await send(
            {"type": "http.response.start", "status": reply.status, "headers": reply.headers}
        )
        half = reply.body[: max(1, len(reply.body) // 2)]
        await send({"type": "http.response.body", "body": half, "more_body": True})
    transport: Any = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        raise ConnectionResetError("the simulated cloud cut the connection")
    if reply is None:
        transport.abort()
    else:
        transport.close()
    await asyncio.sleep(0.01)
