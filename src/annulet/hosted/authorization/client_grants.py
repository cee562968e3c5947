"""Grants that people give to OAuth clients, and the authorization codes that deliver them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, RowMapping, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from annulet.hosted.authorization.authorization_request import AuthorizationRequest
from annulet.hosted.authorization.errors import OAuthError, ReplayedError
from annulet.hosted.authorization.pkce import verify
from annulet.hosted.authorization.redirects import describe_target, is_same
from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.database import tables
from annulet.hosted.database.engine import ServiceDatabase
from annulet.hosted.opaque_tokens import derive_id, new_id, new_token, token_digest

_CODE_LIFETIME_S: Final = 120
_CODE_RETENTION_S: Final = 86_400
"""A used code stays for a day, so that its replay is noticed."""
_MAX_HOST: Final = 260
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


class IssuedCode(NamedTuple):
    """An authorization code for a client.

    Attributes:
        code: What the client redeems.
        is_new_grant: Whether its grant was made with it.
    """

    code: str
    is_new_grant: bool


class ClientGrants:
    """Creates, lists and revokes grants."""

    def __init__(self, database: ServiceDatabase, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def create(
        self, person_id: str, request: AuthorizationRequest, endpoint_id: str, submission: str = ""
    ) -> IssuedCode:
        """Create the grant that a person has consented to, and a code that delivers it.

        Args:
            person_id: Who consented.
            request: What the client asked for.
            endpoint_id: The endpoint that the client may use.
            submission: The form of the consent. Sent twice it makes one grant with two codes: the
                browser follows the second answer, and no other one reaches the client.
        """
        now, code = to_epoch_s(self._clock()), new_token()
        scopes = " ".join(request.scopes)
        agreed = (person_id, request.client.id, request.redirect_uri, scopes, endpoint_id)
        grant_id = derive_id("consent", submission, *agreed) if submission else new_id()
        grant = {
            "id": grant_id,
            "person_id": person_id,
            "client_id": request.client.id,
            "client_name": request.client.name,
            "redirect_host": describe_target(request.redirect_uri)[:_MAX_HOST],
            "endpoint_id": endpoint_id,
            "resource": request.resource,
            "scopes": scopes,
            "created_at": now,
        }
        async with self._database.write() as connection:
            await connection.execute(
                delete(tables.oauth_codes).where(_c.expires_at < now - _CODE_RETENTION_S)
            )
            former = select(_g.revoked_at).where(_g.id == grant_id)
            if (await connection.execute(former)).scalar() is not None:
                # the page of a consent that was ended since is sent once more
                grant["id"] = grant_id = new_id()
            row = self._database.insert(tables.oauth_grants).values(grant)
            made = await connection.execute(row.on_conflict_do_nothing(index_elements=[_g.id]))
            await connection.execute(
                insert(tables.oauth_codes).values(
                    digest=token_digest(code),
                    grant_id=grant_id,
                    redirect_uri=request.redirect_uri,
                    redirect_given=int(request.redirect_given),
                    challenge=request.challenge,
                    expires_at=now + _CODE_LIFETIME_S,
                )
            )
        return IssuedCode(code, is_new_grant=made.rowcount > 0)

    async def redeem(
        self, code: str, *, client_id: str, redirect_uri: str, verifier: str, resource: str
    ) -> ClientGrant:
        """Redeem an authorization code.

        Raises:
            ReplayedError: It was used before; its grant has ended.
            OAuthError: It is not good for this request.
        """
        now = to_epoch_s(self._clock())
        async with self._database.write() as connection:
            row = await _read_code(connection, code)
            if row is None or row[_g.client_id] != client_id:
                raise _invalid_grant("The code is not good for this client.")
            is_replayed = row[_c.used_at] is not None
            if is_replayed:
                await _end_grants(connection, [row[_g.id]], now)
            else:
                await connection.execute(
                    update(tables.oauth_codes)
                    .where(_c.digest == token_digest(code))
                    .values(used_at=now)
                )
        # raised outside of the transaction, which an exception would roll back
        if is_replayed:
            raise ReplayedError(
                "The code was used before; the access it gave has ended.",
                row[_g.person_id],
                row[_g.client_name],
            )
        _check_code(row, now, redirect_uri=redirect_uri, verifier=verifier)
        if resource and resource != row[_g.resource]:
            raise OAuthError("invalid_target", "The code was given for another resource.")
        return ClientGrant(*(row[column] for column in _COLUMNS))

    async def list_for(self, person_id: str) -> Sequence[ClientGrant]:
        """List the grants of one person that are not revoked, the newest first."""
        query = (
            select(*_COLUMNS)
            .where(_g.person_id == person_id, _g.revoked_at.is_(None))
            .order_by(_g.created_at.desc(), _g.id)
        )
        return [ClientGrant(*row) for row in await self._database.fetch_all(query)]

    async def has_consented(self, person_id: str, client_id: str, redirect_uri: str) -> bool:
        """Tell whether a person lets this client have answers at this host already."""
        query = select(_g.id).where(
            _g.person_id == person_id,
            _g.client_id == client_id,
            _g.redirect_host == describe_target(redirect_uri)[:_MAX_HOST],
            _g.revoked_at.is_(None),
        )
        return await self._database.fetch_value(query.limit(1)) is not None

    async def revoke(self, person_id: str, grant_id: str) -> bool:
        """Revoke one grant of one person, with every token of it."""
        return await self._revoke(_g.person_id == person_id, _g.id == grant_id)

    async def revoke_all(self, person_id: str) -> None:
        """Revoke every grant of one person, with every token of them."""
        await self._revoke(_g.person_id == person_id)

    async def end(self, grant_id: str) -> None:
        """End a grant whose client revoked it, or whose refresh token was replayed."""
        async with self._database.write() as connection:
            await _end_grants(connection, [grant_id], to_epoch_s(self._clock()))

    async def _revoke(self, *conditions: ColumnElement[bool]) -> bool:
        async with self._database.write() as connection:
            query = select(_g.id, _g.revoked_at).where(*conditions)
            rows = (await connection.execute(query)).all()
            valid = [grant_id for grant_id, revoked_at in rows if revoked_at is None]
            await _end_grants(connection, valid, to_epoch_s(self._clock()))
            return bool(rows)


async def _read_code(connection: AsyncConnection, code: str) -> RowMapping | None:
    """Read a code with its grant, and lock both."""
    source = tables.oauth_codes.join(tables.oauth_grants).join(
        tables.people, _g.person_id == tables.people.c.id
    )
    query = (
        select(*_c, *_COLUMNS, _g.person_id, _g.revoked_at)
        .select_from(source)
        .where(_c.digest == token_digest(code), tables.people.c.disabled_at.is_(None))
        .with_for_update(of=(tables.oauth_codes, tables.oauth_grants))
    )
    return (await connection.execute(query)).mappings().one_or_none()


async def _end_grants(connection: AsyncConnection, grant_ids: list[str], now: int) -> None:
    for grant_id in grant_ids:
        await connection.execute(
            update(tables.oauth_grants).where(_g.id == grant_id).values(revoked_at=now)
        )
        await connection.execute(
            delete(tables.oauth_tokens).where(tables.oauth_tokens.c.grant_id == grant_id)
        )


def _check_code(row: RowMapping, now: int, *, redirect_uri: str, verifier: str) -> None:
    if row[_c.expires_at] < now or row[_g.revoked_at] is not None:
        raise _invalid_grant("The code has expired.")
    is_other_redirect = not is_same(redirect_uri, row[_c.redirect_uri])
    if is_other_redirect and (row[_c.redirect_given] or redirect_uri):
        raise _invalid_grant("The redirect URI is not the one of the request.")
    if not verify(verifier, row[_c.challenge]):
        raise _invalid_grant("The code verifier does not fit.")


def _invalid_grant(description: str) -> OAuthError:
    return OAuthError("invalid_grant", description)
