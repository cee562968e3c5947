"""API keys: shown once, kept as digests, scoped, expiring, rotated with an overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, insert, select, update

from annulet.errors import UsageError
from annulet.hosted.authorization.access_grant import OPENED, Bearer, opened, with_owner
from annulet.hosted.authorization.scopes import SCOPES
from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.database import tables
from annulet.hosted.database.engine import Database
from annulet.hosted.errors import NotFoundError
from annulet.hosted.opaque_tokens import new_id, new_token, token_digest

__all__ = ["LIFETIMES", "PREFIX", "ApiKey", "ApiKeys"]

PREFIX: Final = "annulet_"
LIFETIMES: Final = {"30": 30, "90": 90, "365": 365, "never": None}
OVERLAP_SECONDS: Final = 86_400
_MOST_KEYS: Final = 20
_TOUCH_EVERY: Final = 60
_DAY: Final = 86_400
_SHOWN: Final = len(PREFIX) + 6
_k = tables.api_keys.c


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key, as lists show it."""

    id: str
    prefix: str
    endpoint_id: str
    name: str
    scopes: str
    created_at: int
    expires_at: int | None
    used_at: int | None


_COLUMNS = tuple(_k[name] for name in ApiKey.__dataclass_fields__)


class ApiKeys:
    """Makes, finds, rotates and revokes keys."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def create(
        self,
        person_id: str,
        endpoint_id: str,
        *,
        name: str,
        scopes: Sequence[str],
        days: int | None,
    ) -> str:
        """A new key for one endpoint of one person.

        Returns:
            The key, which is not kept.

        Raises:
            NotFoundError: The endpoint is not this person's.
            UsageError: There are too many keys, or a scope is unknown.
        """
        now, key = to_epoch_s(self._clock()), new_token(PREFIX)
        if not scopes or not set(scopes) <= set(SCOPES):
            raise UsageError("Choose what the key may do.", hint="Tick at least one line.")
        async with self._database.write() as connection:
            e = tables.endpoints.c
            owned = select(e.id).where(e.id == endpoint_id, e.person_id == person_id)
            if (await connection.execute(owned)).scalar() is None:
                raise NotFoundError("There is no such endpoint.", hint="It may have been deleted.")
            if await _living(connection, person_id, now) >= _MOST_KEYS:
                raise UsageError(
                    f"There are {_MOST_KEYS} keys already.", hint="Revoke one you no longer use."
                )
            await connection.execute(
                insert(tables.api_keys).values(
                    id=new_id(),
                    digest=token_digest(key),
                    prefix=key[:_SHOWN],
                    person_id=person_id,
                    endpoint_id=endpoint_id,
                    name=name.strip()[:80] or "API key",
                    scopes=" ".join(scopes),
                    created_at=now,
                    expires_at=None if days is None else now + days * _DAY,
                )
            )
        return key

    async def rotate(self, person_id: str, key_id: str) -> str:
        """A new key in place of an old one, which works for one day more.

        Raises:
            NotFoundError: This person has no such key.
        """
        now = to_epoch_s(self._clock())
        row = await self._one(person_id, key_id)
        days = None if row.expires_at is None else max(1, (row.expires_at - row.created_at) // _DAY)
        key = await self.create(
            person_id, row.endpoint_id, name=row.name, scopes=row.scopes.split(), days=days
        )
        until = min(row.expires_at or now + OVERLAP_SECONDS, now + OVERLAP_SECONDS)
        async with self._database.write() as connection:
            await connection.execute(
                update(tables.api_keys)
                .where(_k.id == key_id, _k.person_id == person_id)
                .values(expires_at=until)
            )
        return key

    async def revoke(self, person_id: str, key_id: str) -> bool:
        """End one key of one person at once."""
        return await self._end(_k.id == key_id, _k.person_id == person_id)

    async def revoke_any(self, key_id: str) -> bool:
        """End a key, whoever has it: for the admin."""
        return await self._end(_k.id == key_id)

    async def of(self, person_id: str, endpoint_id: str | None = None) -> Sequence[ApiKey]:
        """The living keys of one person, the latest first."""
        conditions = [_k.person_id == person_id]
        if endpoint_id is not None:
            conditions.append(_k.endpoint_id == endpoint_id)
        return [ApiKey(*row) for row in await self._rows(_COLUMNS, *conditions)]

    async def everybodys(self) -> Sequence[Any]:
        """All living keys with their owners, for the admin; without names and endpoints."""
        columns = (
            _k.id,
            _k.prefix,
            _k.created_at,
            _k.expires_at,
            _k.used_at,
            tables.people.c.login,
        )
        return await self._rows(columns)

    async def find(self, key: str) -> Bearer | None:
        """What a key opens; nothing when it ended or its person is disabled."""
        now = to_epoch_s(self._clock())
        query = (
            select(_k.id, _k.scopes, _k.name, _k.expires_at, _k.used_at, *OPENED)
            .select_from(with_owner(tables.api_keys, _k.person_id, _k.endpoint_id))
            .where(
                *_alive(now), _k.digest == token_digest(key), tables.people.c.disabled_at.is_(None)
            )
        )
        row = await self._database.fetch_one(query)
        if row is None:
            return None
        key_id, scopes, name, expires_at, used_at, *owner = row
        if used_at is None or now - used_at > _TOUCH_EVERY:
            async with self._database.write() as connection:
                await connection.execute(
                    update(tables.api_keys).where(_k.id == key_id).values(used_at=now)
                )
        return opened("", tuple(scopes.split()), name, expires_at, owner)

    async def _one(self, person_id: str, key_id: str) -> ApiKey:
        rows = await self._rows(_COLUMNS, _k.person_id == person_id, _k.id == key_id)
        if not rows:
            raise NotFoundError("There is no such key.", hint="It may have been revoked.")
        return ApiKey(*rows[0])

    async def _rows(self, columns: Sequence[Any], *conditions: Any) -> Sequence[Any]:
        query = (
            select(*columns)
            .select_from(tables.api_keys.join(tables.people, _k.person_id == tables.people.c.id))
            .where(*_alive(to_epoch_s(self._clock())), *conditions)
            .order_by(_k.created_at.desc(), _k.id)
        )
        async with self._database.read() as connection:
            return (await connection.execute(query)).all()

    async def _end(self, *conditions: Any) -> bool:
        now = to_epoch_s(self._clock())
        async with self._database.write() as connection:
            done = await connection.execute(
                update(tables.api_keys)
                .where(_k.revoked_at.is_(None), *conditions)
                .values(revoked_at=now)
            )
            return bool(done.rowcount)


def _alive(now: int) -> tuple[Any, ...]:
    return _k.revoked_at.is_(None), (_k.expires_at.is_(None) | (_k.expires_at > now))


async def _living(connection: Any, person_id: str, now: int) -> int:
    query = select(func.count()).where(_k.person_id == person_id, *_alive(now))
    return int((await connection.execute(query)).scalar_one())
