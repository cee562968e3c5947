"""Many rows in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    String,
    Table,
    bindparam,
    column,
    func,
    insert,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine


async def insert_rows(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, object]]
) -> None:
    """Insert rows in their order, on PostgreSQL as one statement with an array for each column.

    A driver for PostgreSQL executes an insert once a row, which costs the server more than writing
    the row. SQLite has no such cost.

    Args:
        connection: Of a transaction.
        table: Where they belong.
        rows: All with the same columns; none is no statement.
    """
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        await connection.execute(insert(table), list(rows))
        return
    columns = [table.c[name] for name in rows[0]]
    arrays = [_array(each, rows) for each in columns]
    named = [column(each.name, _element_type(each)) for each in columns]
    source = func.unnest(*arrays).table_valued(*named, with_ordinality="place").render_derived()
    ordered = select(*(source.c[each.name] for each in columns)).order_by(source.c.place)
    await connection.execute(insert(table).from_select(list(rows[0]), ordered))


def _array(of: Column[Any], rows: Sequence[Mapping[str, object]]) -> ColumnElement[Any]:
    values = [row[of.name] for row in rows]
    return bindparam(of.name, values, type_=ARRAY(_element_type(of)), unique=True)


def _element_type(of: Column[Any]) -> TypeEngine[Any]:
    # a cast to text of some length would cut what is longer, where an insert refuses it
    return String() if isinstance(of.type, String) else of.type
