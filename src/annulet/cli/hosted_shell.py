"""The hosted service for a command that works beside the running service."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from annulet.errors import UsageError

if TYPE_CHECKING:
    from annulet.hosted.admin.admin_actions import AdminActions
    from annulet.hosted.observability.observers import Observers
    from annulet.hosted.service import Service

SERVER_PACKAGES: Final = ("jinja2", "sqlalchemy", "aiosqlite", "alembic", "argon2", "idna")


def is_server_installed() -> bool:
    """Whether the packages of the extra ``server`` are there."""
    try:
        return all(find_spec(name) is not None for name in SERVER_PACKAGES)
    except ModuleNotFoundError:
        return False


def not_installed(missing: ModuleNotFoundError) -> UsageError:
    """What to say where the hosted service, an extra, is not there."""
    return UsageError(
        f"The hosted service needs more than is installed ({missing.name}).",
        hint="Install it with: pip install 'annulet[server]'",
    )


def run(
    work: Callable[[Service, AdminActions], Awaitable[None]], *, observers: Observers | None = None
) -> None:
    """Do something with the service, on a database of the right format.

    Args:
        work: What to do.
        observers: Count what happens.
    """

    async def run_checked(service: Service) -> None:
        from annulet.hosted.admin.admin_actions import AdminActions
        from annulet.hosted.lifespan import prepare

        await prepare(service)
        await work(service, AdminActions(service, "shell"))

    run_bare(run_checked, observers=observers)


def run_bare(
    work: Callable[[Service], Awaitable[None]],
    *,
    statement_timeout_s: int | None = None,
    observers: Observers | None = None,
) -> None:
    """Do something with the service, whatever the database is like.

    Args:
        work: What to do.
        statement_timeout_s: In place of the setting.
        observers: Count what happens.
    """
    from annulet.hosted.service import Service
    from annulet.settings import Settings
    from annulet.wiring import utc_now

    async def all_of_it() -> None:
        settings = Settings.from_environ()
        if statement_timeout_s is not None:
            settings = replace(settings, statement_timeout_s=statement_timeout_s)
        service = Service(settings, clock=utc_now, observers=observers)
        try:
            await work(service)
        finally:
            await service.close()

    asyncio.run(all_of_it())
