"""Slows guessing down: after a few failures the next attempt has to wait, longer each time."""

from __future__ import annotations

import hashlib
from typing import Final

from sqlalchemy import delete, insert, select, update

from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.database import tables
from annulet.hosted.database.engine import Database

__all__ = ["Throttle"]

_WINDOW: Final = 3600
_LONGEST: Final = 900


class Throttle:
    """Counts failures by subject; subjects are kept as digests only.

    Args:
        free: How many failures cost nothing.
    """

    def __init__(self, database: Database, clock: Clock, *, free: int = 5) -> None:
        self._database = database
        self._clock = clock
        self._free = free

    async def wait(self, subject: str) -> int:
        """Seconds until the next attempt is allowed; 0 when it is now."""
        c = tables.throttles.c
        async with self._database.read() as connection:
            query = select(c.blocked_until).where(c.subject == _kept(subject))
            until = (await connection.execute(query)).scalar()
        return max(0, (until or 0) - to_epoch_s(self._clock()))

    async def failed(self, subject: str, *, free: int | None = None) -> None:
        """Count a failure."""
        now, kept, c = to_epoch_s(self._clock()), _kept(subject), tables.throttles.c
        free = self._free if free is None else free
        async with self._database.write() as connection:
            await connection.execute(
                delete(tables.throttles).where(c.first_at < now - _WINDOW, c.blocked_until < now)
            )
            query = select(c.failures).where(c.subject == kept).with_for_update()
            failures = ((await connection.execute(query)).scalar() or 0) + 1
            over = failures - free
            until = now + min(_LONGEST, 2 ** min(over + 2, 12)) if over >= 0 else 0
            if failures == 1:
                await connection.execute(
                    insert(tables.throttles).values(
                        subject=kept, failures=1, first_at=now, blocked_until=until
                    )
                )
                return
            await connection.execute(
                update(tables.throttles)
                .where(c.subject == kept)
                .values(failures=failures, blocked_until=until)
            )

    async def succeeded(self, subject: str) -> None:
        """Forget the failures."""
        async with self._database.write() as connection:
            await connection.execute(
                delete(tables.throttles).where(tables.throttles.c.subject == _kept(subject))
            )


def _kept(subject: str) -> str:
    return hashlib.sha256(b"annulet-throttle" + subject.encode()).hexdigest()
