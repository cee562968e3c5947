"""The format version of the database: created when empty, refused when it cannot be used.

The database names its own format, and the oldest one whose programs can still use it. So a replica
goes on, and starts again, beside a newer one (docs/decisions/0034-expand-and-contract.md).
"""

from __future__ import annotations

import os
from typing import Final, NamedTuple

from sqlalchemy import Connection, func, insert, inspect, select
from sqlalchemy.ext.asyncio import AsyncConnection

from annulet.errors import VaultError
from annulet.hosted.database.engine import ServiceDatabase
from annulet.hosted.database.tables import (
    FORMAT,
    METADATA,
    READABLE_FROM,
    format_version,
    options,
)

READABLE_FROM_OPTION: Final = "readable_from"
_UPGRADE_LOCK: Final = 0x616E6E756C6574
"""The name of annulet in ASCII."""


class StoredFormat(NamedTuple):
    """What a database says of itself.

    Attributes:
        version: Its format; 0 for an empty database.
        readable_from: The oldest format whose programs can use it.
    """

    version: int
    readable_from: int


def revision_name(number: int) -> str:
    """Build the name of a format in the migrations.

    >>> revision_name(1)
    '0001'
    """
    return f"{number:04d}"


async def ensure_format(database: ServiceDatabase) -> None:
    """Create the tables of an empty SQLite database; check the format of every other database.

    Raises:
        VaultError: The database is empty and not SQLite, or this annulet cannot use it.
    """
    create_private_file(database)
    if database.is_sqlite and await read_format(database) == 0:
        async with database.write() as connection:
            await connection.run_sync(_create_tables)
        return
    await check_format(database)


async def check_format(database: ServiceDatabase) -> None:
    """Check that this annulet can use the database.

    Raises:
        VaultError: It is empty, older, or newer than this annulet can use.
    """
    async with database.read() as connection:
        stored = await connection.run_sync(read_stored_format)
    if stored.version == 0:
        raise VaultError(
            "The database is empty.", hint="Make its tables with: annulet admin migrate"
        )
    if stored.version < FORMAT:
        raise VaultError(
            "The database has an older format than this annulet needs.",
            hint="Upgrade it with: annulet admin migrate (it makes a backup first on SQLite).",
        )
    if stored.readable_from > FORMAT:
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


def read_stored_format(connection: Connection) -> StoredFormat:
    """Read what a database says of itself; without a word it can be used by its own format."""
    version = read_format_in(connection)
    if version == 0:
        return StoredFormat(0, 0)
    query = select(options.c.value).where(options.c.name == READABLE_FROM_OPTION)
    readable_from = connection.execute(query).scalar()
    return StoredFormat(version, int(readable_from) if readable_from else version)


def write_readable_from(connection: Connection, number: int) -> None:
    """Write the oldest format whose programs can use the database."""
    name = READABLE_FROM_OPTION
    connection.execute(options.delete().where(options.c.name == name))
    connection.execute(insert(options).values(name=name, value=str(number)))


def _create_tables(connection: Connection) -> None:
    # two processes may start at once: the second one finds the tables of the first
    if read_format_in(connection) == 0:
        METADATA.create_all(connection)
        connection.execute(insert(format_version).values(version_num=revision_name(FORMAT)))
        write_readable_from(connection, READABLE_FROM)


async def lock_upgrades(connection: AsyncConnection) -> None:
    """Let one process at a time upgrade a PostgreSQL database, until its transaction ends."""
    await connection.execute(select(func.pg_advisory_xact_lock(_UPGRADE_LOCK)))
