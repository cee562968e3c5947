"""What happens before the first request and after the last one."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from annulet.contract.addresses import is_loopback
from annulet.errors import UsageError
from annulet.hosted.clock import Clock
from annulet.hosted.connections import stored_keys
from annulet.hosted.database import tables
from annulet.hosted.database.format import prepare
from annulet.hosted.service import Service, assemble
from annulet.hosted.web.request_log import LOGGER
from annulet.oauth.cancellation import run_to_completion
from annulet.settings import Settings, loopback

__all__ = ["check_settings", "has_sealed_rows", "preflight", "started"]

_HOUSEKEEPING_SECONDS: Final = 6 * 3600


def check_settings(settings: Settings) -> None:
    """Refuse what would be unsafe.

    Raises:
        UsageError: Single-user mode beyond this machine.
    """
    local = is_loopback(settings.host) and loopback(settings.public_url)
    if settings.single_user and not local:
        raise UsageError(
            "Single-user mode has no sign-in, so it works only on this machine.",
            hint="Unset ANNULET_SINGLE_USER, or keep ANNULET_HOST and ANNULET_PUBLIC_URL on "
            "127.0.0.1.",
        )


async def preflight(settings: Settings, clock: Clock) -> None:
    """Find out whether the service can start, while a sentence can still reach the operator.

    Raises:
        UsageError: The settings would be unsafe.
        VaultError: The database or the key does not fit.
    """
    check_settings(settings)
    service = assemble(settings, clock=clock)
    try:
        await prepare(service.database)
        service.seals.ensure(sealed_rows=await has_sealed_rows(service))
    finally:
        await service.close()


@asynccontextmanager
async def started(service: Service) -> AsyncIterator[None]:
    """Open the database, look after it, and close everything in the end."""
    log = logging.getLogger(LOGGER)
    try:
        await prepare(service.database)
        service.seals.ensure(sealed_rows=await has_sealed_rows(service))
        if service.seals.warning:
            log.warning(service.seals.warning)
        if service.settings.single_user:
            await _approve_only_person(service)
        tasks = [
            asyncio.create_task(service.journal.run()),
            asyncio.create_task(service.inbox.run()),
            asyncio.create_task(service.keeper.run()),
            asyncio.create_task(_look_after(service)),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            for task in tasks:
                with contextlib.suppress(asyncio.CancelledError):
                    await task
    finally:
        await service.close()


async def has_sealed_rows(service: Service) -> bool:
    """Whether anything was ever sealed with a key."""
    c, o = tables.connections.c, tables.options.c
    async with service.database.read() as connection:
        row = select(c.person_id).where(c.sealed.is_not(None)).limit(1)
        if (await connection.execute(row)).scalar() is not None:
            return True
        kept = await connection.execute(
            select(o.name).where(o.name.in_(stored_keys.NAMES)).limit(1)
        )
        return kept.scalar() is not None


async def _look_after(service: Service) -> None:
    """Remove what has served its time."""
    while True:
        # A write that is cancelled half-way would hold up whoever writes last.
        await run_to_completion(_tidy(service))
        await asyncio.sleep(_HOUSEKEEPING_SECONDS)


async def _tidy(service: Service) -> None:
    try:
        await service.journal.forget_old()
        await service.tokens.forget_expired()
        await service.clients.forget_unused()
        await service.inbox.forget_old()
    except SQLAlchemyError:
        logging.getLogger(LOGGER).exception("housekeeping has to wait for the database")


async def _approve_only_person(service: Service) -> None:
    """Who runs the service alone needs no approval."""
    if await service.queue.capacity() < 1:
        await service.queue.set_capacity(1)
