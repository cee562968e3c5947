"""The grant of one person in the database: sealed, and bound to its owner and generation.

The lock is a lease in the row (`renewal_lease`): no transaction stays open while Oura is asked, and
a process that dies leaves nothing behind but the end of its lease.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Final

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from annulet.errors import VaultError
from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.connections.renewal_lease import hold_lease
from annulet.hosted.connections.sealing_keys import SealingKeys
from annulet.hosted.database import tables
from annulet.hosted.database.engine import ServiceDatabase
from annulet.hosted.observability.recorder import NoRecorder, Recorder
from annulet.oauth.grant import Grant
from annulet.oauth.grant_store import Intent, ReconnectReason, StaleGeneration, StoredGrant

_CLEARED_ON_REMOVE: Final = (
    *("sealed", "needs_reconnect", "intent", "granted", "requested", "connected_at"),
    *("renewed_at", "expires_at", "membership_lost_at", "last_error", "last_error_at"),
    *("account_digest", "data_at"),
)
_CLEARED_ON_REPLACE: Final = (
    *("needs_reconnect", "intent", "membership_lost_at", "last_error", "last_error_at"),
    *("account_digest", "data_at"),
)
_c = tables.connections.c


def build_removal(generation: int) -> dict[str, object]:
    """Build the columns of a row without a grant; the generation goes on."""
    return {"generation": generation + 1, **dict.fromkeys(_CLEARED_ON_REMOVE)}


def sealing_owner(person_id: str) -> str:
    """Return what the sealed grant of a person is bound to."""
    return f"connection:{person_id}"


class HostedGrantStore:
    """Stores the grant of one person; implements ``GrantStore``.

    Args:
        person_id: Whose grant it is.
        recorder: Counts how renewals end.
    """

    def __init__(
        self,
        database: ServiceDatabase,
        sealing_keys: SealingKeys,
        clock: Clock,
        person_id: str,
        recorder: Recorder | None = None,
    ) -> None:
        self._recorder = recorder or NoRecorder()
        self._database = database
        self._sealing_keys = sealing_keys
        self._clock = clock
        self._person_id = person_id
        self._lease_owner: str | None = None

    async def load(self) -> StoredGrant | None:
        """Read the row as it is now."""
        query = select(_c.sealed, _c.generation, _c.intent, _c.needs_reconnect).where(
            _c.person_id == self._person_id
        )
        row = await self._database.fetch_one(query)
        if row is None or row.sealed is None:
            return None
        return StoredGrant(
            grant=self._unseal(row.sealed, row.generation),
            generation=row.generation,
            intent=Intent(**json.loads(row.intent)) if row.intent else None,
            needs_reconnect=row.needs_reconnect,
        )

    @asynccontextmanager
    async def lock(self, *, wait: float) -> AsyncIterator[bool]:
        """Hold the lease of this grant while it is renewed."""
        async with hold_lease(self._database, self._person_id, wait_s=wait) as owner:
            if owner is not None:
                self._lease_owner = owner
            try:
                yield owner is not None
            finally:
                if owner is not None:
                    self._lease_owner = None

    async def record_intent(self, generation: int, intent: Intent | None) -> None:
        """Commit what is about to happen beside the grant.

        Under the lock this is the fence before the request: a holder that was paused for longer
        than its lease, and has lost it, gets `StaleGeneration` and sends nothing.
        """
        document = None if intent is None else json.dumps(asdict(intent))
        owner = self._lease_owner
        fence = [] if owner is None else [_c.lease_owner == owner]
        await self._change_generation(generation, {"intent": document}, *fence)
        if intent is None:
            self._recorder.count_renewal("wrong_application")
        elif intent.not_before:
            self._recorder.count_renewal("postponed")

    async def save(self, generation: int, grant: Grant) -> StoredGrant:
        """Write the next pair of tokens."""
        await self._change_generation(
            generation,
            {
                **self._seal(grant, generation + 1),
                "renewed_at": int(grant.issued_at),
                "intent": None,
                "needs_reconnect": None,
            },
        )
        self._recorder.count_renewal("renewed")
        return StoredGrant(grant=grant, generation=generation + 1)

    async def mark(self, generation: int, reason: ReconnectReason) -> None:
        """Record that only a new consent helps."""
        await self._change_generation(generation, {"needs_reconnect": reason, "intent": None})
        self._recorder.count_renewal(reason)

    async def replace(self, grant: Grant) -> StoredGrant:
        """Write the grant of a new consent over whatever was there."""
        now = to_epoch_s(self._clock())
        async with self._database.write() as connection:
            row = self._database.insert(tables.connections).values(
                person_id=self._person_id, generation=0
            )
            await connection.execute(row.on_conflict_do_nothing())
            generation = await self._read_generation(connection) or 0
            await connection.execute(
                update(tables.connections)
                .where(_c.person_id == self._person_id)
                .values(
                    **self._seal(grant, generation + 1),
                    requested=" ".join(grant.requested),
                    connected_at=now,
                    renewed_at=now,
                    **dict.fromkeys(_CLEARED_ON_REPLACE),
                )
            )
        return StoredGrant(grant=grant, generation=generation + 1)

    async def remove(self) -> None:
        """Delete the grant; its generation stays, so that no old row can be put back."""
        async with self._database.write() as connection:
            generation = await self._read_generation(connection)
            if generation is None:
                return
            await connection.execute(
                update(tables.connections)
                .where(_c.person_id == self._person_id)
                .values(build_removal(generation))
            )

    def _seal(self, grant: Grant, generation: int) -> dict[str, object]:
        """Return the columns that hold a grant and the facts beside it."""
        plain = json.dumps(grant.to_fields()).encode()
        owner = sealing_owner(self._person_id)
        return {
            "sealed": self._sealing_keys.seal(plain, owner=owner, generation=generation),
            "generation": generation,
            "granted": None if grant.scopes is None else " ".join(grant.scopes),
            "expires_at": int(grant.expires_at),
        }

    def _unseal(self, sealed: bytes, generation: int) -> Grant:
        owner = sealing_owner(self._person_id)
        plain = self._sealing_keys.unseal(sealed, owner=owner, generation=generation)
        try:
            return Grant.from_fields(json.loads(plain))
        except ValueError:
            raise _unreadable() from None

    async def _change_generation(
        self, generation: int, values: dict[str, object], *conditions: ColumnElement[bool]
    ) -> None:
        """Change the row, but only while it is at this generation."""
        async with self._database.write() as connection:
            result = await connection.execute(
                update(tables.connections)
                .where(
                    _c.person_id == self._person_id,
                    _c.generation == generation,
                    _c.sealed.is_not(None),
                    *conditions,
                )
                .values(**values)
            )
        if not result.rowcount:
            raise StaleGeneration

    async def _read_generation(self, connection: AsyncConnection) -> int | None:
        query = select(_c.generation).where(_c.person_id == self._person_id).with_for_update()
        generation = (await connection.execute(query)).scalar()
        return None if generation is None else int(generation)


def _unreadable() -> VaultError:
    return VaultError(
        "The row that keeps the connection cannot be read.",
        hint="Connect your ring again from your dashboard.",
    )
