"""Codes and tokens: single-use codes, rotating single-use refresh tokens, families of grants."""

from __future__ import annotations

import hashlib
import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from annulet.simulator.applications import Application

__all__ = ["Access", "Code", "Grant", "Issued", "Refresh", "Tokens", "fingerprint"]

_ALPHABET: Final = string.ascii_uppercase + string.digits
_LENGTH: Final = 45


def fingerprint(token: str) -> str:
    """A name for a token that gives nothing away."""
    return hashlib.sha256(token.encode()).hexdigest()[:12]


def _opaque() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


@dataclass(slots=True)
class Grant:
    """One consent: everything issued from it dies together."""

    application: Application
    person: str
    scopes: tuple[str, ...]
    revoked: bool = False


@dataclass(slots=True)
class Code:
    """An authorization code."""

    value: str = field(repr=False)
    grant: Grant
    redirect_uri: str
    redirect_given: bool
    challenge: str | None
    method: str
    expires_at: datetime
    used: bool = False


@dataclass(slots=True)
class Access:
    """An access token."""

    value: str = field(repr=False)
    grant: Grant
    expires_at: datetime
    revoked: bool = False


@dataclass(slots=True)
class Refresh:
    """A refresh token; ``used`` once it was exchanged."""

    value: str = field(repr=False)
    grant: Grant
    access: Access
    used: bool = False


@dataclass(frozen=True, slots=True)
class Issued:
    """A fresh pair."""

    access: Access
    refresh: Refresh
    expires_in: int


class Tokens:
    """Everything that was ever issued."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.codes: dict[str, Code] = {}
        self.accesses: dict[str, Access] = {}
        self.refreshes: dict[str, Refresh] = {}

    def code(
        self,
        grant: Grant,
        *,
        redirect_uri: str,
        redirect_given: bool,
        challenge: str | None,
        method: str,
        life: int,
    ) -> Code:
        """Issue a code."""
        code = Code(
            _opaque(),
            grant,
            redirect_uri,
            redirect_given,
            challenge,
            method,
            self._clock() + timedelta(seconds=life),
        )
        self.codes[code.value] = code
        return code

    def issue(self, grant: Grant, expires_in: float) -> Issued:
        """Issue an access token and a refresh token."""
        access = Access(_opaque(), grant, self._clock() + timedelta(seconds=expires_in))
        refresh = Refresh(_opaque(), grant, access)
        self.accesses[access.value] = access
        self.refreshes[refresh.value] = refresh
        return Issued(access, refresh, int(expires_in))

    def valid(self, token: str) -> Access | None:
        """The access token if it may be used now."""
        access = self.accesses.get(token)
        if access is None or access.revoked or access.grant.revoked:
            return None
        return access if self._clock() < access.expires_at else None

    def grant_of(self, token: str) -> Grant | None:
        """The grant an access or refresh token belongs to, valid or not."""
        known = self.accesses.get(token) or self.refreshes.get(token)
        return known.grant if known else None

    def expire(self, person: str | None = None) -> int:
        """Let every access token (of one person) expire now; tells how many."""
        hit = [
            access
            for access in self.accesses.values()
            if person in {None, access.grant.person} and access.expires_at > self._clock()
        ]
        for access in hit:
            access.expires_at = self._clock()
        return len(hit)

    def revoke(self, person: str | None = None) -> int:
        """Revoke every grant (of one person); tells how many."""
        grants = {
            id(item.grant): item.grant
            for item in self.refreshes.values()
            if person in {None, item.grant.person} and not item.grant.revoked
        }
        for grant in grants.values():
            grant.revoked = True
        return len(grants)
