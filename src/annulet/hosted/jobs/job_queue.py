"""The queue of a service on SQLite: a job is claimed, and comes back if its process ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, delete, insert, select, update

from annulet.hosted.database import tables
from annulet.hosted.database.engine import ServiceDatabase
from annulet.hosted.opaque_tokens import new_id

_CLAIM_S: Final = 120
"""A job whose process has ended can be claimed again after this time."""
_j = tables.jobs.c


@dataclass(frozen=True, slots=True)
class QueuedJob:
    """A claimed job.

    Attributes:
        id: Its identifier.
        kind: Which handler does it.
        arguments: What the handler needs to know.
        attempts: How many times it was claimed, this time included.
    """

    id: str
    kind: str
    arguments: Mapping[str, str]
    attempts: int


class JobQueue:
    """Enqueues, claims and ends jobs; the clock is that of the database.

    Attributes:
        is_filled: Set when this process has enqueued a job.
    """

    def __init__(self, database: ServiceDatabase) -> None:
        self._database = database
        self.is_filled = asyncio.Event()

    async def enqueue(self, kind: str, arguments: Mapping[str, str]) -> None:
        """Add a job that is due at once."""
        row = {"id": new_id(), "kind": kind, "arguments": json.dumps(arguments), "attempts": 0}
        await self._database.execute(insert(tables.jobs).values(**row, run_at=self._database.now_s))
        self.is_filled.set()

    async def claim(self) -> QueuedJob | None:
        """Claim the job that has been due for the longest time, if there is one."""
        due = select(_j.id).where(_j.run_at <= self._database.now_s).order_by(_j.run_at).limit(1)
        # an idle process only reads: a write would tell every process that something has changed
        if not await self._database.fetch_all(due):
            return None
        claimed = (
            update(tables.jobs)
            .where(_j.id.in_(due))
            .values(run_at=self._database.now_s + _CLAIM_S, attempts=_j.attempts + 1)
            .returning(_j.id, _j.kind, _j.arguments, _j.attempts)
        )
        async with self._database.write() as connection:
            row = (await connection.execute(claimed)).one_or_none()
        return None if row is None else QueuedJob(row[0], row[1], json.loads(row[2]), row[3])

    async def finish(self, job: QueuedJob) -> None:
        """Delete a job that is done or will never be."""
        await self._database.execute(delete(tables.jobs).where(*_is_claim_of(job)))

    async def postpone(self, job: QueuedJob, delay_s: int) -> None:
        """Let a job be claimed again after a time."""
        later = update(tables.jobs).where(*_is_claim_of(job))
        await self._database.execute(later.values(run_at=self._database.now_s + delay_s))


def _is_claim_of(job: QueuedJob) -> tuple[ColumnElement[bool], ...]:
    # a claim that has run out belongs to another process, which has counted one attempt more
    return (_j.id == job.id, _j.attempts == job.attempts)
