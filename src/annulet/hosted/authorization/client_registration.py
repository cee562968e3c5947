"""Checks the metadata of a client, whether it registers (RFC 7591) or publishes a document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from annulet.contract.texts import harmless
from annulet.hosted.authorization.errors import OAuthError
from annulet.hosted.authorization.redirects import is_acceptable

AUTH_METHODS: Final = ("none", "client_secret_basic", "client_secret_post")
_MAX_REDIRECTS: Final = 20
_MAX_NAME: Final = 80
_NO_NAME: Final = "An application without a name"


@dataclass(frozen=True, slots=True)
class ClientMetadata:
    """The part of a client's metadata that the service keeps."""

    name: str
    redirect_uris: tuple[str, ...]
    auth_method: str
    website: str


def parse_client_metadata(
    document: object, *, default_method: str = "client_secret_basic"
) -> ClientMetadata:
    """Parse and check the metadata of a client.

    Args:
        document: The parsed JSON.
        default_method: How the client authenticates when it does not say.

    Raises:
        OAuthError: Something is missing or not acceptable.
    """
    if not isinstance(document, Mapping):
        raise OAuthError("invalid_client_metadata", "The metadata is not a JSON object.")
    # What is null or an empty list was left out by a program that writes every field it knows.
    document = {name: value for name, value in document.items() if value not in (None, [])}
    method = document.get("token_endpoint_auth_method", default_method)
    if method not in AUTH_METHODS:
        raise OAuthError(
            "invalid_client_metadata", "The token endpoint authentication method is not offered."
        )
    _check_flow(document)
    return ClientMetadata(
        name=clean_client_name(document.get("client_name")),
        redirect_uris=_parse_redirects(document.get("redirect_uris")),
        auth_method=str(method),
        website=_parse_website(document.get("client_uri")),
    )


def clean_client_name(name: object) -> str:
    """Return the name as a consent page may show it: one line, printable, short."""
    if not isinstance(name, str):
        return _NO_NAME
    # format characters could reverse the text or hide parts of it
    return harmless(name, _MAX_NAME) or _NO_NAME


def _parse_redirects(uris: object) -> tuple[str, ...]:
    if not isinstance(uris, list) or not uris:
        raise OAuthError("invalid_redirect_uri", "At least one redirect URI is needed.")
    if len(uris) > _MAX_REDIRECTS:
        raise OAuthError("invalid_redirect_uri", "There are too many redirect URIs.")
    if not all(isinstance(uri, str) and is_acceptable(uri) for uri in uris):
        raise OAuthError(
            "invalid_redirect_uri",
            "A redirect URI must be https, http on this machine (localhost or 127.0.0.1), or have "
            "the scheme of an installed program: a reversed domain such as com.example.app:/cb.",
        )
    return tuple(uris)


def _check_flow(document: Mapping[str, object]) -> None:
    grant_types = document.get("grant_types", ["authorization_code"])
    response_types = document.get("response_types", ["code"])
    if not isinstance(grant_types, list) or "authorization_code" not in grant_types:
        raise OAuthError("invalid_client_metadata", "Only the authorization code flow is offered.")
    if not isinstance(response_types, list) or "code" not in response_types:
        raise OAuthError("invalid_client_metadata", "Only the response type code is offered.")


def _parse_website(uri: object) -> str:
    if not isinstance(uri, str) or not is_acceptable(uri):
        return ""
    return uri if urlsplit(uri).scheme == "https" else ""
