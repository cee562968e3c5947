"""Upgrades a database to the format of this annulet; Alembic is imported only here."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

from annulet.errors import VaultError
from annulet.hosted.database.engine import ServiceDatabase
from annulet.hosted.database.format import read_format
from annulet.hosted.database.tables import FORMAT


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
            await connection.run_sync(_run)
    if not database.is_sqlite:
        from annulet.hosted.jobs.queue_schema import apply_queue_schema

        await apply_queue_schema(database)
    return before, FORMAT


def _run(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
