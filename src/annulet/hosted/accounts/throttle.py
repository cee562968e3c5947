"""Slows guessing down: after a few failures the next attempt waits, longer each time."""

from __future__ import annotations

import hashlib
from typing import Final

from sqlalchemy import delete, insert, select, update

from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.database import tables
from annulet.hosted.database.engine import ServiceDatabase

__all__ = ["Throttle"]

_WINDOW_S: Final = 3600
_LONGEST_WAIT_S: Final = 900
_FREE_FAILURES: Final = 5
_t = tables.throttles.c


class Throttle:
    """Counts failures by subject; the database keeps only a digest of the subject."""

    def __init__(self, database: ServiceDatabase, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def wait_s(self, subject: str) -> int:
        """Read the seconds until the next attempt is allowed; 0 when it is allowed now."""
        query = select(_t.blocked_until).where(_t.subject == _subject_digest(subject))
        blocked_until = await self._database.fetch_value(query)
        return max(0, (blocked_until or 0) - to_epoch_s(self._clock()))

    async def count_failure(self, subject: str, *, free: int = _FREE_FAILURES) -> None:
        """Count a failure; the first ``free`` ones cost no wait."""
        now, digest = to_epoch_s(self._clock()), _subject_digest(subject)
        async with self._database.write() as connection:
            await connection.execute(
                delete(tables.throttles).where(
                    _t.first_at < now - _WINDOW_S, _t.blocked_until < now
                )
            )
            query = select(_t.failures).where(_t.subject == digest).with_for_update()
            failures = ((await connection.execute(query)).scalar() or 0) + 1
            blocked_until = _blocked_until(now, failures - free)
            if failures == 1:
                await connection.execute(
                    insert(tables.throttles).values(
                        subject=digest, failures=1, first_at=now, blocked_until=blocked_until
                    )
                )
                return
            await connection.execute(
                update(tables.throttles)
                .where(_t.subject == digest)
                .values(failures=failures, blocked_until=blocked_until)
            )

    async def reset(self, subject: str) -> None:
        """Forget the failures of a subject."""
        await self._database.execute(
            delete(tables.throttles).where(_t.subject == _subject_digest(subject))
        )


def _blocked_until(now: int, failures_beyond_free: int) -> int:
    """Return the end of the wait: 4 s, doubled with each failure, 15 minutes at most."""
    if failures_beyond_free < 0:
        return 0
    wait_s: int = 1 << min(failures_beyond_free + 2, 12)
    return now + min(_LONGEST_WAIT_S, wait_s)


def _subject_digest(subject: str) -> str:
    return hashlib.sha256(b"annulet-throttle" + subject.encode()).hexdigest()
