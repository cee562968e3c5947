"""The port of the metrics, beside the one of the service and in the same event loop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from annulet.contract.addresses import is_loopback
from annulet.errors import UsageError
from annulet.hosted.web.listener import build_server_config, open_listener
from annulet.settings import ObservabilitySettings

_CONNECTIONS = 32
"""A scraper or two, each with one connection at a time, and as many as are accepted in one go: a
burst must not close the connection of a scraper whose request is about to arrive."""


def open_metrics_listener(settings: ObservabilitySettings) -> socket.socket | None:
    """Take the port of the metrics before anything else, so that a busy one is said at once.

    Returns:
        ``None`` where metrics are off.

    Raises:
        UsageError: The port cannot be used, or others could read the metrics without a token.
    """
    if settings.metrics_port is None:
        return None
    host, port = settings.metrics_host, settings.metrics_port
    if settings.metrics_token is None and not is_loopback(host):
        raise UsageError(
            "ANNULET_METRICS_HOST opens the metrics to others without a token.",
            hint="Set ANNULET_METRICS_TOKEN or ANNULET_METRICS_TOKEN_FILE, or keep 127.0.0.1.",
        )
    setting = "in ANNULET_METRICS_PORT"
    return open_listener(host, port, use="the metrics", setting=setting)


class _Server(uvicorn.Server):
    """Leaves the signals of the process to the server of the service."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class MetricsServer:
    """Serves the metrics on a socket until it is cancelled.

    Args:
        app: Answers scrapers.
        listener: Where they connect; it is closed at the end.
    """

    def __init__(self, app: ASGIApp, listener: socket.socket) -> None:
        self._app = app
        self._listener = listener

    async def run(self) -> None:
        """Serve until cancelled."""
        config = build_server_config(
            self._app, max_connections=_CONNECTIONS, grace_s=1, has_lifespan=False
        )
        server = _Server(config)
        # a copy, because the server closes what it is given, and may be started again
        serving = asyncio.create_task(server.serve([self._listener.dup()]))
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            server.should_exit = True
            await serving
            self._listener.close()
            raise
