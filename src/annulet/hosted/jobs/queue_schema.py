"""Procrastinate's own tables on PostgreSQL: made with ours, and upgraded by its own scripts."""

from __future__ import annotations

from importlib import resources
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from annulet.hosted.database import tables
from annulet.hosted.database.engine import ServiceDatabase
from annulet.hosted.database.options import read_option

_OPTION: Final = "queue_schema"
"""The name of the last script that was applied."""


async def apply_queue_schema(database: ServiceDatabase) -> None:
    """Make the tables of the queue, or run the scripts that they have not had.

    Args:
        database: PostgreSQL, with the tables of the service.
    """
    done = await read_option(database, _OPTION)
    package = resources.files("procrastinate.sql")
    names = sorted(
        file.name for file in (package / "migrations").iterdir() if file.name.endswith(".sql")
    )
    if done == names[-1]:
        return
    async with database.write() as connection:
        scripts = [package / "migrations" / name for name in names if done and name > done]
        for script in scripts or [package / "schema.sql"]:
            await _run_script(connection, script.read_text(encoding="utf-8"))
        row = database.insert(tables.options).values(name=_OPTION, value=names[-1])
        await connection.execute(
            row.on_conflict_do_update(
                index_elements=[tables.options.c.name], set_={"value": names[-1]}
            )
        )


async def _run_script(connection: AsyncConnection, script: str) -> None:
    """Run many statements at once, which the driver allows only where nothing is bound."""
    await connection.execute(text("SELECT 1"))  # the transaction begins with a statement
    raw = await connection.get_raw_connection()
    if raw.driver_connection is not None:
        await raw.driver_connection.execute(script)
