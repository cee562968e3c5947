"""Jobs in the database: each is claimed by one process at a time, and comes back if that ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
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
class Job:
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
        await self.enqueue_all(kind, [arguments])

    async def enqueue_all(self, kind: str, jobs: Sequence[Mapping[str, str]]) -> None:
        """Add jobs that are due at once, in one transaction."""
        rows = [
            {"id": new_id(), "kind": kind, "arguments": json.dumps(arguments), "attempts": 0}
            for arguments in jobs
        ]
        if rows:
            row = insert(tables.jobs).values(run_at=self._database.now_s)
            async with self._database.write() as connection:
                await connection.execute(row, rows)
            self.is_filled.set()

    async def claim(self) -> Job | None:
        """Claim the job that has been due for the longest time, if there is one."""
        due = select(_j.id).where(_j.run_at <= self._database.now_s).order_by(_j.run_at).limit(1)
        # an idle process only reads: a write would tell every process that something has changed
        if not await self._database.fetch_all(due):
            return None
        claimed = (
            update(tables.jobs)
            .where(_j.id.in_(due.with_for_update(skip_locked=True)))
            .values(run_at=self._database.now_s + _CLAIM_S, attempts=_j.attempts + 1)
            .returning(_j.id, _j.kind, _j.arguments, _j.attempts)
        )
        async with self._database.write() as connection:
            row = (await connection.execute(claimed)).one_or_none()
        return None if row is None else Job(row[0], row[1], json.loads(row[2]), row[3])

    async def finish(self, job: Job) -> None:
        """Delete a job that is done or will never be."""
        await self._database.execute(delete(tables.jobs).where(*_is_claim_of(job)))

    async def postpone(self, job: Job, delay_s: int) -> None:
        """Let a job be claimed again after a time."""
        later = update(tables.jobs).where(*_is_claim_of(job))
        await self._database.execute(later.values(run_at=self._database.now_s + delay_s))


def _is_claim_of(job: Job) -> tuple[ColumnElement[bool], ...]:
    # a claim that has run out belongs to another process, which has counted one attempt more
    return (_j.id == job.id, _j.attempts == job.attempts)
