"""Writes the audit log in batches, and reads it back for one person or for the admin."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Final, TypedDict, Unpack

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.database import tables
from annulet.hosted.database.engine import AnyRow, ServiceDatabase
from annulet.hosted.web.request_log import LOGGER
from annulet.oauth.cancellation import run_to_completion

__all__ = ["AuditFacts", "AuditLog"]

_RETENTION_S: Final = 400 * 86_400
_FLUSH_INTERVAL_S: Final = 1.0
_MAX_PENDING: Final = 10_000
_ACTIONS_OF_USE: Final = frozenset({AuditAction.TOOL_CALLED, AuditAction.RESOURCE_READ})
"""An endpoint is in use when its assistant reads the person's data by them."""


class AuditFacts(TypedDict, total=False):
    """What an entry can say beside its action and its person.

    Attributes:
        actor: Who acted, where it was not the person.
        client: The name of the assistant.
        endpoint_id: The endpoint.
        tool: The name of the tool or of the prompt, or the address of the resource without days.
        status: ``ok``, or how it ended instead.
        bytes: The size of the answer.
        milliseconds: How long it took.
    """

    actor: str
    client: str
    endpoint_id: str
    tool: str
    status: str
    bytes: int
    milliseconds: int


_NO_FACTS: Final[AuditFacts] = {
    "actor": "",
    "client": "",
    "endpoint_id": "",
    "tool": "",
    "status": "ok",
    "bytes": 0,
    "milliseconds": 0,
}


class AuditLog:
    """Collects entries and writes them together, at the latest after a second.

    Tool calls come many at a time, and a transaction for each would cost more than the call.
    Reading writes the pending entries first, so a reader sees every entry.
    """

    def __init__(self, database: ServiceDatabase, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._pending: list[dict[str, object]] = []
        self._used_endpoints: dict[str, int] = {}
        self._lock = asyncio.Lock()

    def add(self, action: AuditAction, person_id: str | None, **facts: Unpack[AuditFacts]) -> None:
        """Add an entry, which is written with the next batch."""
        now = to_epoch_s(self._clock())
        row = {"at": now, "person_id": person_id, "action": action, **_NO_FACTS, **facts}
        self._pending.append(row)
        if action in _ACTIONS_OF_USE and (endpoint_id := facts.get("endpoint_id")):
            self._used_endpoints[endpoint_id] = now

    async def record(
        self, action: AuditAction, person_id: str | None, **facts: Unpack[AuditFacts]
    ) -> None:
        """Add an entry and write it before returning."""
        self.add(action, person_id, **facts)
        await self.flush()

    async def flush(self) -> None:
        """Write the pending entries.

        Raises:
            SQLAlchemyError: The database does not answer; the entries stay pending.
        """
        async with self._lock:
            rows, self._pending = self._pending, []
            used_endpoints, self._used_endpoints = self._used_endpoints, {}
            if not rows:
                return
            try:
                await self._write(rows, used_endpoints)
            except SQLAlchemyError:
                self._pending = [*rows, *self._pending][-_MAX_PENDING:]
                self._used_endpoints = {**used_endpoints, **self._used_endpoints}
                raise

    async def run(self) -> None:
        """Write batches until cancelled, then write the last one."""
        try:
            while True:
                await asyncio.sleep(_FLUSH_INTERVAL_S)
                if self._pending:
                    await run_to_completion(self._try_flush())
        finally:
            await run_to_completion(self._try_flush())

    async def read_person(
        self, person_id: str, *, limit: int = 100, before_id: int | None = None
    ) -> Sequence[AnyRow]:
        """Read the newest entries of one person, the newest first."""
        await self.flush()
        query = select(tables.audit).where(tables.audit.c.person_id == person_id)
        if before_id is not None:
            query = query.where(tables.audit.c.id < before_id)
        query = query.order_by(tables.audit.c.id.desc()).limit(limit)
        return await self._database.fetch_all(query)

    async def read_all(self, *, limit: int = 100) -> Sequence[AnyRow]:
        """Read the newest entries of all people, without clients, endpoints and tools."""
        await self.flush()
        a, p = tables.audit.c, tables.people.c
        query = (
            select(a.id, a.at, a.action, a.status, p.login)
            .select_from(tables.audit.outerjoin(tables.people, a.person_id == p.id))
            .order_by(a.id.desc())
            .limit(limit)
        )
        return await self._database.fetch_all(query)

    async def delete_old(self) -> None:
        """Delete entries older than the retention of 400 days."""
        oldest = to_epoch_s(self._clock()) - _RETENTION_S
        await self._database.execute(delete(tables.audit).where(tables.audit.c.at < oldest))

    async def _try_flush(self) -> None:
        try:
            await self.flush()
        except SQLAlchemyError:
            # the background writer must outlive an outage of the database
            logging.getLogger(LOGGER).exception("the audit log could not be written just now")

    async def _write(
        self, rows: Sequence[dict[str, object]], used_endpoints: Mapping[str, int]
    ) -> None:
        people = {str(row["person_id"]) for row in rows if row["person_id"] is not None}
        async with self._database.write() as connection:
            # the entries of a person who was deleted meanwhile go with the person
            existing = {None, *await _existing_people(connection, people)}
            written = [row for row in rows if row["person_id"] in existing]
            if written:
                await connection.execute(insert(tables.audit), written)
            for endpoint_id, used_at in used_endpoints.items():
                await _mark_used(connection, endpoint_id, used_at)


async def _existing_people(connection: AsyncConnection, people: set[str]) -> set[str]:
    query = select(tables.people.c.id).where(tables.people.c.id.in_(people))
    return set((await connection.execute(query)).scalars())


async def _mark_used(connection: AsyncConnection, endpoint_id: str, used_at: int) -> None:
    c = tables.endpoints.c
    await connection.execute(
        update(tables.endpoints).where(c.id == endpoint_id).values(used_at=used_at)
    )
    await connection.execute(
        update(tables.endpoints)
        .where(c.id == endpoint_id, c.first_call_at.is_(None))
        .values(first_call_at=used_at)
    )
