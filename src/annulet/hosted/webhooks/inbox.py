"""The inbox of events: each counts once, also after a restart.

An event changes the state of its person's connection, for which every replica drops what it has
read, so that the next question is asked at Oura. Nothing is fetched, and only a keyed digest of the
event is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, case, delete, select, update

from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.connections.oura_accounts import OuraAccounts
from annulet.hosted.connections.stored_keys import StoredKeys
from annulet.hosted.database import tables
from annulet.hosted.database.engine import ServiceDatabase
from annulet.hosted.webhooks.events import OuraEvent

_DIGEST_LIFETIME_S: Final = 2 * 86_400
"""Longer than the age at which an event is refused, so that no event counts twice."""
_c, _e = tables.connections.c, tables.oura_events.c


@dataclass(frozen=True, slots=True)
class EventInbox:
    """Accepts events, one transaction each."""

    database: ServiceDatabase
    clock: Clock
    keys: StoredKeys
    oura_accounts: OuraAccounts

    async def accept(self, event: OuraEvent) -> None:
        """Act on an event of a connected person that has not come before.

        Raises:
            DatabaseUnavailable: The database does not answer.
            VaultError: The key of the service is missing.
        """
        account = await self.oura_accounts.digest(event.user_id)
        digest = await self.keys.digest(
            "event", event.user_id, event.data_type, event.object_id, event.event_time
        )
        now = to_epoch_s(self.clock())
        is_owner = (_c.account_digest == account, _c.sealed.is_not(None))
        event_row = self.database.insert(tables.oura_events).values(digest=digest, received_at=now)
        # asked for the row and not for the count: under a Turkish locale sqlite3 does not
        # recognise INSERT and counts -1
        insert_new = event_row.on_conflict_do_nothing().returning(_e.digest)
        async with self.database.write() as connection:
            owners = await connection.execute(select(_c.person_id).where(*is_owner))
            if (
                owners.first() is None
                or (await connection.execute(insert_new)).one_or_none() is None
            ):
                return
            await connection.execute(
                update(tables.connections).where(*is_owner).values(data_at=_next_instant(now))
            )

    async def delete_old(self) -> None:
        """Delete the digests of events that would be refused for their age."""
        oldest = to_epoch_s(self.clock()) - _DIGEST_LIFETIME_S
        await self.database.execute(delete(tables.oura_events).where(_e.received_at < oldest))


def _next_instant(now: int) -> ColumnElement[int]:
    """Return ``now``, or a second after the last event: replicas see each event as a change."""
    return case((_c.data_at >= now, _c.data_at + 1), else_=now)
