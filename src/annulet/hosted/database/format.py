"""The format version of the database: created when empty, refused when it does not fit."""

from __future__ import annotations

import os
from typing import Final

from sqlalchemy import Connection, func, insert, inspect, select
from sqlalchemy.ext.asyncio import AsyncConnection

from annulet.errors import VaultError
from annulet.hosted.database.engine import ServiceDatabase
from annulet.hosted.database.tables import FORMAT, METADATA, format_version

_UPGRADE_LOCK: Final = 0x616E6E756C6574
"""The name of annulet in ASCII."""


def revision_name(number: int) -> str:
    """Build the name of a format in the migrations.

    >>> revision_name(1)
    '0001'
    """
    return f"{number:04d}"


async def ensure_format(database: ServiceDatabase) -> None:
    """Create the tables of an empty SQLite database; check the format of every other database.

    Raises:
        VaultError: The database is empty and not SQLite, older, or newer than this annulet.
    """
    create_private_file(database)
    version = await read_format(database)
    if version == 0 and database.is_sqlite:
        async with database.write() as connection:
            await connection.run_sync(_create_tables)
        return
    if version == 0:
        raise VaultError(
            "The database is empty.", hint="Make its tables with: annulet admin migrate"
        )
    if version < FORMAT:
        raise VaultError(
            "The database has an older format than this annulet needs.",
            hint="Upgrade it with: annulet admin migrate (it makes a backup first on SQLite).",
        )
    if version > FORMAT:
        raise VaultError(
            "The database was written by a newer annulet.",
            hint="Start the newer version, or restore a backup made by this one.",
        )


def create_private_file(database: ServiceDatabase) -> None:
    """Create the SQLite file and its folder with access for their owner alone."""
    if database.file is None:
        return
    database.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not database.file.exists():
        os.close(os.open(database.file, os.O_CREAT | os.O_WRONLY, 0o600))


async def read_format(database: ServiceDatabase) -> int:
    """Read the format version; 0 for an empty database."""
    async with database.read() as connection:
        return await connection.run_sync(read_format_in)


def read_format_in(connection: Connection) -> int:
    """Read the format version by a connection that is open already."""
    if not inspect(connection).has_table(format_version.name):
        return 0
    number = connection.execute(select(format_version.c.version_num)).scalar()
    return int(number) if number else 0


def _create_tables(connection: Connection) -> None:
    # two processes may start at once: the second one finds the tables of the first
    if read_format_in(connection) == 0:
        METADATA.create_all(connection)
        connection.execute(insert(format_version).values(version_num=revision_name(FORMAT)))


async def lock_upgrades(connection: AsyncConnection) -> None:
    """Let one process at a time upgrade a PostgreSQL database, until its transaction ends."""
    await connection.execute(select(func.pg_advisory_xact_lock(_UPGRADE_LOCK)))
