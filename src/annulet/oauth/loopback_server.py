"""The loopback server of the redirect (RFC 8252 section 7.3): one callback, on 127.0.0.1 and ::1.

It is bound before the browser opens and answers only under its own names. Only a GET of the
callback path reaches the flow: icons, prefetches and other programs' requests use up nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from annulet.contract.addresses import LOOPBACK_NAMES
from annulet.oauth.connect_errors import PortBusy
from annulet.oauth.pages import page
from annulet.oauth.port_owner import owner_of

if TYPE_CHECKING:
    import uvicorn
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

PORTS: Final = (8765, 8766)
CALLBACK_PATH: Final = "/callback"
DONE_PATH: Final = "/done"
_LAST_PAGE_S: Final = 3.0
_SHUTDOWN_S: Final = 1
_MAX_HEAD_BYTES: Final = 32_768
_NO_IPV6: Final = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT})

CallbackHandler = Callable[[str], Awaitable["Response"]]
"""Gets the query of a callback and returns what the browser sees."""


class LoopbackServer:
    """Serves from `start` until `aclose`.

    Args:
        sockets: Bound by `bind_loopback_server`.
    """

    def __init__(self, sockets: Sequence[socket.socket]) -> None:
        self._sockets = list(sockets)
        self.port = int(sockets[0].getsockname()[1])
        self._server: uvicorn.Server | None = None
        self._serving: asyncio.Task[None] | None = None
        self._handle_callback: CallbackHandler | None = None
        self._last_page: Response | None = None
        self._is_last_page_sent = asyncio.Event()

    @property
    def redirect_uri(self) -> str:
        """The address to register with the application."""
        return f"http://localhost:{self.port}{CALLBACK_PATH}"

    async def start(self, handle_callback: CallbackHandler) -> None:
        """Begin to serve."""
        self._handle_callback = handle_callback
        is_started = asyncio.Event()
        self._server = _uvicorn_server(self._app, is_started)
        self._serving = asyncio.create_task(self._server.serve(sockets=self._sockets))
        await is_started.wait()

    def set_last_page(self, last_page: Response) -> None:
        """Show this page at ``/done`` from now on."""
        self._last_page = last_page

    async def wait_for_last_page(self) -> None:
        """Wait a moment until the browser has fetched ``/done``."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._is_last_page_sent.wait(), _LAST_PAGE_S)

    async def aclose(self) -> None:
        """Stop listening and end every connection."""
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await self._serving
        for bound in self._sockets:
            bound.close()

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        from starlette.requests import Request

        request = Request(scope)
        response = self._refusal(request) or await self._respond(request)
        await response(scope, receive, send)
        if response is self._last_page:
            self._is_last_page_sent.set()

    async def _respond(self, request: Request) -> Response:
        if request.scope["path"] == DONE_PATH:
            return self._last_page or page(404, "Nothing here yet")
        if self._handle_callback is None:
            return page(503, "Not ready yet")
        return await self._handle_callback(request.scope["query_string"].decode("latin-1"))

    def _refusal(self, request: Request) -> Response | None:
        """Return the refusal of a request; ``None`` where it may reach the flow."""
        if request.headers.get("host", "").casefold() not in self._hosts():
            return page(421, "Wrong address", "This page answers only to its own name.")
        if request.scope["path"] not in {CALLBACK_PATH, DONE_PATH}:
            return page(404, "Nothing here")
        if request.method != "GET":
            return page(405, "Not like this")
        purpose = request.headers.get("sec-purpose", request.headers.get("purpose", ""))
        if "prefetch" in purpose.casefold():
            return page(503, "Not ahead of time")
        return None

    def _hosts(self) -> set[str]:
        return {f"{name}:{self.port}" for name in LOOPBACK_NAMES}


def bind_loopback_server(ports: Sequence[int] = PORTS) -> LoopbackServer:
    """Take the first port that is free on both loopback addresses.

    Raises:
        PortBusy: None of them is.
    """
    for port in ports:
        sockets = _bind_both_families(port)
        if sockets:
            return LoopbackServer(sockets)
    owner = next(filter(None, map(owner_of, ports)), "")
    listed = " and ".join(str(port) for port in ports)
    used = f" ({owner} uses it)" if owner else ""
    raise PortBusy(
        f"No port is free for the way back from Oura: {listed} in use{used}.",
        hint="End the program that uses it, or choose another with --port and register "
        "http://localhost:PORT/callback with the application at Oura.",
    )


def _bind_both_families(port: int) -> list[socket.socket]:
    """Sockets on 127.0.0.1 and, where the machine has IPv6, on ::1; empty when one is taken."""
    try:
        ipv4 = _bind(socket.AF_INET, "127.0.0.1", port)
    except (OSError, OverflowError):
        return []
    if not socket.has_ipv6:
        return [ipv4]
    try:
        ipv6 = _bind(socket.AF_INET6, "::1", int(ipv4.getsockname()[1]))
    except OSError as error:
        if error.errno in _NO_IPV6:
            return [ipv4]
        ipv4.close()
        return []
    return [ipv4, ipv6]


def _bind(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "nt":
            bound.setsockopt(socket.SOL_SOCKET, getattr(socket, "SO_EXCLUSIVEADDRUSE", ~4), 1)
        else:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # past TIME_WAIT only
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind((host, port))
        bound.listen(16)
        bound.settimeout(0)
    except BaseException:  # whatever it was, the port is given back
        bound.close()
        raise
    return bound


def _uvicorn_server(app: ASGIApp, is_started: asyncio.Event) -> uvicorn.Server:
    """A server that logs nothing and leaves signals to the command that runs it."""
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            is_started.set()

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    return Server(
        uvicorn.Config(
            app,
            interface="asgi3",  # uvicorn does not recognise a bound method
            http="h11",
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            log_level="critical",
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=_SHUTDOWN_S,
            h11_max_incomplete_event_size=_MAX_HEAD_BYTES,
        )
    )
