"""Events that were accepted, until somebody acts on them: once each, also after a restart.

What an event does: what was read for this person is forgotten, so that the next question is asked
at Oura, and the time is noted. Nothing is fetched, and of an event only a keyed digest is kept.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, select, update
from sqlalchemy.exc import SQLAlchemyError

from annulet.errors import VaultError
from annulet.hosted.clock import Clock, seconds
from annulet.hosted.connections.contexts import Contexts
from annulet.hosted.connections.oura_accounts import OuraAccounts
from annulet.hosted.connections.stored_keys import KeptKeys
from annulet.hosted.database import tables
from annulet.hosted.database.engine import Database
from annulet.hosted.web.request_log import LOGGER
from annulet.hosted.webhooks.events import Event
from annulet.oauth.cancellation import run_to_completion

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

__all__ = ["Inbox"]

_MOST_WAITING: Final = 10_000
_AT_A_TIME: Final = 500
_PAUSE_SECONDS: Final = 1.0
_KEPT_SECONDS: Final = 2 * 86_400
"""Longer than an event may be old when it comes, so that none counts twice."""
_c, _e = tables.connections.c, tables.oura_events.c


class Inbox:
    """Takes events at once and works afterwards, many in one transaction."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        keys: KeptKeys,
        accounts: OuraAccounts,
        contexts: Contexts,
        most: int = _MOST_WAITING,
    ) -> None:
        self._database = database
        self._clock = clock
        self._keys = keys
        self._accounts = accounts
        self._contexts = contexts
        self._most = most
        self._waiting: deque[Event] = deque()
        self._arrived = asyncio.Event()
        self._lock = asyncio.Lock()

    def put(self, event: Event) -> bool:
        """Take an event, unless too many are waiting."""
        if len(self._waiting) >= self._most:
            return False
        self._waiting.append(event)
        self._arrived.set()
        return True

    async def flush(self) -> None:
        """Act on everything that is waiting; what cannot be done now waits on.

        Raises:
            SQLAlchemyError: The database does not answer.
            VaultError: The key of the service is missing.
        """
        async with self._lock:
            while self._waiting:
                some = [
                    self._waiting[place] for place in range(min(len(self._waiting), _AT_A_TIME))
                ]
                for person_id in await self._note(some):
                    self._contexts.refresh(person_id)
                for _ in some:
                    self._waiting.popleft()

    async def run(self) -> None:
        """Work until cancelled, and once more at the end."""
        try:
            while True:
                await self._arrived.wait()
                self._arrived.clear()
                if not await run_to_completion(self._try()):
                    await asyncio.sleep(_PAUSE_SECONDS)
                    self._arrived.set()
        finally:
            await run_to_completion(self._try())

    async def forget_old(self) -> None:
        """Remove digests of events that could not come again."""
        oldest = seconds(self._clock()) - _KEPT_SECONDS
        async with self._database.write() as connection:
            await connection.execute(delete(tables.oura_events).where(_e.received_at < oldest))

    async def _try(self) -> bool:
        try:
            await self.flush()
        except (SQLAlchemyError, VaultError):
            logging.getLogger(LOGGER).exception("events of Oura have to wait")
            return False
        return True

    async def _note(self, events: list[Event]) -> set[str]:
        """Remember the events of people we know, and the time.

        Returns:
            Who has news.
        """
        owners = {event: await self._accounts.digest(event.user_id) for event in events}
        now, told = seconds(self._clock()), set[str]()
        async with self._database.write() as connection:
            query = select(_c.account_digest, _c.person_id).where(
                _c.account_digest.in_(set(owners.values())), _c.sealed.is_not(None)
            )
            known = (await connection.execute(query)).all()
            for event, owner in owners.items():
                people = {person_id for account, person_id in known if account == owner}
                if people and await self._is_new(connection, event, now):
                    told |= people
            if told:
                await connection.execute(
                    update(tables.connections).where(_c.person_id.in_(told)).values(data_at=now)
                )
        return told

    async def _is_new(self, connection: AsyncConnection, event: Event, now: int) -> bool:
        digest = await self._keys.digest(
            "event", event.user_id, event.data_type, event.object_id, event.event_time
        )
        row = self._database.insert(tables.oura_events).values(digest=digest, received_at=now)
        # Not by its rowcount: where LC_CTYPE is Turkish, the sqlite3 of CPython does not recognise
        # INSERT, because it compares with the locale's lower case of I, and counts -1.
        inserted = await connection.execute(row.on_conflict_do_nothing().returning(_e.digest))
        return inserted.scalar() is not None
