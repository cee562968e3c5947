"""Checks what a client says about itself, whether it registers (RFC 7591) or publishes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from annulet.hosted.authorization.errors import OAuthError
from annulet.hosted.authorization.redirects import acceptable

__all__ = ["METHODS", "ClientMetadata", "checked", "clean_name"]

METHODS: Final = ("none", "client_secret_basic", "client_secret_post")
_MOST_REDIRECTS: Final = 20
_NAME_LIMIT: Final = 80


@dataclass(frozen=True, slots=True)
class ClientMetadata:
    """What is kept of a client's words about itself."""

    name: str
    redirect_uris: tuple[str, ...]
    auth_method: str
    website: str


def checked(said: Any, *, default_method: str = "client_secret_basic") -> ClientMetadata:
    """The metadata of a client, checked.

    Args:
        said: The parsed JSON.
        default_method: How the client authenticates when it does not say.

    Raises:
        OAuthError: Something is missing or not acceptable.
    """
    if not isinstance(said, Mapping):
        raise OAuthError("invalid_client_metadata", "The metadata is not a JSON object.")
    method = said.get("token_endpoint_auth_method", default_method)
    if method not in METHODS:
        raise OAuthError(
            "invalid_client_metadata", "The token endpoint authentication method is not offered."
        )
    _check_flow(said)
    return ClientMetadata(
        name=clean_name(said.get("client_name")),
        redirect_uris=_redirects(said.get("redirect_uris")),
        auth_method=str(method),
        website=_website(said.get("client_uri")),
    )


def clean_name(said: Any) -> str:
    """The name as a consent page may show it: one line, printable, short."""
    if not isinstance(said, str):
        return "An application without a name"
    # format characters could turn the text around or hide parts of it
    name = "".join(sign if sign.isprintable() else " " for sign in said)
    return " ".join(name.split())[:_NAME_LIMIT] or "An application without a name"


def _redirects(said: Any) -> tuple[str, ...]:
    if not isinstance(said, list) or not said:
        raise OAuthError("invalid_redirect_uri", "At least one redirect URI is needed.")
    if len(said) > _MOST_REDIRECTS:
        raise OAuthError("invalid_redirect_uri", "There are too many redirect URIs.")
    if not all(isinstance(uri, str) and acceptable(uri) for uri in said):
        raise OAuthError(
            "invalid_redirect_uri",
            "A redirect URI must be https, or http on this machine (localhost or 127.0.0.1).",
        )
    return tuple(said)


def _check_flow(said: Mapping[str, Any]) -> None:
    grants = said.get("grant_types", ["authorization_code"])
    answers = said.get("response_types", ["code"])
    if not isinstance(grants, list) or "authorization_code" not in grants:
        raise OAuthError("invalid_client_metadata", "Only the authorization code flow is offered.")
    if not isinstance(answers, list) or "code" not in answers:
        raise OAuthError("invalid_client_metadata", "Only the response type code is offered.")


def _website(said: Any) -> str:
    if not isinstance(said, str) or not acceptable(said):
        return ""
    return said if urlsplit(said).scheme == "https" else ""
