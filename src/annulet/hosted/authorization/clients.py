"""OAuth clients: registered ones from the database, and ones described by their own document."""

from __future__ import annotations

import base64
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

_DOCUMENT_LIFETIME_S: Final = 300
_MAX_DOCUMENTS: Final = 500
_FAILURE_LIFETIME_S: Final = 60
_UNUSED_LIFETIME_S: Final = 86_400
_MAX_UNUSED: Final = 5_000
_DELETE_EVERY: Final = 200
_MAX_REGISTRATION_BYTES: Final = 4096
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
        self._registered = 0
        self._described: dict[str, tuple[int, OAuthClient | OAuthError]] = {}

    def is_described(self, client_id: str) -> bool:
        """Tell whether finding a client means to ask a server of the client's choice."""
        return self._fetch_document is not None and is_document_url(client_id)

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
        redirect_uris = json.dumps(metadata.redirect_uris)
        if len(redirect_uris) + len(metadata.website) > _MAX_REGISTRATION_BYTES:
            raise OAuthError("invalid_client_metadata", "The redirect URIs are too long.")
        client_id = new_id()
        secret = None if metadata.auth_method == "none" else new_token()
        await self._database.execute(
            insert(tables.oauth_clients).values(
                id=client_id,
                name=metadata.name,
                redirect_uris=redirect_uris,
                auth_method=metadata.auth_method,
                secret_digest=token_digest(secret) if secret else None,
                website=metadata.website,
                created_at=now,
            )
        )
        await self._count_registration()
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
        if self.is_described(client_id) and self._fetch_document is not None:
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
        if self.is_described(client_id):
            # public, and bound to its code or token by the id alone: fetching its document here
            # would let anyone make the service fetch addresses
            return OAuthClient(client_id, "", (), "none", None, "", document=True)
        client = await self.find(client_id)
        if client.secret_digest is None:
            return client
        if not hmac.compare_digest(token_digest(secret), client.secret_digest):
            raise OAuthError("invalid_client", "The client's secret is not right.", status=401)
        return client

    async def delete_unused(self) -> None:
        """Delete registrations that no person has allowed anything: after a day, or the oldest."""
        g = tables.oauth_grants.c
        is_unused = _c.id.not_in(select(g.client_id))
        newest = (
            select(_c.id).where(is_unused).order_by(_c.created_at.desc(), _c.id).limit(_MAX_UNUSED)
        )
        is_old = _c.created_at < to_epoch_s(self._clock()) - _UNUSED_LIFETIME_S
        await self._database.execute(
            delete(tables.oauth_clients).where(is_unused, is_old | _c.id.not_in(newest))
        )

    async def _count_registration(self) -> None:
        """Delete the oldest unused registrations now and then, so that a flood stays bounded."""
        self._registered += 1
        if self._registered % _DELETE_EVERY == 0:
            await self.delete_unused()

    async def _find_described(self, client_id: str, fetch: FetchDocument) -> OAuthClient:
        now = to_epoch_s(self._clock())
        stored_at, entry = self._described.get(client_id, (0, None))
        lifetime_s = _FAILURE_LIFETIME_S if isinstance(entry, OAuthError) else _DOCUMENT_LIFETIME_S
        if entry is None or now - stored_at >= lifetime_s:
            entry = await _read_description(client_id, fetch)
            while len(self._described) >= _MAX_DOCUMENTS:
                self._described.pop(next(iter(self._described)))
            self._described[client_id] = (now, entry)
        if isinstance(entry, OAuthError):
            raise OAuthError(entry.error, entry.description, status=entry.status)
        return entry


async def _read_description(client_id: str, fetch: FetchDocument) -> OAuthClient | OAuthError:
    """Read a client's description, or why it cannot be had, so that both can be remembered."""
    try:
        metadata = parse_client_document(client_id, await fetch(client_id))
    except OAuthError as error:
        return error
    return _to_described_client(client_id, metadata)


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
    except ValueError:  # not Base64, not ASCII, not UTF-8
        return "", ""
    name, secret = unquote_plus(name), unquote_plus(secret)
    # encoded twice, so no one has looked for U+0000 here before
    if form.get("client_id", name) != name or "\0" in name + secret:
        return "", ""
    return name, secret
