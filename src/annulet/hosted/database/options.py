"""Named values of the service, one row each in the table ``options``."""

from __future__ import annotations

from sqlalchemy import select

from annulet.hosted.database import tables
from annulet.hosted.database.engine import ServiceDatabase

_o = tables.options.c


async def read_option(database: ServiceDatabase, name: str) -> str | None:
    """Read a value; ``None`` when it was never written."""
    value: str | None = await database.fetch_value(select(_o.value).where(_o.name == name))
    return value


async def write_option(database: ServiceDatabase, name: str, value: str) -> None:
    """Write a value over the one before."""
    row = database.insert(tables.options).values(name=name, value=value)
    await database.execute(
        row.on_conflict_do_update(index_elements=[_o.name], set_={"value": value})
    )
