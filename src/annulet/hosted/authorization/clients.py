"""Clients: registered ones kept in the database, described ones fetched when they ask."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote_plus

from sqlalchemy import delete, insert, select

from annulet.hosted.authorization.client_documents import FetchDocument, described, document_address
from annulet.hosted.authorization.client_registration import ClientMetadata, checked
from annulet.hosted.authorization.errors import OAuthError
from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.database import tables
from annulet.hosted.database.engine import Database
from annulet.hosted.opaque_tokens import new_id, new_token, token_digest

__all__ = ["Client", "Clients"]

_CACHED_SECONDS: Final = 300
_MOST_CACHED: Final = 500
_UNUSED_SECONDS: Final = 30 * 86_400


@dataclass(frozen=True, slots=True)
class Client:
    """An application that asks people for access.

    Attributes:
        id: As we gave it, or the address of its document.
        name: As it calls itself.
        redirect_uris: Where answers may go.
        auth_method: How it authenticates at the token endpoint.
        secret_digest: The digest of its secret, if it has one.
        website: Its own page, unchecked.
        document: Whether it is described by a document at its own address.
    """

    id: str
    name: str
    redirect_uris: tuple[str, ...]
    auth_method: str
    secret_digest: str | None
    website: str
    document: bool = False


class Clients:
    """Registers, finds and authenticates clients.

    Args:
        retrieve: Fetches metadata documents; without it they are not supported.
    """

    def __init__(self, database: Database, clock: Clock, retrieve: FetchDocument | None) -> None:
        self._database = database
        self._clock = clock
        self._retrieve = retrieve
        self._fetched: dict[str, tuple[int, Client]] = {}

    @property
    def documents(self) -> bool:
        """Whether client-ID metadata documents are supported."""
        return self._retrieve is not None

    async def register(self, said: Any) -> dict[str, Any]:
        """Register a client.

        Returns:
            The answer of RFC 7591; the secret appears here only.

        Raises:
            OAuthError: The metadata is not acceptable.
        """
        metadata, now = checked(said), to_epoch_s(self._clock())
        client_id = new_id()
        secret = None if metadata.auth_method == "none" else new_token()
        async with self._database.write() as connection:
            await connection.execute(
                insert(tables.oauth_clients).values(
                    id=client_id,
                    name=metadata.name,
                    redirect_uris=json.dumps(metadata.redirect_uris),
                    auth_method=metadata.auth_method,
                    secret_digest=token_digest(secret) if secret else None,
                    website=metadata.website,
                    created_at=now,
                )
            )
        answer: dict[str, Any] = {
            "client_id": client_id,
            "client_id_issued_at": now,
            "client_name": metadata.name,
            "redirect_uris": list(metadata.redirect_uris),
            "token_endpoint_auth_method": metadata.auth_method,
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
        }
        if secret:
            answer |= {"client_secret": secret, "client_secret_expires_at": 0}
        return answer

    async def find(self, client_id: str) -> Client:
        """The client with this id.

        Raises:
            OAuthError: There is none, or its document is not acceptable.
        """
        if document_address(client_id) and self._retrieve is not None:
            return await self._described(client_id, self._retrieve)
        c = tables.oauth_clients.c
        query = select(
            c.id, c.name, c.redirect_uris, c.auth_method, c.secret_digest, c.website
        ).where(c.id == client_id)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise OAuthError("invalid_client", "This client is not registered here.", status=401)
        return Client(row[0], row[1], tuple(json.loads(row[2])), row[3], row[4], row[5])

    async def authenticate(self, authorization: str, form: dict[str, str]) -> Client:
        """The client that speaks at the token or revocation endpoint.

        Args:
            authorization: The ``Authorization`` header, possibly empty.
            form: The parameters of the request.

        Raises:
            OAuthError: It is unknown, or did not prove who it is.
        """
        client_id, secret = _credentials(authorization, form)
        if not client_id:
            raise OAuthError("invalid_client", "The client did not say who it is.", status=401)
        client = await self.find(client_id)
        if client.secret_digest is None:
            return client
        if not hmac.compare_digest(token_digest(secret), client.secret_digest):
            raise OAuthError("invalid_client", "The client's secret is not right.", status=401)
        return client

    async def forget_unused(self) -> None:
        """Remove registrations that nobody ever allowed anything, after 30 days."""
        c, g = tables.oauth_clients.c, tables.oauth_grants.c
        async with self._database.write() as connection:
            await connection.execute(
                delete(tables.oauth_clients).where(
                    c.created_at < to_epoch_s(self._clock()) - _UNUSED_SECONDS,
                    c.id.not_in(select(g.client_id)),
                )
            )

    async def _described(self, client_id: str, fetch: FetchDocument) -> Client:
        now = to_epoch_s(self._clock())
        kept = self._fetched.get(client_id)
        if kept is not None and now - kept[0] < _CACHED_SECONDS:
            return kept[1]
        client = _from_metadata(client_id, described(client_id, await fetch(client_id)))
        while len(self._fetched) >= _MOST_CACHED:
            self._fetched.pop(next(iter(self._fetched)))
        self._fetched[client_id] = (now, client)
        return client


def _from_metadata(client_id: str, metadata: ClientMetadata) -> Client:
    return Client(
        id=client_id,
        name=metadata.name,
        redirect_uris=metadata.redirect_uris,
        auth_method="none",
        secret_digest=None,
        website=metadata.website,
        document=True,
    )


def _credentials(authorization: str, form: dict[str, str]) -> tuple[str, str]:
    scheme, _, value = authorization.partition(" ")
    if scheme.casefold() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    if form.get("client_id", unquote_plus(name)) != unquote_plus(name):
        return "", ""
    return unquote_plus(name), unquote_plus(secret)
