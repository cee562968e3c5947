"""Access and refresh tokens of OAuth clients: opaque, stored as digests, and rotated.

A refresh token is spent by its first use. It works for two minutes more, because a client may
refresh twice at once or lose the first response. A later use means that another party has it, and
the whole grant ends (RFC 9700 section 4.14).
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from annulet.hosted.authorization.access_grant import (
    OWNER_COLUMNS,
    AccessGrant,
    join_owner,
    read_owner,
)
from annulet.hosted.authorization.client_grants import ClientGrant, ClientGrants
from annulet.hosted.authorization.errors import OAuthError
from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.database import tables
from annulet.hosted.database.engine import ServiceDatabase
from annulet.hosted.opaque_tokens import new_token, token_digest

__all__ = ["ACCESS_PREFIX", "IssuedTokens", "ReplayedTokenError"]

ACCESS_PREFIX: Final = "annulet_at_"
_REFRESH_PREFIX: Final = "annulet_rt_"
_ACCESS_LIFETIME_S: Final = 3600
_REFRESH_LIFETIME_S: Final = 90 * 86_400
_GRACE_S: Final = 120
_t = tables.oauth_tokens.c
_g = tables.oauth_grants.c


class ReplayedTokenError(OAuthError):
    """A refresh token was used again after its grace period; its grant has ended.

    Args:
        person_id: Whose grant it was.
        client_name: The client it was given to.
    """

    def __init__(self, person_id: str, client_name: str) -> None:
        super().__init__("invalid_grant", "The refresh token was used before; access has ended.")
        self.person_id = person_id
        self.client_name = client_name


class IssuedTokens:
    """Issues, rotates, finds and revokes tokens."""

    def __init__(self, database: ServiceDatabase, clock: Clock, grants: ClientGrants) -> None:
        self._database = database
        self._clock = clock
        self._grants = grants

    async def issue(self, grant: ClientGrant) -> dict[str, object]:
        """Issue the first pair of a grant, as the token response."""
        async with self._database.write() as connection:
            return await self._issue_pair(connection, grant.id, grant.scopes)

    async def refresh(
        self, token: str, *, client_id: str, scope: str, resource: str
    ) -> dict[str, object]:
        """Issue the next pair, as the token response.

        Raises:
            ReplayedTokenError: The token was used too long ago; its grant has ended.
            OAuthError: The token is not good for this client or this request.
        """
        now = to_epoch_s(self._clock())
        async with self._database.write() as connection:
            row = await _read_refresh_token(connection, token)
            if row is None or row[_g.client_id] != client_id or row[_t.expires_at] <= now:
                raise OAuthError("invalid_grant", "The refresh token is not good any more.")
            used_at = row[_t.used_at]
            is_replayed = used_at is not None and now - used_at > _GRACE_S
            if not is_replayed:
                scopes = _narrow_scopes(row[_t.scopes], scope)
                if resource and resource.rstrip("/") != row[_g.resource]:
                    raise OAuthError("invalid_target", "The token was given for another resource.")
                if used_at is None:
                    await connection.execute(
                        update(tables.oauth_tokens)
                        .where(_t.digest == token_digest(token))
                        .values(used_at=now)
                    )
                await connection.execute(
                    delete(tables.oauth_tokens).where(
                        _t.grant_id == row[_g.id], _t.expires_at <= now
                    )
                )
                return await self._issue_pair(connection, row[_g.id], scopes)
        await self._grants.end(row[_g.id])
        raise ReplayedTokenError(row[_g.person_id], row[_g.client_name])

    async def find(self, token: str) -> AccessGrant | None:
        """Find what an access token gives access to.

        Returns:
            ``None`` when the token has ended or its person is disabled.
        """
        source = join_owner(
            tables.oauth_tokens.join(tables.oauth_grants), _g.person_id, _g.endpoint_id
        )
        query = (
            select(_g.resource, _t.scopes, _g.client_name, _t.expires_at, *OWNER_COLUMNS)
            .select_from(source)
            .where(
                _t.digest == token_digest(token),
                _t.kind == "access",
                _t.expires_at > to_epoch_s(self._clock()),
                _g.revoked_at.is_(None),
                tables.people.c.disabled_at.is_(None),
            )
        )
        row = await self._database.fetch_one(query)
        if row is None:
            return None
        resource, scopes, client_name, expires_at = row[:4]
        person, endpoint, connection = read_owner(row)
        return AccessGrant(
            person=person,
            endpoint=endpoint,
            connection=connection,
            resource=resource,
            scopes=tuple(scopes.split()),
            client_name=client_name,
            expires_at=expires_at,
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

    async def _issue_pair(
        self, connection: AsyncConnection, grant_id: str, scopes: str
    ) -> dict[str, object]:
        now = to_epoch_s(self._clock())
        access, refresh = new_token(ACCESS_PREFIX), new_token(_REFRESH_PREFIX)
        for token, kind, lifetime_s in (
            (access, "access", _ACCESS_LIFETIME_S),
            (refresh, "refresh", _REFRESH_LIFETIME_S),
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
        return {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": _ACCESS_LIFETIME_S,
            "refresh_token": refresh,
            "scope": scopes,
        }


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
    names = requested.split()
    if not set(names) <= set(granted.split()):
        raise OAuthError("invalid_scope", "A refresh cannot ask for more than was granted.")
    return " ".join(names) or granted
