"""Fills the partitions of the audit log while replicas of format 2 go on writing (format 3).

A trigger copies what they write and delete from then on, and batches copy what was there before.
Every step can be stopped and run again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy import Connection, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from annulet.errors import VaultError
from annulet.hosted.audit.audit_partitions import AuditPartitions
from annulet.hosted.clock import from_epoch_s
from annulet.hosted.database.engine import ServiceDatabase
from annulet.hosted.database.format import lock_upgrades, read_format_in

_FORMAT: Final = 3
_BATCH: Final = 5_000
COLUMNS: Final = (
    "id, at, person_id, action, actor, client, endpoint_id, tool, status, bytes, milliseconds"
)
CREATE: Final = (
    """\
CREATE TABLE audit_entries (
    id bigint NOT NULL DEFAULT nextval('audit_id_seq'),
    at bigint NOT NULL,
    person_id varchar(32) CONSTRAINT fk_audit_entries_person_id
        REFERENCES people (id) ON DELETE CASCADE,
    action varchar(60) NOT NULL,
    actor varchar(120) NOT NULL,
    client varchar(120) NOT NULL,
    endpoint_id varchar(32) NOT NULL,
    tool varchar(64) NOT NULL,
    status varchar(40) NOT NULL,
    bytes integer NOT NULL,
    milliseconds integer NOT NULL,
    CONSTRAINT pk_audit_entries PRIMARY KEY (at, id)
) PARTITION BY RANGE (at)""",
    "CREATE INDEX ix_audit_entries_person_id ON audit_entries (person_id, at, id)",
    "CREATE INDEX ix_audit_entries_source ON audit_entries (substr(action, 1, 3), at, id)",
    "CREATE TABLE audit_entries_default PARTITION OF audit_entries DEFAULT",
    "ALTER SEQUENCE audit_id_seq AS bigint",
)
FOLLOW: Final = (
    f"""\
CREATE FUNCTION copy_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO audit_entries ({COLUMNS})
        VALUES (NEW.id, NEW.at, NEW.person_id, NEW.action, NEW.actor, NEW.client,
            NEW.endpoint_id, NEW.tool, NEW.status, NEW.bytes, NEW.milliseconds)
        ON CONFLICT DO NOTHING;
    ELSE
        DELETE FROM audit_entries WHERE at = OLD.at AND id = OLD.id;
    END IF;
    RETURN NULL;
END $$""",  # noqa: S608 - names of this file
    """\
CREATE TRIGGER copy_audit AFTER INSERT OR DELETE ON audit
FOR EACH ROW EXECUTE FUNCTION copy_audit()""",
)
_OLDEST: Final = text("SELECT min(at) FROM audit")
_END_OF_BATCH: Final = text(
    "SELECT max(id) FROM (SELECT id FROM audit WHERE id > :after ORDER BY id LIMIT :batch) AS b"
)
_LOCK_OWNERS: Final = text(
    "SELECT id FROM people WHERE id IN "
    "(SELECT person_id FROM audit WHERE id > :after AND id <= :until) ORDER BY id FOR KEY SHARE"
)
_COPY: Final = text(
    f"INSERT INTO audit_entries ({COLUMNS}) SELECT {COLUMNS} FROM audit "  # noqa: S608 - names of this file
    "WHERE id > :after AND id <= :until FOR SHARE ON CONFLICT DO NOTHING"
)
_COUNT_BOTH: Final = text(
    "SELECT (SELECT count(*) FROM audit), (SELECT count(*) FROM audit_entries)"
)


async def prepare(database: ServiceDatabase) -> None:
    """Make the new table and copy every entry into it.

    Args:
        database: PostgreSQL, of format 2.

    Raises:
        DatabaseUnavailable: It does not answer, or a table is locked.
        VaultError: Entries are missing in the copy.
    """
    async with _step(database) as connection:
        if connection is None:
            return
        if not await _exists(connection, "audit_entries"):
            for statement in CREATE:
                await connection.execute(text(statement))
        oldest: int | None = (await connection.execute(_OLDEST)).scalar()
    # before anything is written: making the month of an entry that is being written would fail it
    await _make_months(database, oldest)
    async with _step(database) as connection:
        if connection is None:
            return
        if not await _exists(connection, "copy_audit", kind="regproc"):
            for statement in FOLLOW:
                await connection.execute(text(statement))
    after: int | None = -1
    while after is not None:
        after = await _copy_batch(database, after)
    async with _step(database) as connection:
        if connection is None:
            return
        before, copied = (await connection.execute(_COUNT_BOTH)).one()
    if before != copied:
        raise VaultError(
            f"The audit log has {before} entries, and its copy has {copied}.",
            hint="Nothing was changed. Run annulet admin migrate again.",
        )


async def finish(database: ServiceDatabase) -> None:
    """Delete the table that was copied, which nothing reads any more, and make months ahead."""
    async with database.write() as connection:
        await lock_upgrades(connection)
        if await _exists(connection, "audit_copied"):
            await connection.execute(text("SET LOCAL lock_timeout = '3s'"))
            # in the order of a deletion of a person, which locks people first
            await connection.execute(text("LOCK TABLE people"))
            await connection.execute(text("DROP TABLE audit_copied"))
    await _make_months(database, None)


async def _make_months(database: ServiceDatabase, oldest: int | None) -> None:
    now = from_epoch_s(await database.fetch_value(select(database.now_s)))
    await AuditPartitions(database, lambda: now, retention_days=0).make_months(oldest)


async def _copy_batch(database: ServiceDatabase, after: int) -> int | None:
    """Copy the entries behind an identifier.

    Their people are locked first, so that none of them is deleted between the two tables.

    Returns:
        The last identifier; ``None`` when there was nothing left.
    """
    async with _step(database) as connection:
        if connection is None:
            return None
        bounds: dict[str, int] = {"after": after, "batch": _BATCH}
        until: int | None = (await connection.execute(_END_OF_BATCH, bounds)).scalar()
        if until is not None:
            bounds = {"after": after, "until": until}
            await connection.execute(_LOCK_OWNERS, bounds)
            await connection.execute(_COPY, bounds)
        return until


@asynccontextmanager
async def _step(database: ServiceDatabase) -> AsyncIterator[AsyncConnection | None]:
    """Open a transaction for one step; ``None`` where another process has done all of them."""
    async with database.write() as connection:
        await lock_upgrades(connection)
        await connection.execute(text("SET LOCAL lock_timeout = '3s'"))
        done = await connection.run_sync(_is_done)
        yield None if done else connection


def _is_done(connection: Connection) -> bool:
    return read_format_in(connection) >= _FORMAT


async def _exists(connection: AsyncConnection, name: str, *, kind: str = "regclass") -> bool:
    query = text(f"SELECT to_{kind}(:name)").bindparams(name=name)
    return (await connection.execute(query)).scalar() is not None
