"""Oura's two authorization servers, and which of them an application belongs to.

Which server redeems the codes of an application is decided before a code is spent: a refused
exchange spends it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from annulet.contract.addresses import is_loopback
from annulet.contract.scopes import PREFIX

ServerKind = Literal["current", "legacy"]


class UnknownIssuer(Exception):
    """The callback names another issuer than the one of the consent page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationServer:
    """One authorization server.

    Attributes:
        kind: ``current`` describes itself and names its issuer; ``legacy`` does neither.
        authorize_url: Where the person consents.
        token_url: Where codes and refresh tokens are spent.
        revoke_url: Where a grant is revoked; empty when unknown.
        issuer: Its name in callbacks (RFC 9207); empty for the legacy one.
        prefixed: Whether its permissions are spelt with Oura's prefix.
    """

    kind: ServerKind
    authorize_url: str
    token_url: str
    revoke_url: str = ""
    issuer: str = ""
    prefixed: bool = False

    def spell_scopes(self, names: tuple[str, ...]) -> str:
        """The permissions as this server spells them."""
        return " ".join(f"{PREFIX}{name}" if self.prefixed else name for name in names)


@dataclass(frozen=True, slots=True)
class ServerHistory:
    """The results of earlier exchanges of one application.

    Attributes:
        works: The kind of the server that redeemed a code; empty for none.
        refused: The kind of the server that refused one; empty for none.
    """

    works: str = ""
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityProvider:
    """Both servers, where they are known.

    Attributes:
        legacy: The old server, or the addresses of the settings.
        current: The server that was discovered.
        has_own_token_url: Whether the settings name a token address that was not discovered, and
            no issuer: then the person has decided, and an issuer in the callback decides nothing.
        has_current_token_url: Whether the settings name the token address that was discovered.
        starts_with_legacy: Whether the settings name the consent page.
    """

    legacy: AuthorizationServer
    current: AuthorizationServer | None = None
    has_own_token_url: bool = False
    has_current_token_url: bool = False
    starts_with_legacy: bool = False

    def choose_consent_server(self, history: ServerHistory) -> AuthorizationServer:
        """Choose the server whose consent page is shown."""
        known = self._find_server(history)
        if known is not None:
            return known
        if self.current is None or self.starts_with_legacy:
            return self.legacy
        return self.current

    def choose_redeeming_server(self, issuer: str, history: ServerHistory) -> AuthorizationServer:
        """Choose the server that redeems a code, by the issuer in its callback.

        Raises:
            UnknownIssuer: The callback is not from one of the servers.
        """
        if not issuer:
            named = self.current if self.has_current_token_url else None
            return self._find_server(history) or named or self.legacy
        if self.current is None:
            if _origin(issuer) != _origin(self.legacy.authorize_url):
                raise UnknownIssuer
            return self.legacy
        if not is_same_issuer(issuer, self.current.issuer):
            raise UnknownIssuer
        if history.refused == "legacy":
            return self.current
        if history.refused == "current" or self.has_own_token_url:
            return self.legacy
        return self.current

    def other_server(self, server: AuthorizationServer) -> AuthorizationServer | None:
        """The server to try where this one refused; ``None`` when there is no other."""
        second = self.legacy if server.kind == "current" else self.current
        return None if second is None or second.token_url == server.token_url else second

    def _find_server(self, history: ServerHistory) -> AuthorizationServer | None:
        if history.works == "legacy" or (not history.works and history.refused == "current"):
            return self.legacy
        if history.works == "current" or history.refused == "legacy":
            return self.current
        return None


def is_same_issuer(named: str, expected: str) -> bool:
    """Whether two issuers are the same; loopback addresses have several names."""
    first, second = urlsplit(named.rstrip("/")), urlsplit(expected.rstrip("/"))
    if is_loopback(first.hostname) and is_loopback(second.hostname):
        return first.port == second.port
    return first == second


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    return parts.scheme, "localhost" if is_loopback(host) else host, parts.port
