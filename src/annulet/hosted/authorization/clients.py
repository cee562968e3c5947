"""OAuth clients: registered ones from the database, and ones described by their own document."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_plus

from sqlalchemy import delete, insert, select

from annulet.hosted.authorization.client_documents import (
    FetchDocument,
    is_document_url,
    parse_client_document,
)
from annulet.hosted.authorization.client_registration import ClientMetadata, parse_client_metadata
from annulet.hosted.authorization.errors import OAuthError
from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.database import tables
from annulet.hosted.database.engine import ServiceDatabase
from annulet.hosted.opaque_tokens import new_id, new_token, token_digest

__all__ = ["OAuthClient", "OAuthClients"]

_DOCUMENT_LIFETIME_S: Final = 300
_MAX_DOCUMENTS: Final = 500
_UNUSED_LIFETIME_S: Final = 30 * 86_400
_c = tables.oauth_clients.c


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """An application that asks people for access.

    Attributes:
        id: The id we gave it, or the address of its document.
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


class OAuthClients:
    """Registers, finds and authenticates clients.

    Args:
        fetch_document: Fetches metadata documents; without it they are not supported.
    """

    def __init__(
        self, database: ServiceDatabase, clock: Clock, fetch_document: FetchDocument | None
    ) -> None:
        self._database = database
        self._clock = clock
        self._fetch_document = fetch_document
        self._described: dict[str, tuple[int, OAuthClient]] = {}

    @property
    def supports_documents(self) -> bool:
        """Whether client-ID metadata documents are supported."""
        return self._fetch_document is not None

    async def register(self, document: object) -> dict[str, object]:
        """Register a client.

        Returns:
            The response of RFC 7591; only here stands the secret.

        Raises:
            OAuthError: The metadata is not acceptable.
        """
        metadata, now = parse_client_metadata(document), to_epoch_s(self._clock())
        client_id = new_id()
        secret = None if metadata.auth_method == "none" else new_token()
        await self._database.execute(
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
        response: dict[str, object] = {
            "client_id": client_id,
            "client_id_issued_at": now,
            "client_name": metadata.name,
            "redirect_uris": list(metadata.redirect_uris),
            "token_endpoint_auth_method": metadata.auth_method,
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
        }
        if secret:
            response |= {"client_secret": secret, "client_secret_expires_at": 0}
        return response

    async def find(self, client_id: str) -> OAuthClient:
        """Find a client.

        Raises:
            OAuthError: There is none, or its document is not acceptable.
        """
        if is_document_url(client_id) and self._fetch_document is not None:
            return await self._find_described(client_id, self._fetch_document)
        query = select(
            _c.id, _c.name, _c.redirect_uris, _c.auth_method, _c.secret_digest, _c.website
        ).where(_c.id == client_id)
        row = await self._database.fetch_one(query)
        if row is None:
            raise OAuthError("invalid_client", "This client is not registered here.", status=401)
        return OAuthClient(
            id=row.id,
            name=row.name,
            redirect_uris=tuple(json.loads(row.redirect_uris)),
            auth_method=row.auth_method,
            secret_digest=row.secret_digest,
            website=row.website,
        )

    async def authenticate(self, authorization: str, form: dict[str, str]) -> OAuthClient:
        """Authenticate the client of a request to the token or revocation endpoint.

        Args:
            authorization: The ``Authorization`` header, possibly empty.
            form: The parameters of the request.

        Raises:
            OAuthError: It is unknown, or did not prove its identity.
        """
        client_id, secret = _read_credentials(authorization, form)
        if not client_id:
            raise OAuthError("invalid_client", "The client did not say who it is.", status=401)
        client = await self.find(client_id)
        if client.secret_digest is None:
            return client
        if not hmac.compare_digest(token_digest(secret), client.secret_digest):
            raise OAuthError("invalid_client", "The client's secret is not right.", status=401)
        return client

    async def delete_unused(self) -> None:
        """Delete registrations that no person has ever allowed anything, after 30 days."""
        g = tables.oauth_grants.c
        await self._database.execute(
            delete(tables.oauth_clients).where(
                _c.created_at < to_epoch_s(self._clock()) - _UNUSED_LIFETIME_S,
                _c.id.not_in(select(g.client_id)),
            )
        )

    async def _find_described(self, client_id: str, fetch: FetchDocument) -> OAuthClient:
        now = to_epoch_s(self._clock())
        entry = self._described.get(client_id)
        if entry is not None and now - entry[0] < _DOCUMENT_LIFETIME_S:
            return entry[1]
        metadata = parse_client_document(client_id, await fetch(client_id))
        client = _to_described_client(client_id, metadata)
        while len(self._described) >= _MAX_DOCUMENTS:
            self._described.pop(next(iter(self._described)))
        self._described[client_id] = (now, client)
        return client


def _to_described_client(client_id: str, metadata: ClientMetadata) -> OAuthClient:
    return OAuthClient(
        id=client_id,
        name=metadata.name,
        redirect_uris=metadata.redirect_uris,
        auth_method="none",
        secret_digest=None,
        website=metadata.website,
        document=True,
    )


def _read_credentials(authorization: str, form: dict[str, str]) -> tuple[str, str]:
    """Read client id and secret from the header or the form (RFC 6749 section 2.3.1)."""
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
