"""What people have allowed their assistants: grants, and the codes that deliver them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import delete, insert, select, update

from annulet.hosted.authorization.authorization_request import AuthorizationRequest
from annulet.hosted.authorization.errors import OAuthError
from annulet.hosted.authorization.pkce import verifies
from annulet.hosted.authorization.redirects import destination
from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.database import tables
from annulet.hosted.database.engine import Database
from annulet.hosted.opaque_tokens import new_id, new_token, token_digest

__all__ = ["ClientGrant", "ClientGrants"]

_CODE_SECONDS: Final = 120
_g = tables.oauth_grants.c
_c = tables.oauth_codes.c


@dataclass(frozen=True, slots=True)
class ClientGrant:
    """One grant, as lists show it."""

    id: str
    client_id: str
    client_name: str
    redirect_host: str
    endpoint_id: str
    resource: str
    scopes: str
    created_at: int
    used_at: int | None


_COLUMNS = tuple(_g[name] for name in ClientGrant.__dataclass_fields__)


class ClientGrants:
    """Gives, lists and revokes grants."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def allow(self, person_id: str, asking: AuthorizationRequest, endpoint_id: str) -> str:
        """The person said yes.

        Returns:
            The code for the client.
        """
        now, code, grant_id = to_epoch_s(self._clock()), new_token(), new_id()
        async with self._database.write() as connection:
            await connection.execute(delete(tables.oauth_codes).where(_c.expires_at < now - 86_400))
            await connection.execute(
                insert(tables.oauth_grants).values(
                    id=grant_id,
                    person_id=person_id,
                    client_id=asking.client.id,
                    client_name=asking.client.name,
                    redirect_host=destination(asking.redirect_uri)[:260],
                    endpoint_id=endpoint_id,
                    resource=asking.resource,
                    scopes=" ".join(asking.scopes),
                    created_at=now,
                )
            )
            await connection.execute(
                insert(tables.oauth_codes).values(
                    digest=token_digest(code),
                    grant_id=grant_id,
                    redirect_uri=asking.redirect_uri,
                    redirect_given=int(asking.redirect_given),
                    challenge=asking.challenge,
                    expires_at=now + _CODE_SECONDS,
                )
            )
        return code

    async def redeem(
        self, code: str, *, client_id: str, redirect_uri: str, verifier: str, resource: str
    ) -> ClientGrant:
        """Spend a code.

        Raises:
            OAuthError: It is not good for this; a code that comes back ends its grant.
        """
        now = to_epoch_s(self._clock())
        async with self._database.write() as connection:
            query = (
                select(*_c, *_COLUMNS, _g.revoked_at)
                .select_from(
                    tables.oauth_codes.join(tables.oauth_grants).join(
                        tables.people, _g.person_id == tables.people.c.id
                    )
                )
                .where(_c.digest == token_digest(code), tables.people.c.disabled_at.is_(None))
                .with_for_update(of=(tables.oauth_codes, tables.oauth_grants))
            )
            row = (await connection.execute(query)).mappings().one_or_none()
            if row is None or row[_g.client_id] != client_id:
                raise _invalid("The code is not good for this client.")
            replayed = row[_c.used_at] is not None
            if replayed:
                await _end(connection, [row[_g.id]], now)
            else:
                await connection.execute(
                    update(tables.oauth_codes)
                    .where(_c.digest == token_digest(code))
                    .values(used_at=now)
                )
        if replayed:
            raise _invalid("The code was used before; the access it gave has ended.")
        _check_code(row, now, redirect_uri=redirect_uri, verifier=verifier)
        if resource and resource.rstrip("/") != row[_g.resource]:
            raise OAuthError("invalid_target", "The code was given for another resource.")
        return ClientGrant(*(row[column] for column in _COLUMNS))

    async def of(self, person_id: str) -> Sequence[ClientGrant]:
        """What one person has allowed and not taken back, the latest first."""
        query = (
            select(*_COLUMNS)
            .where(_g.person_id == person_id, _g.revoked_at.is_(None))
            .order_by(_g.created_at.desc(), _g.id)
        )
        async with self._database.read() as connection:
            return [ClientGrant(*row) for row in await connection.execute(query)]

    async def revoke(self, person_id: str, grant_id: str) -> bool:
        """Take one grant of one person back, with every token of it."""
        async with self._database.write() as connection:
            query = select(_g.id).where(
                _g.person_id == person_id, _g.id == grant_id, _g.revoked_at.is_(None)
            )
            found = list((await connection.execute(query)).scalars())
            await _end(connection, found, to_epoch_s(self._clock()))
            return bool(found)

    async def end(self, grant_id: str) -> None:
        """End a grant: its client gave it back, or a used token of it came back."""
        async with self._database.write() as connection:
            await _end(connection, [grant_id], to_epoch_s(self._clock()))


async def _end(connection: Any, grant_ids: list[str], now: int) -> None:
    for grant_id in grant_ids:
        await connection.execute(
            update(tables.oauth_grants).where(_g.id == grant_id).values(revoked_at=now)
        )
        await connection.execute(
            delete(tables.oauth_tokens).where(tables.oauth_tokens.c.grant_id == grant_id)
        )


def _check_code(row: Any, now: int, *, redirect_uri: str, verifier: str) -> None:
    if row[_c.expires_at] < now or row[_g.revoked_at] is not None:
        raise _invalid("The code has expired.")
    wrong_redirect = redirect_uri != row[_c.redirect_uri]
    if wrong_redirect and (row[_c.redirect_given] or redirect_uri):
        raise _invalid("The redirect URI is not the one of the request.")
    if not verifies(verifier, row[_c.challenge]):
        raise _invalid("The code verifier does not fit.")


def _invalid(description: str) -> OAuthError:
    return OAuthError("invalid_grant", description)
