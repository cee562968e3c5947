"""Upgrades a database to the format of this annulet; Alembic is imported only here.

While an upgrade runs, replicas of the version before go on answering and writing. So each revision
is a transaction of its own that never waits long for a lock, and what takes time is done before it
(docs/decisions/0034-expand-and-contract.md).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, text

from annulet.errors import DatabaseUnavailable
from annulet.hosted.database.engine import ServiceDatabase
from annulet.hosted.database.format import (
    check_format,
    lock_upgrades,
    read_format,
    read_format_in,
    revision_name,
    write_readable_from,
)
from annulet.hosted.database.tables import FORMAT

_LOCK_TIMEOUT: Final = "SET LOCAL lock_timeout = '3s'"
"""Every other transaction that needs the table waits behind one that waits for its lock."""
_ATTEMPTS: Final = 20
_PAUSE_S: Final = 2.0


async def upgrade(database: ServiceDatabase) -> tuple[int, int]:
    """Run the upgrades that the database has not had.

    Returns:
        The format before and after.

    Raises:
        DatabaseUnavailable: It does not answer, or a table stayed locked; run it again.
        VaultError: The database is newer than this annulet can use.
    """
    before = await read_format(database)
    if before > FORMAT:
        await check_format(database)
        return before, before
    for number in range(before + 1, FORMAT + 1):
        prepare = getattr(load_revision(number), "prepare", None)
        if prepare is not None and not database.is_sqlite:
            await _retry(database, partial(prepare, database))
        await _retry(database, partial(_upgrade_to, database, number))
    finish = getattr(load_revision(FORMAT), "finish", None)
    if finish is not None and not database.is_sqlite:
        await _retry(database, partial(finish, database))
    if not database.is_sqlite:
        from annulet.hosted.jobs.queue_schema import apply_queue_schema

        await apply_queue_schema(database)
    return before, FORMAT


async def _upgrade_to(database: ServiceDatabase, number: int) -> None:
    """Run one revision."""
    async with database.write() as connection:
        if not database.is_sqlite:
            await lock_upgrades(connection)
            await connection.execute(text(_LOCK_TIMEOUT))
        await connection.run_sync(_run, number)


async def _retry(database: ServiceDatabase, step: Callable[[], Awaitable[None]]) -> None:
    """Run a step; where a table is locked for long, try again."""
    for attempt in range(_ATTEMPTS):
        try:
            await step()
        except DatabaseUnavailable:
            if database.is_sqlite or attempt == _ATTEMPTS - 1:
                raise
            await asyncio.sleep(_PAUSE_S)
        else:
            return


def _run(connection: Connection, number: int) -> None:
    if read_format_in(connection) >= number:
        return  # another process has upgraded it while this one waited for the lock
    from alembic import command

    config = _alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision_name(number))
    write_readable_from(connection, load_revision(number).READABLE_FROM)


def load_revision(number: int) -> Any:
    """Load the module of a revision."""
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(_alembic_config())
    return script.get_revision(revision_name(number)).module


def _alembic_config() -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config
