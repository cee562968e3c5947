"""Access and refresh tokens of OAuth clients: opaque, stored as digests, and rotated.

A refresh token is spent by its first use. Its successors are computed from it with a key of the
service, so a second use yields the same pair and never a second chain. The second use is accepted
for two minutes, because a client may lose the first response, and for the life of an access token
while its successor is unused, because two terminals may share one login. Any other use means that
another party has the token, and the whole grant ends (RFC 9700 section 4.14).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import BigInteger, RowMapping, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from annulet.hosted.authorization.access_grant import (
    OWNER_COLUMNS,
    AccessGrant,
    build_access_grant,
    join_owner,
)
from annulet.hosted.authorization.client_grants import ClientGrant, ClientGrants
from annulet.hosted.authorization.errors import OAuthError, ReplayedError
from annulet.hosted.authorization.scopes import known_scopes, parse_scopes
from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.database import tables
from annulet.hosted.database.engine import ServiceDatabase
from annulet.hosted.opaque_tokens import new_token, token_digest

ACCESS_PREFIX: Final = "annulet_at_"
_REFRESH_PREFIX: Final = "annulet_rt_"
_ACCESS_LIFETIME_S: Final = 3600
_REFRESH_LIFETIME_S: Final = 90 * 86_400
_GRACE_S: Final = 120
_t = tables.oauth_tokens.c
_g = tables.oauth_grants.c


# built once: every question begins with it, and building it costs more than reading the row
_FIND_ACCESS: Final = (
    select(_g.resource, _t.scopes, _g.client_name, _t.expires_at, *OWNER_COLUMNS)
    .select_from(
        join_owner(tables.oauth_tokens.join(tables.oauth_grants), _g.person_id, _g.endpoint_id)
    )
    .where(
        _t.digest == bindparam("digest"),
        _t.kind == "access",
        _t.expires_at > bindparam("now", type_=BigInteger),
        _g.revoked_at.is_(None),
        tables.people.c.disabled_at.is_(None),
    )
)


@dataclass(frozen=True, slots=True)
class _TokenPair:
    """An access token and the refresh token beside it."""

    access: str
    refresh: str


class IssuedTokens:
    """Issues, rotates, finds and revokes tokens."""

    def __init__(
        self,
        database: ServiceDatabase,
        clock: Clock,
        grants: ClientGrants,
        keyed_digest: Callable[[str, str], Awaitable[str]],
    ) -> None:
        self._database = database
        self._clock = clock
        self._grants = grants
        self._keyed_digest = keyed_digest

    async def issue(self, grant: ClientGrant) -> dict[str, object]:
        """Issue the first pair of a grant, as the token response."""
        pair = _TokenPair(new_token(ACCESS_PREFIX), new_token(_REFRESH_PREFIX))
        async with self._database.write() as connection:
            await self._store_pair(connection, grant.id, grant.scopes, pair)
        return _token_response(pair, grant.scopes, _ACCESS_LIFETIME_S)

    async def refresh(
        self, token: str, *, client_id: str, scope: str, resource: str
    ) -> dict[str, object]:
        """Issue the next pair, or the same one again, as the token response.

        Raises:
            ReplayedError: The token was used too long ago; its grant has ended.
            OAuthError: The token is not good for this client or this request.
        """
        now, pair = to_epoch_s(self._clock()), await self._derive_pair(token)
        async with self._database.write() as connection:
            row = await _read_refresh_token(connection, token)
            if row is None or row[_g.client_id] != client_id or row[_t.expires_at] <= now:
                raise OAuthError("invalid_grant", "The refresh token is not good any more.")
            if resource and resource != row[_g.resource]:
                raise OAuthError("invalid_target", "The token was given for another resource.")
            scopes = _narrow_scopes(row[_t.scopes], scope)
            used_at = row[_t.used_at]
            if used_at is None:
                await self._spend(connection, token, row[_g.id])
                await self._store_pair(connection, row[_g.id], scopes, pair)
                return _token_response(pair, scopes, _ACCESS_LIFETIME_S)
            remaining_s = used_at + _ACCESS_LIFETIME_S - now
            is_lost_response = now - used_at <= _GRACE_S
            if is_lost_response or (remaining_s > 0 and await _is_unused(connection, pair.refresh)):
                return _token_response(pair, row[_t.scopes], remaining_s)
        await self._grants.end(row[_g.id])
        raise ReplayedError(
            "The refresh token was used before; access has ended.",
            row[_g.person_id],
            row[_g.client_name],
        )

    async def find(self, token: str) -> AccessGrant | None:
        """Find what an access token gives access to.

        Returns:
            ``None`` when the token has ended or its person is disabled.
        """
        row = await self._database.fetch_one(
            _FIND_ACCESS, {"digest": token_digest(token), "now": to_epoch_s(self._clock())}
        )
        if row is None:
            return None
        resource, scopes, client_name, expires_at = row[:4]
        return build_access_grant(
            row, scopes=scopes, client_name=client_name, expires_at=expires_at, resource=resource
        )

    async def revoke(self, token: str, client_id: str) -> tuple[str, str] | None:
        """Revoke a token on behalf of its client: the whole grant ends (RFC 7009).

        Returns:
            The person and the name of the client, if the token was one of this client.
        """
        query = (
            select(_g.id, _g.person_id, _g.client_name)
            .select_from(tables.oauth_tokens.join(tables.oauth_grants))
            .where(_t.digest == token_digest(token), _g.client_id == client_id)
        )
        row = await self._database.fetch_one(query)
        if row is None:
            return None
        await self._grants.end(row.id)
        return row.person_id, row.client_name

    async def delete_expired(self) -> None:
        """Delete tokens that have ended, and old grants without any other token."""
        now = to_epoch_s(self._clock())
        living = select(_t.grant_id).where(_t.expires_at > now)
        async with self._database.write() as connection:
            await connection.execute(delete(tables.oauth_tokens).where(_t.expires_at <= now))
            await connection.execute(
                delete(tables.oauth_grants).where(
                    _g.created_at < now - _REFRESH_LIFETIME_S, _g.id.not_in(living)
                )
            )

    async def _derive_pair(self, token: str) -> _TokenPair:
        """Compute the successors of a refresh token, which takes the key of the service."""
        access = await self._keyed_digest("access-successor", token)
        refresh = await self._keyed_digest("refresh-successor", token)
        return _TokenPair(ACCESS_PREFIX + access, _REFRESH_PREFIX + refresh)

    async def _spend(self, connection: AsyncConnection, token: str, grant_id: str) -> None:
        """Mark a refresh token as used, and delete the expired tokens of its grant."""
        now = to_epoch_s(self._clock())
        await connection.execute(
            update(tables.oauth_tokens).where(_t.digest == token_digest(token)).values(used_at=now)
        )
        await connection.execute(
            delete(tables.oauth_tokens).where(_t.grant_id == grant_id, _t.expires_at <= now)
        )

    async def _store_pair(
        self, connection: AsyncConnection, grant_id: str, scopes: str, pair: _TokenPair
    ) -> None:
        now = to_epoch_s(self._clock())
        for token, kind, lifetime_s in (
            (pair.access, "access", _ACCESS_LIFETIME_S),
            (pair.refresh, "refresh", _REFRESH_LIFETIME_S),
        ):
            await connection.execute(
                insert(tables.oauth_tokens).values(
                    digest=token_digest(token),
                    kind=kind,
                    grant_id=grant_id,
                    scopes=scopes,
                    expires_at=now + lifetime_s,
                )
            )
        await connection.execute(
            update(tables.oauth_grants).where(_g.id == grant_id).values(used_at=now)
        )


def _token_response(pair: _TokenPair, scopes: str, lifetime_s: int) -> dict[str, object]:
    return {
        "access_token": pair.access,
        "token_type": "Bearer",
        "expires_in": lifetime_s,
        "refresh_token": pair.refresh,
        "scope": scopes,
    }


async def _is_unused(connection: AsyncConnection, refresh_token: str) -> bool:
    """Tell whether a refresh token exists and was never used."""
    query = select(_t.digest).where(_t.digest == token_digest(refresh_token), _t.used_at.is_(None))
    return (await connection.execute(query)).scalar() is not None


async def _read_refresh_token(connection: AsyncConnection, token: str) -> RowMapping | None:
    """Read a refresh token with its grant, and lock both."""
    source = tables.oauth_tokens.join(tables.oauth_grants).join(
        tables.people, _g.person_id == tables.people.c.id
    )
    query = (
        select(_t.expires_at, _t.used_at, _t.scopes, *_g)
        .select_from(source)
        .where(
            _t.digest == token_digest(token),
            _t.kind == "refresh",
            tables.people.c.disabled_at.is_(None),
        )
        .with_for_update(of=(tables.oauth_tokens, tables.oauth_grants))
    )
    return (await connection.execute(query)).mappings().one_or_none()


def _narrow_scopes(granted: str, requested: str) -> str:
    names = known_scopes(requested)
    parse_scopes(requested)  # refuses what is not offered at all
    if not set(names) <= set(granted.split()):
        raise OAuthError("invalid_scope", "A refresh cannot ask for more than was granted.")
    return " ".join(names) or granted
