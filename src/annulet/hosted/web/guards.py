"""Middleware that refuses what is not meant for us: foreign hosts, foreign forms, huge bodies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from annulet.contract.addresses import LOOPBACK_NAMES

__all__ = ["BodyLimit", "FormGuard", "HostGuard", "machine_path"]

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_MACHINE: Final = frozenset(
    {"/token", "/register", "/revoke", "/oauth/token", "/oauth/register", "/oauth/revoke"}
)


def machine_path(path: str) -> bool:
    """Whether only programs ask here; they carry no cookies and need no forms."""
    return (
        path in _MACHINE
        or path == "/mcp"
        or path.startswith(("/mcp/", "/.well-known/"))
        or path in {"/healthz", "/readyz", "/webhooks/oura"}
    )


class HostGuard:
    """Answers only for the public host (and on loopback for its other names).

    Args:
        app: What is guarded.
        public_url: The address of the service.
    """

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self._app = app
        self._public_url = public_url
        parts = urlsplit(public_url)
        self._host = parts.netloc.casefold()
        self._allowed = {self._host}
        if parts.scheme == "https" and parts.port is None:
            self._allowed.add(f"{self._host}:443")
        if parts.scheme == "http":
            port = f":{parts.port}" if parts.port else ""
            self._allowed |= {name + port for name in LOOPBACK_NAMES}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse foreign hosts; lead loopback aliases to the one public name."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        host = Headers(scope=scope).get("host", "").casefold()
        probe = scope["path"] in {"/healthz", "/readyz"}
        if host not in self._allowed and not probe:
            response = PlainTextResponse("This service has another address.", status_code=421)
            await response(scope, receive, send)
            return
        if host != self._host and scope["method"] == "GET" and not machine_path(scope["path"]):
            # one name in the address bar: cookies of the others would not come back from Oura
            query = scope["query_string"].decode("latin-1")
            target = self._public_url + scope["path"] + (f"?{query}" if query else "")
            await RedirectResponse(target, status_code=307)(scope, receive, send)
            return
        await self._app(scope, receive, send)


class FormGuard:
    """Refuses forms that another site sent, by what the browser says about their origin.

    The token inside each form is checked as well, where the form is read.
    """

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self._app = app
        parts = urlsplit(public_url)
        self._origin = f"{parts.scheme}://{parts.netloc}".casefold()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a form of another origin."""
        foreign = (
            scope["type"] == "http"
            and scope["method"] not in _SAFE
            and not machine_path(scope["path"])
            and self._foreign(Headers(scope=scope))
        )
        if foreign:
            response = PlainTextResponse("This form was sent by another site.", status_code=403)
            await response(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _foreign(self, headers: Headers) -> bool:
        site = headers.get("sec-fetch-site")
        if site is not None and site not in {"same-origin", "none"}:
            return True
        origin = headers.get("origin")
        return origin is not None and origin.casefold() != self._origin


class BodyLimit:
    """Refuses bodies above a limit, announced or not."""

    def __init__(self, app: ASGIApp, limit: int, others: Iterable[tuple[str, int]] = ()) -> None:
        self._app = app
        self._limit = limit
        self._others = tuple(others)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the body while it is read."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = next((n for path, n in self._others if scope["path"].startswith(path)), self._limit)
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdigit() or int(announced) > limit:
            await _too_large(scope, receive, send)
            return
        read, answered = 0, False

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:
                raise _TooLargeError
            return message

        async def watched(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            await self._app(scope, counted, watched)
        except _TooLargeError:
            if not answered:
                await _too_large(scope, receive, send)


class _TooLargeError(Exception):
    """The body went on past the limit."""


async def _too_large(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("The request is too large.", status_code=413)(scope, receive, send)
