"""``annulet serve``: the hosted service, until Ctrl-C."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from annulet.cli import output
from annulet.cli.ports import Port
from annulet.errors import UsageError

if TYPE_CHECKING:
    from annulet.settings import Settings

__all__ = ["serve"]

_GRACE_SECONDS = 15


def serve(
    *,
    host: Annotated[str, Parameter(help="The address to listen on.")] = "",
    port: Annotated[Port | None, Parameter(help="The port to listen on.")] = None,
    offline: Annotated[
        bool, Parameter(help="Do not fetch metadata documents of clients.", negative=())
    ] = False,
) -> None:
    """Serve accounts, the dashboard, MCP endpoints and the authorization server.

    SQLite under ANNULET_HOME is made when there is no database. Put a TLS proxy in front for
    other machines and set ANNULET_PUBLIC_URL to its https address.
    """
    import logging
    import sys

    try:
        import uvicorn

        from annulet.hosted.app import create_app
        from annulet.hosted.authorization.documents import retrieve
        from annulet.hosted.connections.flows import CALLBACK
        from annulet.hosted.web.request_log import LOGGER, JsonLines
    except ModuleNotFoundError as missing:
        raise UsageError(
            f"The hosted service needs more than is installed ({missing.name}).",
            hint="Install it with: pip install 'annulet[server]'",
        ) from None
    from annulet.settings import Settings
    from annulet.wiring import utc_now

    settings = _listening(Settings.from_environ(), host, port)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    for name in (LOGGER, "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(logging.INFO)
    # a service on loopback is a trial: it may have no way out, and clients then fail to describe
    # themselves where registering would have worked
    fetches = not offline and settings.public_url.startswith("https://")
    app = create_app(settings, clock=utc_now, retrieve=retrieve if fetches else None)
    output.note(f"annulet serves {settings.public_url} until Ctrl-C.")
    if not settings.client_id or settings.client_secret is None:
        output.note("To connect a ring, set ANNULET_CLIENT_ID and ANNULET_CLIENT_SECRET.")
    output.note(f"The redirect address to register at Oura: {settings.public_url}{CALLBACK}")
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        timeout_keep_alive=30,
    )


def _listening(settings: Settings, host: str, port: int | None) -> Settings:
    """The settings with the address of the command line; the public address follows the port."""
    from dataclasses import replace

    if host:
        settings = replace(settings, host=host)
    if port is None:
        return settings
    default = f"http://127.0.0.1:{settings.port}"
    public = f"http://127.0.0.1:{port}" if settings.public_url == default else settings.public_url
    return replace(settings, port=port, public_url=public)
