"""Limits on attempts: each subject has a budget of attempts in a window of time.

An attempt is reserved before it is made. Parallel attempts can therefore not all pass a check that
none of them has been counted in yet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import case, delete, select, update

from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.database import tables
from annulet.hosted.database.engine import ServiceDatabase
from annulet.hosted.database.row_locks import lock_in_order

_t = tables.throttles.c


@dataclass(frozen=True, slots=True)
class Budget:
    """The attempts that a subject has.

    Attributes:
        subject: Who or what attempts; the database keeps only a digest of it.
        attempts: How many attempts pass in one window.
        window_s: The length of a window, which begins with the first attempt.
    """

    subject: str
    attempts: int
    window_s: int


class RateLimits:
    """Counts attempts by subject, in the database, for all replicas together."""

    def __init__(self, database: ServiceDatabase, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def reserve(self, budgets: Iterable[Budget]) -> int:
        """Reserve one attempt of every budget, or of none of them.

        Returns:
            0 when the attempt may be made, else the seconds until it may.
        """
        by_digest = {_digest(budget.subject): budget for budget in budgets}
        # a flood of refused attempts costs one read each and no write
        if wait_s := await self._read_wait_s(by_digest):
            return wait_s
        try:
            await self._count(by_digest)
        except _OverBudgetError as over:
            return over.wait_s
        return 0

    async def refund(self, budgets: Iterable[Budget]) -> None:
        """Give the reserved attempt of each budget back, because it was no failure."""
        digests = [_digest(budget.subject) for budget in budgets]
        await self._database.execute(
            update(tables.throttles)
            .where(
                _t.subject.in_(lock_in_order(_t.subject, _t.subject.in_(digests))), _t.failures > 0
            )
            .values(failures=_t.failures - 1)
        )

    async def clear(self, subjects: Iterable[str]) -> None:
        """Give every attempt of these subjects back."""
        digests = [_digest(subject) for subject in subjects]
        locked = lock_in_order(_t.subject, _t.subject.in_(digests))
        await self._database.execute(delete(tables.throttles).where(_t.subject.in_(locked)))

    async def remember(self, subject: str, lifetime_s: int) -> None:
        """Remember a subject for a time."""
        now = to_epoch_s(self._clock())
        row = self._database.insert(tables.throttles).values(
            subject=_digest(subject), failures=0, first_at=now, blocked_until=now + lifetime_s
        )
        end = {"blocked_until": now + lifetime_s}
        await self._database.execute(
            row.on_conflict_do_update(index_elements=[_t.subject], set_=end)
        )

    async def is_remembered(self, subject: str) -> bool:
        """Tell whether a subject is remembered."""
        query = select(_t.blocked_until).where(_t.subject == _digest(subject))
        until: int | None = await self._database.fetch_value(query)
        return until is not None and until > to_epoch_s(self._clock())

    async def delete_old(self) -> None:
        """Delete the counts whose window has ended."""
        now = to_epoch_s(self._clock())
        ended = lock_in_order(_t.subject, _t.blocked_until <= now, skip_locked=True)
        await self._database.execute(delete(tables.throttles).where(_t.subject.in_(ended)))

    async def _read_wait_s(self, by_digest: dict[str, Budget]) -> int:
        now = to_epoch_s(self._clock())
        query = select(_t.subject, _t.failures, _t.blocked_until).where(
            _t.subject.in_(by_digest), _t.blocked_until > now
        )
        return max(
            (
                window_end - now
                for digest, count, window_end in await self._database.fetch_all(query)
                if count >= by_digest[digest].attempts
            ),
            default=0,
        )

    async def _count(self, by_digest: dict[str, Budget]) -> None:
        """Count an attempt of each subject in one statement, which is rolled back beyond a budget.

        Raises:
            _OverBudgetError: A budget has no attempt left.
        """
        now = to_epoch_s(self._clock())
        # sorted: two statements with the same subjects lock their rows in the same order
        rows = [
            {
                "subject": digest,
                "failures": 1,
                "first_at": now,
                "blocked_until": now + budget.window_s,
            }
            for digest, budget in sorted(by_digest.items())
        ]
        insert = self._database.insert(tables.throttles).values(rows)
        has_ended = _t.blocked_until <= now
        counts = {
            "failures": case((has_ended, 1), else_=_t.failures + 1),
            "first_at": case((has_ended, now), else_=_t.first_at),
            "blocked_until": case(
                (has_ended, insert.excluded.blocked_until), else_=_t.blocked_until
            ),
        }
        upsert = insert.on_conflict_do_update(index_elements=[_t.subject], set_=counts)
        async with self._database.write() as connection:
            result = await connection.execute(
                upsert.returning(_t.subject, _t.failures, _t.blocked_until)
            )
            waits = [
                window_end - now
                for digest, count, window_end in result.all()
                if count > by_digest[digest].attempts
            ]
            if waits:
                raise _OverBudgetError(max(1, *waits))


class _OverBudgetError(Exception):
    """A budget has no attempt left.

    Args:
        wait_s: Seconds until its window ends.
    """

    def __init__(self, wait_s: int) -> None:
        super().__init__(wait_s)
        self.wait_s = wait_s


def _digest(subject: str) -> str:
    return hashlib.sha256(b"annulet-throttle" + subject.encode()).hexdigest()
