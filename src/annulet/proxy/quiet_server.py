"""The server of the proxy: no log, because the journal is the log, and an end in good order."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

import uvicorn
from starlette.types import ASGIApp

_ENDINGS: Final = (signal.SIGINT, signal.SIGTERM)


class QuietServer(uvicorn.Server):
    """A server without a log and without tracebacks.

    Args:
        app: The application.
        ready: Called once requests are answered and signals are heard.

    Attributes:
        is_interrupted: Whether Ctrl-C has ended it.
    """

    def __init__(self, app: ASGIApp, *, ready: Callable[[], None] = lambda: None) -> None:
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
        super().__init__(config)
        self._ready = ready
        self.is_interrupted = False

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end."""
        self.is_interrupted |= sig == signal.SIGINT
        super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Hear the signals that end it, in the main thread.

        uvicorn raises a signal again when it has stopped, which would end the process before
        files are closed and the socket is removed.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        previous = {number: signal.signal(number, self.handle_exit) for number in _ENDINGS}
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)
