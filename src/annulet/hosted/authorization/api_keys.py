"""API keys: shown once, stored as digests, with scopes and an end, rotated with an overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    bindparam,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from annulet.contract.texts import harmless
from annulet.errors import UsageError
from annulet.hosted.authorization.access_grant import (
    OWNER_COLUMNS,
    AccessGrant,
    build_access_grant,
    join_owner,
)
from annulet.hosted.authorization.scopes import SCOPES
from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.database import tables
from annulet.hosted.database.engine import AnyRow, ServiceDatabase
from annulet.hosted.errors import FieldError, NotFoundError
from annulet.hosted.opaque_tokens import derive_id, new_id, new_token, token_digest

LIFETIME_DAYS: Final = {"30": 30, "90": 90, "365": 365, "never": None}
"""The lifetimes that the form offers; ``None`` for a key that does not end."""
_PREFIX: Final = "annulet_"
_VISIBLE_LENGTH: Final = len(_PREFIX) + 6
_OVERLAP_S: Final = 86_400
_MAX_KEYS: Final = 20
_MAX_NAME: Final = 80
_MARK_USED_INTERVAL_S: Final = 60
_DAY_S: Final = 86_400
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
_ADMIN_COLUMNS = (
    *(_k.id, _k.prefix, _k.created_at, _k.expires_at, _k.used_at),
    tables.people.c.login,
)


class KeyRotatedError(UsageError):
    """The key was rotated before, and has its successor."""

    def __init__(self) -> None:
        super().__init__(
            "This key was rotated already, and its new key was shown once.",
            hint="If you did not see the new key, revoke it and create another one.",
        )


class ApiKeys:
    """Creates, finds, rotates and revokes keys."""

    def __init__(self, database: ServiceDatabase, clock: Clock) -> None:
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
        """Create a key for one endpoint of one person.

        Returns:
            The key, which is not stored.

        Raises:
            NotFoundError: The endpoint is not this person's.
            UsageError: There are too many keys, or a scope is unknown.
        """
        now, key = to_epoch_s(self._clock()), new_token(_PREFIX)
        if not scopes or not set(scopes) <= set(SCOPES):
            raise FieldError("scope", "Choose what the key may do.", hint="Tick at least one line.")
        row = {
            **_secret_columns(key),
            "id": new_id(),
            "person_id": person_id,
            "endpoint_id": endpoint_id,
            "name": harmless(name, _MAX_NAME) or "API key",
            "scopes": " ".join(scopes),
            "created_at": now,
            "expires_at": None if days is None else now + days * _DAY_S,
        }
        async with self._database.write() as connection:
            await _check_may_create(connection, person_id, endpoint_id, now)
            await connection.execute(insert(tables.api_keys).values(row))
        return key

    async def rotate(self, person_id: str, key_id: str) -> str:
        """Create a key in place of an old one, which works for one day more.

        The new key has the lifetime that the old one was given. A key has one successor, however
        often it is rotated: the identifier of the successor is computed from its own.

        Raises:
            NotFoundError: This person has no such key.
            KeyRotatedError: The key was rotated before.
            UsageError: There are too many keys.
        """
        now, key = to_epoch_s(self._clock()), new_token(_PREFIX)
        old = await self._get(person_id, key_id)
        row = {
            **_secret_columns(key),
            "id": derive_id("rotated-key", old.id),
            "person_id": person_id,
            "endpoint_id": old.endpoint_id,
            "name": old.name,
            "scopes": old.scopes,
            "created_at": now,
            "expires_at": old.expires_at and now + old.expires_at - old.created_at,
        }
        successor = self._database.insert(tables.api_keys).values(row)
        overlap_end = now + _OVERLAP_S
        async with self._database.write() as connection:
            query = select(_k.id).where(_k.id == row["id"])
            if (await connection.execute(query)).scalar() is not None:
                raise KeyRotatedError
            await _check_may_create(connection, person_id, old.endpoint_id, now)
            made = await connection.execute(
                successor.on_conflict_do_nothing(index_elements=[_k.id])
            )
            if not made.rowcount:
                raise KeyRotatedError
            await connection.execute(
                update(tables.api_keys)
                .where(_k.id == old.id)
                .values(expires_at=min(old.expires_at or overlap_end, overlap_end))
            )
        return key

    async def revoke(self, person_id: str, key_id: str) -> bool:
        """Revoke one key of one person at once."""
        return await self._revoke(_k.id == key_id, _k.person_id == person_id)

    async def revoke_all(self, person_id: str) -> None:
        """Revoke every key of one person at once."""
        await self._revoke(_k.person_id == person_id)

    async def revoke_any(self, key_id: str) -> bool:
        """Revoke a key of any person, for the admin."""
        return await self._revoke(_k.id == key_id)

    async def list_for(self, person_id: str, endpoint_id: str | None = None) -> Sequence[ApiKey]:
        """List the valid keys of one person or of one endpoint, the newest first."""
        conditions = [_k.person_id == person_id]
        if endpoint_id is not None:
            conditions.append(_k.endpoint_id == endpoint_id)
        return [ApiKey(*row) for row in await self._select(_COLUMNS, *conditions)]

    async def list_all(self, *, after: str = "", limit: int | None = None) -> Sequence[AnyRow]:
        """List valid keys with their owners by their ids, without names and endpoints."""
        query = (
            select(*_ADMIN_COLUMNS)
            .select_from(tables.api_keys.join(tables.people, _k.person_id == tables.people.c.id))
            .where(*_is_valid(to_epoch_s(self._clock())), _k.id > after)
            .order_by(_k.id)
            .limit(limit)
        )
        return await self._database.fetch_all(query)

    async def find(self, key: str) -> AccessGrant | None:
        """Find what a key gives access to.

        Returns:
            ``None`` when the key has ended or its person is disabled.
        """
        now = to_epoch_s(self._clock())
        row = await self._database.fetch_one(_FIND_VALID, {"digest": token_digest(key), "now": now})
        if row is None:
            return None
        key_id, scopes, name, expires_at, used_at = row[:5]
        if used_at is None or now - used_at > _MARK_USED_INTERVAL_S:
            await self._database.execute(
                update(tables.api_keys).where(_k.id == key_id).values(used_at=now)
            )
        return build_access_grant(row, scopes=scopes, client_name=name, expires_at=expires_at)

    async def _get(self, person_id: str, key_id: str) -> ApiKey:
        rows = await self._select(_COLUMNS, _k.person_id == person_id, _k.id == key_id)
        if not rows:
            raise NotFoundError("There is no such key.", hint="It may have been revoked.")
        return ApiKey(*rows[0])

    async def _select(
        self, columns: Sequence[ColumnElement[object]], *conditions: ColumnElement[bool]
    ) -> Sequence[AnyRow]:
        query = (
            select(*columns)
            .select_from(tables.api_keys.join(tables.people, _k.person_id == tables.people.c.id))
            .where(*_is_valid(to_epoch_s(self._clock())), *conditions)
            .order_by(_k.created_at.desc(), _k.id)
        )
        return await self._database.fetch_all(query)

    async def _revoke(self, *conditions: ColumnElement[bool]) -> bool:
        """Revoke keys; one that was revoked before stays so, and counts as revoked by this."""
        at = func.coalesce(_k.revoked_at, to_epoch_s(self._clock()))
        revoked = update(tables.api_keys).where(*conditions).values(revoked_at=at)
        return await self._database.execute(revoked) > 0


def _secret_columns(key: str) -> dict[str, object]:
    return {"digest": token_digest(key), "prefix": key[:_VISIBLE_LENGTH]}


def _is_valid(now: int | BindParameter[int]) -> tuple[ColumnElement[bool], ...]:
    return _k.revoked_at.is_(None), (_k.expires_at.is_(None) | (_k.expires_at > now))


# built once: every question begins with it, and building it costs more than reading the row
_FIND_VALID: Final = (
    select(_k.id, _k.scopes, _k.name, _k.expires_at, _k.used_at, *OWNER_COLUMNS)
    .select_from(join_owner(tables.api_keys, _k.person_id, _k.endpoint_id))
    .where(
        *_is_valid(bindparam("now", type_=BigInteger)),
        _k.digest == bindparam("digest"),
        tables.people.c.disabled_at.is_(None),
    )
)


async def _check_may_create(
    connection: AsyncConnection, person_id: str, endpoint_id: str, now: int
) -> None:
    e = tables.endpoints.c
    owned = select(e.id).where(e.id == endpoint_id, e.person_id == person_id)
    if (await connection.execute(owned)).scalar() is None:
        raise NotFoundError("There is no such endpoint.", hint="It may have been deleted.")
    count = select(func.count()).where(_k.person_id == person_id, *_is_valid(now))
    if (await connection.execute(count)).scalar_one() >= _MAX_KEYS:
        raise UsageError(
            f"There are {_MAX_KEYS} keys already.", hint="Revoke one you no longer use."
        )
