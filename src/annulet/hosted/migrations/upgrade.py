"""Upgrades a database to the format of this annulet; Alembic is imported only here."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, func, select

from annulet.errors import VaultError
from annulet.hosted.database.engine import ServiceDatabase
from annulet.hosted.database.format import read_format, read_format_in
from annulet.hosted.database.tables import FORMAT

_LOCK: Final = 0x616E6E756C6574
"""The advisory lock of upgrades on PostgreSQL: the name of annulet in ASCII."""


async def upgrade(database: ServiceDatabase) -> tuple[int, int]:
    """Run the upgrades that the database has not had.

    Returns:
        The format before and after.

    Raises:
        VaultError: The database is newer than this annulet.
    """
    before = await read_format(database)
    if before > FORMAT:
        raise VaultError(
            "The database was written by a newer annulet.", hint="Start the newer version."
        )
    if before < FORMAT:
        async with database.write() as connection:
            if not database.is_sqlite:
                await connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
            await connection.run_sync(_run)
    return before, FORMAT


def _run(connection: Connection) -> None:
    if read_format_in(connection) == FORMAT:
        return  # another process has upgraded it while this one waited for the lock
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
