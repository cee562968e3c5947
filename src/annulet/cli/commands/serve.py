"""``annulet serve``: the hosted service, until Ctrl-C."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from annulet.cli.output import streams
from annulet.cli.ports import Port

if TYPE_CHECKING:
    import uvicorn

    from annulet.hosted.service import Service
    from annulet.settings import Settings

_GRACE_SECONDS = 28
"""A question has 25 s, and what stops services often waits for 30 s."""
_MAX_CONNECTIONS = 4096
_OTHER_FILES = 512
"""Open files besides connections of clients: 200 connections to Oura, database, logs."""


def serve(
    *,
    host: Annotated[str, Parameter(help="The address to listen on.")] = "",
    port: Annotated[Port | None, Parameter(help="The port to listen on; 0 for any.")] = None,
    no_jobs: Annotated[
        bool, Parameter(help="Leave the jobs to annulet worker (PostgreSQL).")
    ] = False,
    offline: Annotated[bool, Parameter(help="Do not fetch metadata documents of clients.")] = False,
) -> None:
    """Serve accounts, the dashboard, MCP endpoints and the authorization server.

    SQLite under ANNULET_HOME is made when there is no database. Put a TLS proxy in front for
    other machines and set ANNULET_PUBLIC_URL to its https address.
    """
    from annulet.hosted.lifespan import preflight
    from annulet.hosted.web.json_log import log_as_json
    from annulet.hosted.web.listener import open_listener
    from annulet.hosted.web.metrics_server import open_metrics_listener
    from annulet.settings import Settings
    from annulet.wiring import utc_now

    settings = Settings.from_environ()
    address = host or settings.host, settings.port if port is None else port
    with (
        open_metrics_listener(settings.observability) or nullcontext() as metrics_listener,
        open_listener(*address, use="the service", setting="with --port") as listener,
    ):
        settings = _replace_address(settings, host, listener.getsockname()[1])
        build_service = _prepare_service(settings, offline=offline)
        setup_link = asyncio.run(preflight(settings, utc_now))
        log_as_json()

        def announce() -> None:
            _show_addresses(settings, setup_link)
            show_metrics_address(metrics_listener)

        server = _build_server(
            settings,
            build_service,
            runs_jobs=not no_jobs,
            metrics_listener=metrics_listener,
            announce=announce,
        )
        # before Ctrl-C is offered: an interrupt inside a finalizer is lost
        _look_for_garbage_less()
        server.run(sockets=[listener])


def _prepare_service(settings: Settings, *, offline: bool) -> Callable[[], Service]:
    """Return what builds the service, with what the settings ask to observe."""
    from annulet.hosted.authorization.client_documents import build_fetch_document
    from annulet.hosted.observability.observers import build_observers
    from annulet.hosted.service import Service
    from annulet.wiring import utc_now

    observers = build_observers(settings.observability)
    # A service on loopback may have no network. Clients with a metadata document would then
    # fail where dynamic registration works.
    fetches = not offline and settings.public_url.startswith("https://")
    fetch = build_fetch_document() if fetches else None
    return partial(Service, settings, clock=utc_now, fetch_document=fetch, observers=observers)


def _build_server(
    settings: Settings,
    build_service: Callable[[], Service],
    *,
    runs_jobs: bool,
    metrics_listener: socket.socket | None,
    announce: Callable[[], None],
) -> uvicorn.Server:
    """Build the server; it announces itself when it serves, and can be interrupted from then on."""
    import uvicorn

    from annulet.hosted.app import create_app
    from annulet.hosted.web.listener import build_server_config

    app = create_app(
        settings, build_service, runs_jobs=runs_jobs, metrics_listener=metrics_listener
    )
    config = build_server_config(
        app, max_connections=_raise_connection_limit(), grace_s=_GRACE_SECONDS
    )

    class AnnouncedServer(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                announce()

    return AnnouncedServer(config)


def _show_addresses(settings: Settings, setup_link: str) -> None:
    """Say where the service is, and what the operator has to do before others can use it."""
    from annulet.hosted.connections.oura_authorization import CALLBACK_PATH

    streams.note(f"annulet serves {settings.public_url} until Ctrl-C.")
    if setup_link:
        streams.note("There is no admin yet. Who opens this link first becomes the admin:")
        streams.write(setup_link)
    if not settings.client_id or settings.client_secret is None:
        streams.note("To connect a ring, set ANNULET_CLIENT_ID and ANNULET_CLIENT_SECRET.")
    if settings.public_url.startswith("https://") and not settings.trusted_proxies:
        streams.note(
            "Set ANNULET_TRUSTED_PROXIES to the address of the TLS proxy, or all people share "
            "the limits of one address."
        )
    streams.note(f"The redirect address to register at Oura: {settings.public_url}{CALLBACK_PATH}")


def show_metrics_address(listener: socket.socket | None) -> None:
    """Say where scrapers find the metrics, if there are any."""
    if listener is not None:
        host, port = listener.getsockname()[:2]
        streams.note(f"Metrics are at http://{f'[{host}]' if ':' in host else host}:{port}/metrics")


def _raise_connection_limit() -> int:
    """Return how many connections may be open, after raising the limit of open files."""
    try:
        import resource
    except ModuleNotFoundError:  # Windows
        return _MAX_CONNECTIONS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MAX_CONNECTIONS + _OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        return max(most // 2, most - _OTHER_FILES)
    return _MAX_CONNECTIONS


def _look_for_garbage_less() -> None:
    """A question leaves few cycles, and what was loaded stays: ten per cent more questions."""
    import gc

    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def _replace_address(settings: Settings, host: str, port: int) -> Settings:
    """The settings with where it really listens; a public address of our own follows the port."""
    from dataclasses import replace

    usual = f"http://127.0.0.1:{settings.port}"
    public = f"http://127.0.0.1:{port}" if settings.public_url == usual else settings.public_url
    return replace(settings, host=host or settings.host, port=port, public_url=public)
