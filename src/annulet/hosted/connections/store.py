"""The grant of one person in the database: sealed, bound to its owner and generation.

The lock is a lease in the row: no transaction stays open while Oura is asked, and a process that
dies leaves nothing behind but a date.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any, Final, cast

from sqlalchemy import insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from annulet.errors import VaultError
from annulet.hosted.clock import Clock, seconds
from annulet.hosted.connections.seals import Seals
from annulet.hosted.database import tables
from annulet.hosted.database.engine import Database
from annulet.hosted.tokens import new_id
from annulet.oauth.grant import Grant
from annulet.oauth.grant_store import Intent, ReconnectReason, StaleGeneration, StoredGrant

__all__ = ["HostedGrantStore", "owner_name"]

_LEASE_SECONDS: Final = 180
_POLL_SECONDS: Final = 0.1
_c = tables.connections.c


def owner_name(person_id: str) -> str:
    """What the sealed grant of a person is bound to."""
    return f"connection:{person_id}"


class HostedGrantStore:
    """Keeps the grant of one person; satisfies ``GrantStore``.

    Args:
        person_id: Whose grant.
    """

    def __init__(self, database: Database, seals: Seals, clock: Clock, person_id: str) -> None:
        self._database = database
        self._seals = seals
        self._clock = clock
        self._person_id = person_id

    async def load(self) -> StoredGrant | None:
        """The row as it is now."""
        query = select(_c.sealed, _c.generation, _c.intent, _c.needs_reconnect).where(
            _c.person_id == self._person_id
        )
        try:
            async with self._database.read() as connection:
                row = (await connection.execute(query)).one_or_none()
        except SQLAlchemyError:
            raise _unavailable() from None
        if row is None or row.sealed is None:
            return None
        return StoredGrant(
            grant=self._opened(row.sealed, row.generation),
            generation=row.generation,
            intent=Intent(**json.loads(row.intent)) if row.intent else None,
            needs_reconnect=cast("ReconnectReason | None", row.needs_reconnect),
        )

    @asynccontextmanager
    async def lock(self, *, wait: float) -> AsyncIterator[bool]:
        """Hold the lease of this grant while renewing it."""
        owner, loop = new_id(), asyncio.get_running_loop()
        until = loop.time() + wait
        held = await self._take_lease(owner)
        while not held and loop.time() < until:
            await asyncio.sleep(_POLL_SECONDS)
            held = await self._take_lease(owner)
        try:
            yield held
        finally:
            if held:
                await asyncio.shield(self._return_lease(owner))

    async def record_intent(self, generation: int, intent: Intent | None) -> None:
        """Commit what is about to happen beside the grant."""
        kept = None if intent is None else json.dumps(asdict(intent))
        await self._at(generation, intent=kept)

    async def save(self, generation: int, grant: Grant) -> StoredGrant:
        """Write the next pair."""
        await self._at(
            generation,
            **self._sealed(grant, generation + 1),
            renewed_at=int(grant.issued_at),
            intent=None,
            needs_reconnect=None,
        )
        return StoredGrant(grant=grant, generation=generation + 1)

    async def mark(self, generation: int, reason: ReconnectReason) -> None:
        """Note that only a new consent helps."""
        await self._at(generation, needs_reconnect=reason, intent=None)

    async def replace(self, grant: Grant) -> StoredGrant:
        """Write the grant of a new consent over whatever was there."""
        now = seconds(self._clock())
        async with self._writing() as connection:
            found = await self._generation(connection)
            if found is None:
                await connection.execute(
                    insert(tables.connections).values(person_id=self._person_id, generation=0)
                )
            generation = (found or 0) + 1
            await connection.execute(
                update(tables.connections)
                .where(_c.person_id == self._person_id)
                .values(
                    **self._sealed(grant, generation),
                    requested=" ".join(grant.requested),
                    connected_at=now,
                    renewed_at=now,
                    needs_reconnect=None,
                    intent=None,
                    membership_lost_at=None,
                    last_error=None,
                    last_error_at=None,
                    account_digest=None,
                    data_at=None,
                )
            )
        return StoredGrant(grant=grant, generation=generation)

    async def remove(self) -> None:
        """Forget the grant; its generation stays, so that no old row can be put back."""
        async with self._writing() as connection:
            found = await self._generation(connection)
            if found is None:
                return
            await connection.execute(
                update(tables.connections)
                .where(_c.person_id == self._person_id)
                .values(
                    generation=found + 1,
                    **dict.fromkeys(
                        (
                            "sealed",
                            "needs_reconnect",
                            "intent",
                            "granted",
                            "requested",
                            "connected_at",
                            "renewed_at",
                            "expires_at",
                            "membership_lost_at",
                            "last_error",
                            "last_error_at",
                            "account_digest",
                            "data_at",
                        )
                    ),
                )
            )

    def _sealed(self, grant: Grant, generation: int) -> dict[str, Any]:
        plain = json.dumps(grant.to_fields()).encode()
        owner = owner_name(self._person_id)
        return {
            "sealed": self._seals.seal(plain, owner=owner, generation=generation),
            "generation": generation,
            "granted": None if grant.scopes is None else " ".join(grant.scopes),
            "expires_at": int(grant.expires_at),
        }

    def _opened(self, sealed: bytes, generation: int) -> Grant:
        plain = self._seals.open(sealed, owner=owner_name(self._person_id), generation=generation)
        try:
            return Grant.from_fields(json.loads(plain))
        except ValueError:
            raise _unavailable() from None

    async def _at(self, generation: int, /, **values: Any) -> None:
        """Change the row only while it is at this generation."""
        async with self._writing() as connection:
            done = await connection.execute(
                update(tables.connections)
                .where(
                    _c.person_id == self._person_id,
                    _c.generation == generation,
                    _c.sealed.is_not(None),
                )
                .values(**values)
            )
        if not done.rowcount:
            raise StaleGeneration

    async def _generation(self, connection: Any) -> int | None:
        query = select(_c.generation).where(_c.person_id == self._person_id).with_for_update()
        found = (await connection.execute(query)).scalar()
        return None if found is None else int(found)

    async def _take_lease(self, owner: str) -> bool:
        now = seconds(self._clock())
        async with self._writing() as connection:
            done = await connection.execute(
                update(tables.connections)
                .where(
                    _c.person_id == self._person_id,
                    _c.lease_until.is_(None) | (_c.lease_until < now),
                )
                .values(lease_owner=owner, lease_until=now + _LEASE_SECONDS)
            )
            return bool(done.rowcount) or await self._generation(connection) is None

    async def _return_lease(self, owner: str) -> None:
        async with self._writing() as connection:
            await connection.execute(
                update(tables.connections)
                .where(_c.person_id == self._person_id, _c.lease_owner == owner)
                .values(lease_owner=None, lease_until=None)
            )

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[Any]:
        try:
            async with self._database.write() as connection:
                yield connection
        except SQLAlchemyError:
            raise _unavailable() from None


def _unavailable() -> VaultError:
    return VaultError(
        "The database that keeps the connection does not answer.",
        hint="Try again in a moment; if it stays so, whoever runs this service should look.",
    )
