"""The job that renews the grants of people who ask nothing, so that their next question is fast.

It reads no health data: one renewal is one request to the token endpoint.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from annulet.errors import AnnuletError
from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.connections.contexts import Contexts
from annulet.hosted.database import tables
from annulet.hosted.database.engine import ServiceDatabase

INTERVAL_MIN: Final = 10
_AHEAD_S: Final = 2 * INTERVAL_MIN * 60
_MOST_PEOPLE: Final = 500
_CONCURRENT: Final = 8
_c, _p = tables.connections.c, tables.people.c


@dataclass(frozen=True, slots=True)
class IdleRenewal:
    """Renews what ends before the run after next.

    Attributes:
        is_stopping: Whether the process is being stopped, so that nothing more may begin.
    """

    database: ServiceDatabase
    contexts: Contexts
    clock: Clock
    is_stopping: Callable[[], bool] = lambda: False

    async def run(self) -> None:
        """Renew the grants that end soonest; one that fails waits for its own next attempt.

        Raises:
            DatabaseUnavailable: The database does not answer.
        """
        soon = to_epoch_s(self.clock()) + _AHEAD_S
        query = (
            select(_c.person_id)
            .join_from(tables.connections, tables.people)
            .where(
                _c.sealed.is_not(None),
                _c.needs_reconnect.is_(None),
                _c.expires_at <= soon,
                _p.disabled_at.is_(None),
            )
            .order_by(_c.expires_at)
            .limit(_MOST_PEOPLE)
        )
        limit = asyncio.Semaphore(_CONCURRENT)
        rows = await self.database.fetch_all(query)
        await asyncio.gather(*(self._renew(person_id, limit) for (person_id,) in rows))

    async def _renew(self, person_id: str, limit: asyncio.Semaphore) -> None:
        async with limit:
            if self.is_stopping():  # those under way end; a process that is stopped has not long
                return
            session = self.contexts.open_session(person_id)
            with contextlib.suppress(AnnuletError):  # its reason is stored in the person's row
                await session.access_token()
            await session.aclose()
