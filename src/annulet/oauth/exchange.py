"""Requests to the token endpoint, which spend a code or a refresh token, and their responses."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from annulet.contract import scopes
from annulet.oauth import token_request
from annulet.oauth.grant import Grant
from annulet.oura_http.error_mapping import TokenRequestRefused, oauth_error, token_error
from annulet.oura_http.sending import NoResponse
from annulet.vault.secret import Secret

if TYPE_CHECKING:
    import httpx2

SHORT_LIFETIME_S: Final = 3_600.0
"""Assumed where the server does not say how long a token lives."""
_MAX_LIFETIME_S: Final = 10 * 366 * 86_400.0
_MAX_TOKEN_LENGTH: Final = 8_192
_MAX_NUMBER_LENGTH: Final = 20
_CODE_REFUSALS: Final = range(400, 500)
# Other statuses do not say whether a refresh token was spent.
_REFRESH_REFUSALS: Final = range(400, 402)


@dataclass(frozen=True, slots=True)
class TokenResponse:
    """A response of the token endpoint (RFC 6749 section 5.1), without doubtful values.

    Attributes:
        access_token: The access token.
        refresh_token: The refresh token, where there is one.
        lifetime_s: Seconds until the access token ends.
        scopes: Bare names of the granted permissions; ``None`` where the server left them out.
    """

    access_token: Secret
    refresh_token: Secret | None
    lifetime_s: float
    scopes: tuple[str, ...] | None

    def apply_to(self, grant: Grant, *, at: float) -> Grant:
        """Return the grant with these tokens; values that the response omits stay."""
        return dataclasses.replace(
            grant,
            access_token=self.access_token,
            refresh_token=self.refresh_token or grant.refresh_token,
            issued_at=at,
            expires_at=at + self.lifetime_s,
            scopes=grant.scopes if self.scopes is None else self.scopes,
        )


async def exchange_code(
    token_url: str,
    *,
    code: Secret,
    verifier: Secret,
    redirect_uri: str,
    client_id: str,
    client_secret: Secret,
    http: httpx2.AsyncClient | None = None,
) -> TokenResponse:
    """Exchange an authorization code; every response spends the code.

    Raises:
        TokenRequestRefused: The server will not.
        NoResponse: No usable response came.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code.reveal(),
        "redirect_uri": redirect_uri,
        "client_id": client_id,
        "client_secret": client_secret.reveal(),
        "code_verifier": verifier.reveal(),
    }
    return await _request_tokens(token_url, form, refusals=_CODE_REFUSALS, http=http)


async def refresh_tokens(
    token_url: str,
    *,
    refresh_token: Secret,
    client_id: str,
    client_secret: Secret,
    http: httpx2.AsyncClient | None = None,
) -> TokenResponse:
    """Spend a refresh token; the caller holds the lock and has committed the intent.

    Raises:
        TokenRequestRefused: The server will not (400 or 401).
        NoResponse: No usable response came; the token may or may not be spent.
    """
    form = {
        "grant_type": "refresh_token",
        "refresh_token": refresh_token.reveal(),
        "client_id": client_id,
        "client_secret": client_secret.reveal(),
    }
    return await _request_tokens(token_url, form, refusals=_REFRESH_REFUSALS, http=http)


async def _request_tokens(
    url: str, form: Mapping[str, str], *, refusals: range, http: httpx2.AsyncClient | None
) -> TokenResponse:
    response = await token_request.post_form(url, form, http=http)
    fields = response.json_object()
    error = token_error(response, fields, refusals=refusals)
    if error is not None:
        raise error
    tokens = _read_tokens(fields)
    if tokens is not None:
        return tokens
    # A refresh token may be spent whatever a success says; a code is, and the reason is told.
    if refusals is _CODE_REFUSALS and (refused := oauth_error(fields)):
        raise TokenRequestRefused(response.status, refused)
    raise NoResponse(is_sent=True, unusable="other_token" if fields else "unreadable")


def _read_tokens(fields: Mapping[str, object]) -> TokenResponse | None:
    access_token = _read_token(fields.get("access_token"))
    token_type = fields.get("token_type", "bearer")
    is_bearer = isinstance(token_type, str) and token_type.casefold() == "bearer"
    if access_token is None or not is_bearer:
        return None
    return TokenResponse(
        access_token=access_token,
        refresh_token=_read_token(fields.get("refresh_token")),
        lifetime_s=_read_lifetime(fields.get("expires_in")),
        scopes=_read_scopes(fields.get("scope")),
    )


def _read_token(value: object) -> Secret | None:
    """Read a token that can be sent in a header: visible ASCII of a usual length."""
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_TOKEN_LENGTH:
        return None
    return Secret(value) if all("!" <= letter <= "~" for letter in value) else None


def _read_lifetime(value: object) -> float:
    """Read a lifetime in seconds; a missing or senseless value counts as a short one."""
    if isinstance(value, str) and len(value) <= _MAX_NUMBER_LENGTH:
        try:
            value = float(value)
        except ValueError:
            return SHORT_LIFETIME_S
    if isinstance(value, bool) or not isinstance(value, int | float):
        return SHORT_LIFETIME_S
    if isinstance(value, float) and not math.isfinite(value):
        return SHORT_LIFETIME_S
    return float(min(value, _MAX_LIFETIME_S)) if value > 0 else SHORT_LIFETIME_S


def _read_scopes(value: object) -> tuple[str, ...] | None:
    """Read the granted scopes as bare names; ``None`` (unknown) where the server names none.

    A grant without any scope could read nothing, so an empty list says that the server does not
    tell.
    """
    if isinstance(value, str):
        return scopes.parse_scopes(value) or None
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        return scopes.parse_scopes(value) or None
    return None
