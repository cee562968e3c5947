"""Access and refresh tokens of assistants: opaque, hashed, rotated with a window of grace.

A refresh token is spent by its first use. For two minutes more it still works, because a client
may refresh twice at once or never see the first answer; after that its return means that somebody
else has it, and the whole grant ends.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import delete, insert, select, update

from annulet.hosted.authorization.access_grant import OPENED, Bearer, opened, with_owner
from annulet.hosted.authorization.client_grants import ClientGrant, ClientGrants
from annulet.hosted.authorization.errors import OAuthError
from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.database import tables
from annulet.hosted.database.engine import Database
from annulet.hosted.opaque_tokens import new_token, token_digest

__all__ = ["ACCESS_PREFIX", "IssuedTokens", "ReusedTokenError"]

ACCESS_PREFIX: Final = "annulet_at_"
_REFRESH_PREFIX: Final = "annulet_rt_"
_ACCESS_SECONDS: Final = 3600
_REFRESH_SECONDS: Final = 90 * 86_400
_GRACE_SECONDS: Final = 120
_t = tables.oauth_tokens.c
_g = tables.oauth_grants.c


class ReusedTokenError(OAuthError):
    """A refresh token came back after its time; its grant has ended.

    Args:
        person_id: Whose grant it was.
        client: The client it was given to.
    """

    def __init__(self, person_id: str, client: str) -> None:
        super().__init__("invalid_grant", "The refresh token was used before; access has ended.")
        self.person_id = person_id
        self.client = client


class IssuedTokens:
    """Issues, rotates, looks up and revokes tokens."""

    def __init__(self, database: Database, clock: Clock, grants: ClientGrants) -> None:
        self._database = database
        self._clock = clock
        self._grants = grants

    async def issue(self, grant: ClientGrant) -> dict[str, Any]:
        """The first pair of a grant."""
        async with self._database.write() as connection:
            return await self._pair(connection, grant.id, grant.scopes)

    async def refresh(
        self, token: str, *, client_id: str, scope: str, resource: str
    ) -> dict[str, Any]:
        """The next pair.

        Raises:
            ReusedTokenError: The token was used too long ago; its grant has ended.
            OAuthError: The token is not good for this client or this request.
        """
        now = to_epoch_s(self._clock())
        async with self._database.write() as connection:
            query = (
                select(_t.expires_at, _t.used_at, _t.scopes, *_g)
                .select_from(
                    tables.oauth_tokens.join(tables.oauth_grants).join(
                        tables.people, _g.person_id == tables.people.c.id
                    )
                )
                .where(
                    _t.digest == token_digest(token),
                    _t.kind == "refresh",
                    tables.people.c.disabled_at.is_(None),
                )
                .with_for_update(of=(tables.oauth_tokens, tables.oauth_grants))
            )
            row = (await connection.execute(query)).mappings().one_or_none()
            if row is None or row[_g.client_id] != client_id or row[_t.expires_at] <= now:
                raise OAuthError("invalid_grant", "The refresh token is not good any more.")
            used = row[_t.used_at]
            late = used is not None and now - used > _GRACE_SECONDS
            if not late:
                scopes = _narrowed(row[_t.scopes], scope)
                if resource and resource.rstrip("/") != row[_g.resource]:
                    raise OAuthError("invalid_target", "The token was given for another resource.")
                if used is None:
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
                return await self._pair(connection, row[_g.id], scopes)
        await self._grants.end(row[_g.id])
        raise ReusedTokenError(row[_g.person_id], row[_g.client_name])

    async def find(self, token: str) -> Bearer | None:
        """What an access token opens; nothing when it ended or its person is disabled."""
        query = (
            select(_g.resource, _t.scopes, _g.client_name, _t.expires_at, *OPENED)
            .select_from(
                with_owner(
                    tables.oauth_tokens.join(tables.oauth_grants), _g.person_id, _g.endpoint_id
                )
            )
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
        resource, scopes, client, expires_at, *owner = row
        return opened(resource, tuple(scopes.split()), client, expires_at, owner)

    async def revoke(self, token: str, client_id: str) -> tuple[str, str] | None:
        """A client gives a token back: its grant ends (RFC 7009).

        Returns:
            Whose grant it was and the client's name, if it was one of this client.
        """
        query = (
            select(_g.id, _g.person_id, _g.client_name)
            .select_from(tables.oauth_tokens.join(tables.oauth_grants))
            .where(_t.digest == token_digest(token), _g.client_id == client_id)
        )
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            return None
        await self._grants.end(row[0])
        return row[1], row[2]

    async def forget_expired(self) -> None:
        """Remove tokens that ended, and grants that nothing living belongs to any more."""
        now = to_epoch_s(self._clock())
        living = select(_t.grant_id).where(_t.expires_at > now)
        async with self._database.write() as connection:
            await connection.execute(delete(tables.oauth_tokens).where(_t.expires_at <= now))
            await connection.execute(
                delete(tables.oauth_grants).where(
                    _g.created_at < now - _REFRESH_SECONDS, _g.id.not_in(living)
                )
            )

    async def _pair(self, connection: Any, grant_id: str, scopes: str) -> dict[str, Any]:
        now = to_epoch_s(self._clock())
        access, refresh = new_token(ACCESS_PREFIX), new_token(_REFRESH_PREFIX)
        for token, kind, lifetime in (
            (access, "access", _ACCESS_SECONDS),
            (refresh, "refresh", _REFRESH_SECONDS),
        ):
            await connection.execute(
                insert(tables.oauth_tokens).values(
                    digest=token_digest(token),
                    kind=kind,
                    grant_id=grant_id,
                    scopes=scopes,
                    expires_at=now + lifetime,
                )
            )
        await connection.execute(
            update(tables.oauth_grants).where(_g.id == grant_id).values(used_at=now)
        )
        return {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": _ACCESS_SECONDS,
            "refresh_token": refresh,
            "scope": scopes,
        }


def _narrowed(granted: str, asked: str) -> str:
    names = asked.split()
    if not set(names) <= set(granted.split()):
        raise OAuthError("invalid_scope", "A refresh cannot ask for more than was granted.")
    return " ".join(names) or granted
