"""What happens before the first request and after the last one."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import select

from annulet.contract.addresses import is_loopback
from annulet.errors import UsageError, VaultError
from annulet.hosted.clock import Clock
from annulet.hosted.connections.stored_keys import CHAT_STATE_KEY, KEY_NAMES
from annulet.hosted.database import tables
from annulet.hosted.database.format import ensure_format
from annulet.hosted.lost_connections import log_lost_connections
from annulet.hosted.service import Service
from annulet.hosted.web.json_log import LOGGER
from annulet.settings import Settings, loopback


def check_settings(settings: Settings) -> None:
    """Check that the settings are safe.

    Raises:
        UsageError: Single-user mode beyond this machine.
    """
    is_local = is_loopback(settings.host) and loopback(settings.public_url)
    if settings.single_user and not is_local:
        raise UsageError(
            "Single-user mode has no sign-in, so it works only on this machine.",
            hint="Unset ANNULET_SINGLE_USER, or keep ANNULET_HOST and ANNULET_PUBLIC_URL on "
            "127.0.0.1.",
        )


async def preflight(settings: Settings, clock: Clock) -> str:
    """Check that the service can start, while an error can still be printed for the operator.

    Returns:
        A new set-up link where the service has no admin yet, else an empty text.

    Raises:
        UsageError: The settings would be unsafe.
        VaultError: The database or the key does not fit.
    """
    check_settings(settings)
    service = Service(settings, clock=clock)
    try:
        await prepare(service)
        token = await service.accounts.sign_up.create_setup_token()
    finally:
        await service.close()
    needs_link = token and not settings.single_user
    return f"{settings.public_url}/sign-up?invitation={token}" if needs_link else ""


async def prepare(service: Service) -> None:
    """Create or check the database and the sealing key.

    Raises:
        VaultError: The database or the key does not fit.
    """
    await ensure_format(service.database)
    service.sealing_keys.ensure(has_sealed_rows=await _has_sealed_rows(service))
    try:
        await service.stored_keys.get(CHAT_STATE_KEY)
    except VaultError:
        raise VaultError(
            "The database was sealed with another key than the one at hand.",
            hint="Give the key it was sealed with (ANNULET_KEY or ANNULET_KEY_FILE). If it is "
            "lost: annulet admin forget-unreadable",
        ) from None


@asynccontextmanager
async def service_lifespan(
    service: Service, *, runs_jobs: bool = True, metrics_listener: socket.socket | None = None
) -> AsyncIterator[None]:
    """Open the service, run its background tasks, and close everything at the end.

    Args:
        service: The service.
        runs_jobs: Whether this process runs the jobs, or leaves them to ``annulet worker``; the
            only process of a service on SQLite always does.
        metrics_listener: Where metrics are served; ``None`` for nowhere.
    """
    log_lost_connections(asyncio.get_running_loop())
    try:
        await prepare(service)
        if service.sealing_keys.warning:
            logging.getLogger(LOGGER).warning(service.sealing_keys.warning)
        if service.settings.single_user and await service.toolkit.queue.read_capacity() < 1:
            await service.toolkit.queue.set_capacity(1)  # the only person needs no approval
        await service.pseudonyms.find("")  # makes the key: no question waits for it
        service.background.start("audit", service.audit.run)
        start_metrics(service, metrics_listener)
        if runs_jobs or service.database.is_sqlite:
            service.background.start("jobs", service.jobs.run)
        try:
            yield
        finally:
            await service.background.stop()
    finally:
        await service.close()


def start_metrics(service: Service, listener: socket.socket | None) -> None:
    """Serve the metrics of a service in the background, where there is a listener for them."""
    if listener is None:
        return
    # prometheus-client is an extra, and there is a listener only where it is installed
    from annulet.hosted.service_gauges import build_metrics_app
    from annulet.hosted.web.metrics_server import MetricsServer

    service.background.start("metrics", MetricsServer(build_metrics_app(service), listener).run)


async def _has_sealed_rows(service: Service) -> bool:
    c, o = tables.connections.c, tables.options.c
    connections = select(c.person_id).where(c.sealed.is_not(None)).limit(1)
    keys = select(o.name).where(o.name.in_(KEY_NAMES)).limit(1)
    return bool(await service.database.fetch_all(connections)) or bool(
        await service.database.fetch_all(keys)
    )
