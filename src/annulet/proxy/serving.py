"""Serves the proxy on a loopback port, and on a private unix socket where one is wanted."""

from __future__ import annotations

import os
import socket
import stat
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from annulet.errors import UsageError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

_PORT_OF_HTTP: Final = 80
_HOST: Final = "127.0.0.1"


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


async def serve(
    app: ASGIApp, listeners: Sequence[socket.socket], *, ready: Callable[[], None] = lambda: None
) -> None:
    """Serve until the process is asked to end (Ctrl-C, SIGTERM).

    Args:
        app: The application.
        listeners: Bound sockets.
        ready: Called once requests are answered and signals are heard.

    Raises:
        KeyboardInterrupt: Ctrl-C has ended it.
    """
    from annulet.proxy.quiet_server import QuietServer

    server = QuietServer(app, ready=ready)
    await server.serve(sockets=list(listeners))
    if server.is_interrupted:
        raise KeyboardInterrupt


def _remove_dead(path: Path) -> None:
    if not path.exists() or not stat.S_ISSOCK(path.stat().st_mode):
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
