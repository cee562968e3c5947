"""The format of the database: made when there is none, refused when it is not ours to read."""

from __future__ import annotations

import os

from sqlalchemy import Connection, insert, inspect, select

from annulet.errors import VaultError
from annulet.hosted.database.engine import Database
from annulet.hosted.database.tables import FORMAT, METADATA, format_version

__all__ = ["found_format", "make_private_file", "prepare", "revision"]


def revision(number: int) -> str:
    """The name of a format in the migrations.

    >>> revision(1)
    '0001'
    """
    return f"{number:04d}"


async def prepare(database: Database) -> None:
    """Make the tables of an empty SQLite database; check the format of every other.

    Raises:
        VaultError: The database is empty and not SQLite, older, or newer than this annulet.
    """
    make_private_file(database)
    found = await found_format(database)
    if found == 0 and database.sqlite:
        async with database.write() as connection:
            await connection.run_sync(_create)
        return
    if found == 0:
        raise VaultError(
            "The database is empty.", hint="Make its tables with: annulet admin migrate"
        )
    if found < FORMAT:
        raise VaultError(
            "The database has an older format than this annulet needs.",
            hint="Upgrade it with: annulet admin migrate (it makes a backup first on SQLite).",
        )
    if found > FORMAT:
        raise VaultError(
            "The database was written by a newer annulet.",
            hint="Start the newer version, or restore a backup made by this one.",
        )


def make_private_file(database: Database) -> None:
    """Let the file of SQLite and its folder belong to one user from the first byte."""
    if database.file is None:
        return
    database.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not database.file.exists():
        os.close(os.open(database.file, os.O_CREAT | os.O_WRONLY, 0o600))


async def found_format(database: Database) -> int:
    """The format of the database; 0 when it is empty."""
    async with database.read() as connection:
        return await connection.run_sync(_read_format)


def _read_format(connection: Connection) -> int:
    if not inspect(connection).has_table(format_version.name):
        return 0
    number = connection.execute(select(format_version.c.version_num)).scalar()
    return int(number) if number else 0


def _create(connection: Connection) -> None:
    if _read_format(connection) == 0:
        METADATA.create_all(connection)
        connection.execute(insert(format_version).values(version_num=revision(FORMAT)))
