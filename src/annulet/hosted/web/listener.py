"""The ports of the service: one way to take a port, and one way to serve on it.

Every port of the service is built here, so that none has weaker limits than another.
"""

from __future__ import annotations

import socket
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from annulet.errors import UsageError
from annulet.hosted.web.http_protocol import build_http_protocol

_WAITING_CONNECTIONS: Final = 2048
_ACCEPTED_AT_ONCE: Final = 32
"""asyncio accepts as many in one go as it is told may wait, before the first is counted. Thousands
would use up the open files, and no limit on connections could prevent it."""
_KEEP_ALIVE_S: Final = 30


class _Listener(socket.socket):
    """Lets connections wait in the kernel, also those that asyncio does not accept in one go."""

    def listen(self, _backlog: int = 0, /) -> None:
        super().listen(_WAITING_CONNECTIONS)


def open_listener(host: str, port: int, *, use: str, setting: str) -> socket.socket:
    """Take a port before anything else is done, so that a busy one is said at once.

    Args:
        host: The address to listen on.
        port: The port; 0 for any.
        use: What the port is for, as an error names it.
        setting: Where another port is chosen, as an error names it.

    Raises:
        UsageError: The port cannot be used.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio switches off the delay of small packets only where the protocol is named.
    listener = _Listener(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise UsageError(
            f"Port {port} on {host} cannot be used for {use}.",
            hint=f"Another program may use it: choose another {setting}.",
        ) from None
    return listener


def build_server_config(
    app: ASGIApp, *, max_connections: int, grace_s: int, has_lifespan: bool = True
) -> uvicorn.Config:
    """Build the configuration of the server of one port.

    Args:
        app: Answers the requests.
        max_connections: Beyond this number the connection that waits longest for its client is
            closed.
        grace_s: How long an answer may take after the server was told to stop.
        has_lifespan: Whether the application is started and stopped with the server.
    """
    return uvicorn.Config(
        app,
        http=build_http_protocol(max_connections),
        lifespan="auto" if has_lifespan else "off",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        # the application itself decides which proxies it believes
        proxy_headers=False,
        timeout_graceful_shutdown=grace_s,
        timeout_keep_alive=_KEEP_ALIVE_S,
        backlog=_ACCEPTED_AT_ONCE,
    )
