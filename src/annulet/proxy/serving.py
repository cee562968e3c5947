"""Serves the proxy on a loopback port, and on a private unix socket where one is wanted."""

from __future__ import annotations

import os
import signal
import socket
import stat
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from annulet.errors import UsageError

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp

_PORT_OF_HTTP: Final = 80
_HOST: Final = "127.0.0.1"
_ENDINGS: Final = (signal.SIGINT, signal.SIGTERM)


def bind_loopback(port: int) -> socket.socket:
    """Bind a socket on 127.0.0.1 for this process alone; port 0 takes a free one.

    Raises:
        UsageError: The port is taken, or is none.
    """
    # asyncio switches off the delay of small packets only where the protocol is named; with the
    # delay every answer waits 40 ms for an acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if sys.platform == "win32":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((_HOST, port))
        listener.listen(128)
    except (OSError, OverflowError):
        listener.close()
        raise UsageError(
            f"Port {port} on {_HOST} cannot be used; another program may have it.",
            hint="Choose another with --port, or 0 for any free one.",
        ) from None
    return listener


def bind_unix(path: Path) -> socket.socket:
    """Bind a unix socket with mode 0600 from the start; a dead socket of that name is replaced.

    Raises:
        UsageError: The path is taken, too long, or the system knows no unix sockets.
    """
    if not hasattr(socket, "AF_UNIX"):
        raise UsageError("This system has no unix sockets.", hint="Leave out --socket.")
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    previous_umask = os.umask(0o177)
    try:
        _remove_dead(path)
        listener.bind(str(path))
        listener.listen(128)
    except OSError:
        listener.close()
        raise UsageError(
            "The unix socket cannot be made there.",
            hint="Choose a short path in a folder of yours where nothing has that name.",
        ) from None
    finally:
        os.umask(previous_umask)
    return listener


def allowed_hosts(listener: socket.socket) -> frozenset[bytes]:
    """Return the values of ``Host`` that name a listener."""
    if listener.family != socket.AF_INET:
        return frozenset({b"localhost", b"annulet"})
    port = listener.getsockname()[1]
    hosts = {f"{host}:{port}".encode() for host in (_HOST, "localhost")}
    if port == _PORT_OF_HTTP:  # left out of the header
        hosts |= {_HOST.encode(), b"localhost"}
    return frozenset(hosts)


def server(app: ASGIApp, *, ready: Callable[[], None] = lambda: None) -> uvicorn.Server:
    """Build a server without a log, because the journal is the log, and without tracebacks."""
    import uvicorn

    class Quiet(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready()

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            # uvicorn raises a signal again when it has stopped, which would end the process
            # before files are closed and the socket is removed.
            if threading.current_thread() is not threading.main_thread():
                yield
                return
            previous = {number: signal.signal(number, self.handle_exit) for number in _ENDINGS}
            try:
                yield
            finally:
                for number, handler in previous.items():
                    signal.signal(number, handler)

    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        log_level="critical",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=2,
        limit_concurrency=200,
        h11_max_incomplete_event_size=32_768,
    )
    return Quiet(config)


async def serve(
    app: ASGIApp, listeners: Sequence[socket.socket], *, ready: Callable[[], None] = lambda: None
) -> None:
    """Serve until the process is asked to end (Ctrl-C, SIGTERM).

    Args:
        app: The application.
        listeners: Bound sockets.
        ready: Called once requests are answered and signals are heard.
    """
    await server(app, ready=ready).serve(sockets=list(listeners))


def _remove_dead(path: Path) -> None:
    if not path.exists() or not stat.S_ISSOCK(path.stat().st_mode):
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
