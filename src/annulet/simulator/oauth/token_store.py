"""Grants and what is issued from them: codes, access tokens, rotating refresh tokens."""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from annulet.simulator.oauth.applications import Application

_ALPHABET: Final = string.ascii_uppercase + string.digits
_TOKEN_LENGTH: Final = 45


def _random_token() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_TOKEN_LENGTH))


@dataclass(slots=True)
class AuthorizationGrant:
    """The consent of one person; everything issued from it is revoked together."""

    application: Application
    person: str
    scopes: tuple[str, ...]
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class CodeBinding:
    """The parameters of an authorization request that the token request has to repeat or prove.

    ``redirect_uri_given`` says whether the request named the redirect URI.
    """

    redirect_uri: str
    redirect_uri_given: bool
    code_challenge: str | None
    code_challenge_method: str


@dataclass(slots=True)
class AuthorizationCode:
    """An authorization code."""

    value: str = field(repr=False)
    grant: AuthorizationGrant
    binding: CodeBinding
    expires_at: datetime
    used: bool = False


@dataclass(slots=True)
class AccessToken:
    """An access token."""

    value: str = field(repr=False)
    grant: AuthorizationGrant
    expires_at: datetime
    revoked: bool = False


@dataclass(slots=True)
class RefreshToken:
    """A refresh token; ``used`` after it has been exchanged."""

    value: str = field(repr=False)
    grant: AuthorizationGrant
    access: AccessToken
    used: bool = False


@dataclass(frozen=True, slots=True)
class TokenPair:
    """An access token and its refresh token."""

    access: AccessToken
    refresh: RefreshToken
    expires_in: int


class TokenStore:
    """Every code and token ever issued, by value."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.codes: dict[str, AuthorizationCode] = {}
        self.access_tokens: dict[str, AccessToken] = {}
        self.refresh_tokens: dict[str, RefreshToken] = {}

    def issue_code(
        self, grant: AuthorizationGrant, binding: CodeBinding, lifetime_s: float
    ) -> AuthorizationCode:
        """Issue an authorization code."""
        expires_at = self._clock() + timedelta(seconds=lifetime_s)
        code = AuthorizationCode(_random_token(), grant, binding, expires_at)
        self.codes[code.value] = code
        return code

    def issue_pair(self, grant: AuthorizationGrant, lifetime_s: float) -> TokenPair:
        """Issue an access token and a refresh token."""
        expires_at = self._clock() + timedelta(seconds=lifetime_s)
        access = AccessToken(_random_token(), grant, expires_at)
        refresh = RefreshToken(_random_token(), grant, access)
        self.access_tokens[access.value] = access
        self.refresh_tokens[refresh.value] = refresh
        return TokenPair(access, refresh, int(lifetime_s))

    def find_valid(self, token: str) -> AccessToken | None:
        """Return an access token if it is neither expired nor revoked."""
        access = self.access_tokens.get(token)
        if access is None or access.revoked or access.grant.revoked:
            return None
        return access if self._clock() < access.expires_at else None

    def find_grant(self, token: str) -> AuthorizationGrant | None:
        """Return the grant of an access or refresh token, valid or not."""
        known = self.access_tokens.get(token) or self.refresh_tokens.get(token)
        return known.grant if known else None

    def expire(self, person: str | None = None) -> int:
        """Let the access tokens of one person, or of all, expire now; return how many."""
        valid = [
            access
            for access in self.access_tokens.values()
            if person in {None, access.grant.person} and access.expires_at > self._clock()
        ]
        for access in valid:
            access.expires_at = self._clock()
        return len(valid)

    def revoke(self, person: str | None = None) -> int:
        """Revoke the grants of one person, or of all; return how many."""
        grants = {
            id(refresh.grant): refresh.grant
            for refresh in self.refresh_tokens.values()
            if person in {None, refresh.grant.person} and not refresh.grant.revoked
        }
        for grant in grants.values():
            grant.revoked = True
        return len(grants)
