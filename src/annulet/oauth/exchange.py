"""The token endpoint: spending a code or a refresh token, once, and reading what came back."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from annulet.contract import scopes
from annulet.oauth import token_request
from annulet.oauth.grant import Grant
from annulet.oauth.token_request import Unanswered
from annulet.vault.secret import Secret

if TYPE_CHECKING:
    import httpx2

__all__ = ["SHORT_LIFE", "Refused", "Tokens", "refresh", "spend_code"]

SHORT_LIFE: Final = 3_600.0
"""Seconds assumed where the server does not say how long a token lives."""
_LONGEST_LIFE: Final = 10 * 366 * 86_400.0
_LONGEST_TOKEN: Final = 8_192
_KNOWN_ERRORS: Final = frozenset(
    {
        "invalid_client",
        "invalid_grant",
        "invalid_redirect_uri",
        "invalid_request",
        "invalid_scope",
        "unauthorized_client",
        "unsupported_grant_type",
    }
)


class Refused(Exception):  # noqa: N818 - a turn of events, translated by the callers
    """The server answered, and the answer is no.

    Args:
        status: Its HTTP status.
        error: Its OAuth error name where it is a known one, else empty.
    """

    def __init__(self, status: int, error: str) -> None:
        super().__init__(f"{status} {error}".strip())
        self.status = status
        self.error = error


@dataclass(frozen=True, slots=True)
class Tokens:
    """A token response with everything doubtful taken out of it."""

    access_token: Secret
    refresh_token: Secret | None
    lifetime: float
    scopes: tuple[str, ...] | None

    def onto(self, grant: Grant, *, at: float) -> Grant:
        """The grant with this pair; what the answer left out stays as it was."""
        return dataclasses.replace(
            grant,
            access_token=self.access_token,
            refresh_token=self.refresh_token or grant.refresh_token,
            issued_at=at,
            expires_at=at + self.lifetime,
            scopes=grant.scopes if self.scopes is None else self.scopes,
        )


async def spend_code(
    token_url: str,
    *,
    code: Secret,
    verifier: Secret,
    redirect_uri: str,
    client_id: str,
    client_secret: Secret,
    http: httpx2.AsyncClient | None = None,
) -> Tokens:
    """Exchange an authorization code; whatever comes back, the code is burnt.

    Raises:
        Refused: The server will not.
        Unanswered: No usable answer came.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code.reveal(),
        "redirect_uri": redirect_uri,
        "client_id": client_id,
        "client_secret": client_secret.reveal(),
        "code_verifier": verifier.reveal(),
    }
    return await _tokens(token_url, form, refusals=range(400, 500), http=http)


async def refresh(
    token_url: str,
    *,
    refresh_token: Secret,
    client_id: str,
    client_secret: Secret,
    http: httpx2.AsyncClient | None = None,
) -> Tokens:
    """Spend a refresh token; the caller holds the lock and has committed the intent.

    Raises:
        Refused: The server will not (400 or 401).
        Unanswered: No usable answer came; the token may or may not be spent.
    """
    form = {
        "grant_type": "refresh_token",
        "refresh_token": refresh_token.reveal(),
        "client_id": client_id,
        "client_secret": client_secret.reveal(),
    }
    return await _tokens(token_url, form, refusals=range(400, 402), http=http)


async def _tokens(
    url: str, form: Mapping[str, str], *, refusals: range, http: httpx2.AsyncClient | None
) -> Tokens:
    answer = await token_request.post(token_request.checked_url(url), form, http=http)
    busy = answer.status in {408, 429}
    if answer.status in refusals and not busy:
        name = str(answer.fields.get("error"))
        raise Refused(answer.status, name if name in _KNOWN_ERRORS else "")
    if not answer.ok:
        limited = answer.status == 429  # noqa: PLR2004 - a status; such a request was not looked at
        raise Unanswered(sent=not limited, retry_after=answer.retry_after)
    read = _read(answer.fields)
    if read is None:
        raise Unanswered(sent=True)
    return read


def _read(fields: Mapping[str, Any]) -> Tokens | None:
    access = _token(fields.get("access_token"))
    kind = fields.get("token_type", "bearer")
    if access is None or not isinstance(kind, str) or kind.casefold() != "bearer":
        return None
    return Tokens(
        access_token=access,
        refresh_token=_token(fields.get("refresh_token")),
        lifetime=_lifetime(fields.get("expires_in")),
        scopes=_scopes(fields.get("scope")),
    )


def _token(value: object) -> Secret | None:
    """A token that can stand in a header: visible ASCII, of a length one would expect."""
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_TOKEN:
        return None
    return Secret(value) if all("!" <= letter <= "~" for letter in value) else None


def _lifetime(value: object) -> float:
    """Seconds; a missing or senseless value is taken as short."""
    if isinstance(value, str) and len(value) <= 20:  # noqa: PLR2004 - longer is no number of seconds
        try:
            value = float(value)
        except ValueError:
            return SHORT_LIFE
    if isinstance(value, bool) or not isinstance(value, int | float):
        return SHORT_LIFE
    if isinstance(value, float) and not math.isfinite(value):
        return SHORT_LIFE
    return float(min(value, _LONGEST_LIFE)) if value > 0 else SHORT_LIFE


def _scopes(value: object) -> tuple[str, ...] | None:
    """Bare names; ``None`` (unknown) where the server left them out."""
    if isinstance(value, str):
        return scopes.parse(value)
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        return scopes.parse(value)
    return None
