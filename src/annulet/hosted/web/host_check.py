"""Middleware that answers only for the public host, against DNS rebinding."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from annulet.contract.addresses import LOOPBACK_NAMES
from annulet.hosted.web.paths import PROBES, is_program_path

_WRONG_HOST: Final = "This service has another address."


class LoopbackHostCheck:
    """Refuses requests that name another host than this machine with 421, on any port.

    A page of a stranger whose name leads to 127.0.0.1 could read what needs no token.

    Args:
        app: The application behind this middleware.
        host: The address that the application listens on, which is allowed as well.
    """

    def __init__(self, app: ASGIApp, host: str) -> None:
        self._app = app
        self._allowed = {*LOOPBACK_NAMES, f"[{host}]" if ":" in host else host.casefold()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check the host of a request."""
        host = Headers(scope=scope).get("host", "").casefold()
        name, _, port = host.rpartition(":")
        if host in self._allowed or (name in self._allowed and port.isdigit()):
            await self._app(scope, receive, send)
            return
        await PlainTextResponse(_WRONG_HOST, status_code=421)(scope, receive, send)


class HostCheck:
    """Refuses requests for other hosts with 421, and redirects other names of loopback.

    Args:
        app: The application behind this middleware.
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
        """Check the host of a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        host = Headers(scope=scope).get("host", "").casefold()
        path = scope["path"]
        if host not in self._allowed and path not in PROBES:
            response = PlainTextResponse(_WRONG_HOST, status_code=421)
            await response(scope, receive, send)
            return
        if host != self._host and scope["method"] == "GET" and not is_program_path(path):
            # one host name in the browser: Oura redirects back to the public one, and a cookie of
            # another name would not be sent there
            query = scope["query_string"].decode("latin-1")
            target = self._public_url + path + (f"?{query}" if query else "")
            await RedirectResponse(target, status_code=307)(scope, receive, send)
            return
        await self._app(scope, receive, send)
