"""Writes the audit log in batches."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Final, TypedDict, Unpack

from sqlalchemy import Update, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from annulet.errors import DatabaseUnavailable
from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.database import tables
from annulet.hosted.database.bulk_insert import insert_rows
from annulet.hosted.database.engine import ServiceDatabase
from annulet.hosted.database.row_locks import lock_in_order
from annulet.hosted.web.json_log import LOGGER
from annulet.oauth.cancellation import run_to_completion

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
    `audit_search` writes the pending entries first, so a reader sees every entry.

    Attributes:
        lost_entries: How many entries were dropped, because the database was away for too long.
    """

    def __init__(self, database: ServiceDatabase, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._pending: list[dict[str, object]] = []
        self._used_endpoints: dict[str, int] = {}
        self._lock = asyncio.Lock()
        self.lost_entries = 0

    @property
    def pending_entries(self) -> int:
        """How many entries wait to be written."""
        return len(self._pending)

    def add(self, action: AuditAction, person_id: str | None, **facts: Unpack[AuditFacts]) -> None:
        """Add an entry, which is written with the next batch."""
        now = to_epoch_s(self._clock())
        row = {"at": now, "person_id": person_id, "action": action, **_NO_FACTS, **facts}
        self._pending.append(row)
        self._drop_excess()
        if action in _ACTIONS_OF_USE and (endpoint_id := facts.get("endpoint_id")):
            self._used_endpoints[endpoint_id] = now

    async def record(
        self, action: AuditAction, person_id: str | None, **facts: Unpack[AuditFacts]
    ) -> None:
        """Add an entry and write it before returning, unless the database does not answer."""
        self.add(action, person_id, **facts)
        await self.try_flush()

    async def flush(self) -> None:
        """Write the pending entries.

        Raises:
            DatabaseUnavailable: The database does not answer; the entries stay pending.
        """
        async with self._lock:
            rows, self._pending = self._pending, []
            used_endpoints, self._used_endpoints = self._used_endpoints, {}
            if not rows:
                return
            is_written = False
            try:
                self._pending = [*await self._write(rows, used_endpoints), *self._pending]
                is_written = True
            finally:
                if not is_written:
                    self._pending = [*rows, *self._pending]
                    self._used_endpoints = {**used_endpoints, **self._used_endpoints}
                    self._drop_excess()

    async def try_flush(self) -> None:
        """Write the pending entries; without a database they wait for the next batch."""
        try:
            await self.flush()
        except DatabaseUnavailable:
            logging.getLogger(LOGGER).warning("%d audit entries wait", len(self._pending))

    async def run(self) -> None:
        """Write batches until cancelled, then write the last one.

        Raises:
            DatabaseUnavailable: The database does not answer; the entries stay pending.
        """
        try:
            while True:
                await asyncio.sleep(_FLUSH_INTERVAL_S)
                if self._pending:
                    await run_to_completion(self.flush())
        finally:
            await run_to_completion(self.try_flush())

    def _drop_excess(self) -> None:
        excess = len(self._pending) - _MAX_PENDING
        if excess > 0:
            del self._pending[:excess]
            self.lost_entries += excess

    async def _write(
        self, rows: Sequence[dict[str, object]], used_endpoints: Mapping[str, int]
    ) -> list[dict[str, object]]:
        """Write the rows; return those of people whose account is locked just now.

        The entries of a person who was deleted meanwhile go with the person.
        """
        people = {str(row["person_id"]) for row in rows if row["person_id"] is not None}
        async with self._database.write() as connection:
            unlocked = {None, *await _find_people(connection, people, is_unlocked=True)}
            locked = await _find_people(connection, people - unlocked, is_unlocked=False)
            written = [row for row in rows if row["person_id"] in unlocked]
            await insert_rows(connection, tables.audit, written)
            if used_endpoints:
                await connection.execute(_mark_used(used_endpoints))
        return [row for row in rows if row["person_id"] in locked]


async def _find_people(
    connection: AsyncConnection, people: set[str], *, is_unlocked: bool
) -> set[str]:
    if not people:
        return set()
    query = select(tables.people.c.id).where(tables.people.c.id.in_(people))
    if is_unlocked:
        # the lock of a foreign key, taken before the insert would wait for it
        query = query.with_for_update(read=True, key_share=True, skip_locked=True)
    return set((await connection.execute(query)).scalars())


def _mark_used(used_endpoints: Mapping[str, int]) -> Update:
    """Build the one statement that marks endpoints as used.

    Replicas mark the same endpoints at once. Each locks the rows in the same order and leaves out
    those that another transaction has locked, so that none waits for another.
    """
    c = tables.endpoints.c
    unlocked = lock_in_order(c.id, c.id.in_(used_endpoints), skip_locked=True)
    used_at = case(dict(used_endpoints), value=c.id)
    return (
        update(tables.endpoints)
        .where(c.id.in_(unlocked))
        .values(used_at=used_at, first_call_at=func.coalesce(c.first_call_at, used_at))
    )
