"""Serving a cloud on the loopback interface, in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import ASGIApp

from annulet.errors import UsageError

__all__ = ["Listener", "Running", "server_for"]


class Listener:
    """A listening socket on the loopback interface; port 0 takes a free port."""

    def __init__(self, port: int = 0, host: str = "127.0.0.1") -> None:
        # Named protocol: only then does the loop switch off the delay of small packets.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((host, port))
            self._socket.listen(2048)
        except (OSError, OverflowError) as error:
            self._socket.close()
            raise UsageError(
                f"Port {port} on {host} cannot be used.", hint="Take another, or 0 for any."
            ) from error
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://{host}:{self.port}"

    def run(self, app: ASGIApp) -> None:
        """Answer in this thread until told to stop."""
        server_for(app).run(sockets=[self._socket])

    def serve(self, server: uvicorn.Server) -> None:
        """Let a server answer on this socket."""
        server.run(sockets=[self._socket])

    def close(self) -> None:
        """Give the port back."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def server_for(app: ASGIApp) -> uvicorn.Server:
    """A quiet server."""
    return uvicorn.Server(
        uvicorn.Config(
            app, log_level="critical", access_log=False, lifespan="off", timeout_keep_alive=30
        )
    )


class Running:
    """A cloud that answers on the loopback interface while the ``with`` block lasts.

    Attributes:
        port: The port it listens on.
        url: Its base URL.
    """

    def __init__(self, app: ASGIApp, port: int = 0, host: str = "127.0.0.1") -> None:
        self._listener = Listener(port, host)
        self.port, self.url = self._listener.port, self._listener.url
        self._server = server_for(app)
        self._thread = threading.Thread(
            target=self._listener.serve, args=(self._server,), daemon=True
        )

    def start(self) -> Self:
        """Begin to answer."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop, and wait until it has stopped."""
        self._server.should_exit = True
        self._server.force_exit = True
        if self._thread.ident is not None:
            self._thread.join(10)
        self._listener.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        return self.start()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await asyncio.to_thread(self.stop)
