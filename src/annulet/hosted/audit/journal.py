"""Writes the audit log in small batches and reads it back, one person at a time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from annulet.hosted.audit.words import SENTENCES, Word
from annulet.hosted.clock import Clock, seconds
from annulet.hosted.database import tables
from annulet.hosted.database.engine import Database
from annulet.hosted.web.request_log import LOGGER
from annulet.oauth.cancellation import run_to_completion

__all__ = ["Entry", "Journal", "sentence"]

RETENTION_SECONDS = 400 * 86_400
_FLUSH_SECONDS = 1.0
_MOST_WAITING = 10_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log."""

    at: int
    person_id: str | None
    action: str
    actor: str = ""
    client: str = ""
    endpoint_id: str = ""
    tool: str = ""
    status: str = "ok"
    bytes: int = 0
    milliseconds: int = 0


_NAMES = tuple(field.name for field in fields(Entry))


def _row(entry: Entry) -> dict[str, Any]:
    """An entry as a row; `asdict` would copy each value deeply, thousands of times a second."""
    return {name: getattr(entry, name) for name in _NAMES}


def sentence(action: str) -> str:
    """A word of the log as a person reads it; unknown words stay as they are."""
    try:
        return SENTENCES[Word(action)]
    except ValueError:
        return action


class Journal:
    """Collects entries and writes them together, at the latest after a second.

    Tool calls come many at a time, and a transaction each would cost more than the call. Reading
    writes what is waiting first, so nobody sees a log that lags.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._waiting: list[Entry] = []
        self._used: dict[str, int] = {}
        self._lock = asyncio.Lock()

    def note(self, word: Word, person_id: str | None, **facts: Any) -> None:
        """Remember one event; it is written with the next batch."""
        entry = Entry(at=seconds(self._clock()), person_id=person_id, action=word, **facts)
        self._waiting.append(entry)
        if word is Word.TOOL_CALLED and entry.endpoint_id:
            self._used[entry.endpoint_id] = entry.at

    async def record(self, word: Word, person_id: str | None, **facts: Any) -> None:
        """Remember one event and write it before returning."""
        self.note(word, person_id, **facts)
        await self.flush()

    async def flush(self) -> None:
        """Write what is waiting; what cannot be written waits on."""
        async with self._lock:
            entries, self._waiting = self._waiting, []
            used, self._used = self._used, {}
            if not entries:
                return
            try:
                await self._write(entries, used)
            except SQLAlchemyError:
                self._waiting = [*entries, *self._waiting][-_MOST_WAITING:]
                self._used = {**used, **self._used}
                raise

    async def _write(self, entries: Sequence[Entry], used: Mapping[str, int]) -> None:
        async with self._database.write() as connection:
            known = await _still_there(connection, {e.person_id for e in entries})
            rows = [_row(e) for e in entries if e.person_id is None or e.person_id in known]
            if rows:
                await connection.execute(insert(tables.audit), rows)
            for endpoint_id, at in used.items():
                await _touch(connection, endpoint_id, at)

    async def run(self) -> None:
        """Write batches until cancelled, then write the last one."""
        try:
            while True:
                await asyncio.sleep(_FLUSH_SECONDS)
                if self._waiting:
                    await run_to_completion(self._try())
        finally:
            await run_to_completion(self._try())

    async def _try(self) -> None:
        """The background writer goes on when the database does not answer for a while."""
        try:
            await self.flush()
        except SQLAlchemyError:
            logging.getLogger(LOGGER).exception("the audit log could not be written just now")

    async def recent(
        self, person_id: str, *, limit: int = 100, before: int | None = None
    ) -> Sequence[Any]:
        """The newest entries of one person, newest first."""
        await self.flush()
        query = select(tables.audit).where(tables.audit.c.person_id == person_id)
        if before is not None:
            query = query.where(tables.audit.c.id < before)
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by(tables.audit.c.id.desc()).limit(limit))
            return rows.all()

    async def overview(self, *, limit: int = 100) -> Sequence[Any]:
        """The newest entries of everybody, without clients, endpoints and tools: for the admin."""
        await self.flush()
        a, p = tables.audit.c, tables.people.c
        query = (
            select(a.id, a.at, a.action, a.status, p.login)
            .select_from(tables.audit.outerjoin(tables.people, a.person_id == p.id))
            .order_by(a.id.desc())
            .limit(limit)
        )
        async with self._database.read() as connection:
            return (await connection.execute(query)).all()

    async def forget_old(self) -> None:
        """Remove entries older than the retention of 400 days."""
        oldest = seconds(self._clock()) - RETENTION_SECONDS
        async with self._database.write() as connection:
            await connection.execute(delete(tables.audit).where(tables.audit.c.at < oldest))


async def _still_there(connection: Any, people: set[str | None]) -> set[str]:
    """Entries of a person deleted in the meantime are dropped with the person."""
    query = select(tables.people.c.id).where(tables.people.c.id.in_(people - {None}))
    return set((await connection.execute(query)).scalars())


async def _touch(connection: Any, endpoint_id: str, at: int) -> None:
    c = tables.endpoints.c
    await connection.execute(update(tables.endpoints).where(c.id == endpoint_id).values(used_at=at))
    await connection.execute(
        update(tables.endpoints)
        .where(c.id == endpoint_id, c.first_call_at.is_(None))
        .values(first_call_at=at)
    )
