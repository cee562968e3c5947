"""Oura's two sign-in servers, where they are, and which one an application belongs to.

The current server describes itself in a discovery document; the old one does not. Which of them
redeems the codes of an application is decided before a code is spent: a refused exchange burns it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import urlsplit

from annulet.contract.addresses import API_URL, is_loopback
from annulet.contract.scopes import PREFIX
from annulet.errors import OuraUnavailable, UsageError
from annulet.oauth import token_request
from annulet.oura_http.addresses import checked_sign_in_url
from annulet.oura_http.sending import NoResponse

if TYPE_CHECKING:
    import httpx2

__all__ = [
    "Kind",
    "Memory",
    "Overrides",
    "Provider",
    "Server",
    "UnknownIssuer",
    "discover",
]

Kind = Literal["current", "legacy"]

_EXT: Final = "/oauth/v2/ext"
_MOI: Final = f"https://moi.ouraring.com{_EXT}"
_ISSUER: Final = f"{_MOI}/oauth-anonymous"
_WELL_KNOWN: Final = "/.well-known/openid-configuration"
_FRONT_DOOR: Final = "https://cloud.ouraring.com/oauth/authorize"


class UnknownIssuer(Exception):  # noqa: N818 - a turn of events, translated by the flow
    """A callback names an issuer that is not the one we sent the person to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """Addresses from the settings; empty ones are found by discovery or known by heart."""

    api_url: str = API_URL
    authorize_url: str = ""
    token_url: str = ""
    revoke_url: str = ""
    issuer_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One sign-in server.

    Attributes:
        kind: ``current`` describes itself and names its issuer; ``legacy`` does neither.
        authorize_url: Where the person consents.
        token_url: Where codes and refresh tokens are spent.
        revoke_url: Where a grant is revoked; empty when unknown.
        issuer: Its name in callbacks; empty for the legacy one.
        prefixed: Whether its permissions are spelt with Oura's prefix.
    """

    kind: Kind
    authorize_url: str
    token_url: str
    revoke_url: str = ""
    issuer: str = ""
    prefixed: bool = False

    def scope(self, names: tuple[str, ...]) -> str:
        """The permissions as this server spells them."""
        return " ".join(f"{PREFIX}{name}" if self.prefixed else name for name in names)


@dataclass(frozen=True, slots=True)
class Memory:
    """What earlier exchanges taught about one application; empty strings for nothing."""

    works: str = ""
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Both servers, as far as they are there.

    Attributes:
        legacy: The old server, or the addresses of the settings.
        current: The server that was discovered.
        token_url_is_given: Whether the settings name a token address that was not discovered, and
            no issuer: then the person has decided, and an issuer in the callback decides nothing.
        current_is_given: Whether the settings name the token address that was discovered.
        start_with_legacy: Whether the settings name the consent page.
    """

    legacy: Server
    current: Server | None = None
    token_url_is_given: bool = False
    current_is_given: bool = False
    start_with_legacy: bool = False

    def first(self, memory: Memory) -> Server:
        """The server to send the person to."""
        known = self._known(memory)
        if known is not None:
            return known
        if self.current is None or self.start_with_legacy:
            return self.legacy
        return self.current

    def redeemer(self, issuer: str, memory: Memory) -> Server:
        """The server that redeems a code, judged by the issuer its callback named.

        Raises:
            UnknownIssuer: The callback comes from somebody else.
        """
        if not issuer:
            given = self.current if self.current_is_given else None
            return self._known(memory) or given or self.legacy
        if self.current is None:
            if _origin(issuer) != _origin(self.legacy.authorize_url):
                raise UnknownIssuer
            return self.legacy
        if not _same_place(issuer, self.current.issuer):
            raise UnknownIssuer
        if memory.refused == "legacy":
            return self.current
        if memory.refused == "current" or self.token_url_is_given:
            return self.legacy
        return self.current

    def other(self, server: Server) -> Server | None:
        """The server to try where this one refused; ``None`` when there is no other."""
        other = self.legacy if server.kind == "current" else self.current
        return None if other is None or other.token_url == server.token_url else other

    def _known(self, memory: Memory) -> Server | None:
        if memory.works == "legacy" or (not memory.works and memory.refused == "current"):
            return self.legacy
        if memory.works == "current" or memory.refused == "legacy":
            return self.current
        return None


async def discover(overrides: Overrides, *, http: httpx2.AsyncClient | None = None) -> Provider:
    """Find the servers: overrides first, then the discovery document, then what is known.

    Raises:
        OuraUnavailable: The settings name an issuer that cannot be reached, and nothing else.
        UsageError: An address is not safe for tokens.
    """
    current = await _current(overrides, http)
    discovered = current is not None and overrides.token_url in ("", current.token_url)
    if current is not None and discovered and overrides.revoke_url:
        current = replace(current, revoke_url=overrides.revoke_url)
    legacy = _legacy(overrides, current)
    for server in (legacy, current):
        if server is not None:
            checked_sign_in_url(server.token_url)
            checked_sign_in_url(server.authorize_url)
    named = bool(overrides.token_url) and not overrides.issuer_url
    return Provider(
        legacy=legacy,
        current=current,
        token_url_is_given=named and not discovered,
        current_is_given=discovered and bool(overrides.token_url),
        start_with_legacy=bool(overrides.authorize_url)
        and (current is None or overrides.authorize_url != current.authorize_url),
    )


async def _current(o: Overrides, http: httpx2.AsyncClient | None) -> Server | None:
    elsewhere = o.api_url.rstrip("/") != API_URL
    if o.issuer_url:
        issuer = o.issuer_url.removesuffix(_WELL_KNOWN)
    elif elsewhere:
        issuer = f"{o.api_url.rstrip('/')}{_EXT}/oauth-anonymous"
    elif o.authorize_url and o.token_url:
        return None  # the settings name everything; nothing is left to be discovered
    else:
        issuer = _ISSUER
    found = await _described(issuer, http)
    if found is not None:
        return found
    if issuer == _ISSUER:
        return _by_heart()
    if o.issuer_url and not (o.authorize_url and o.token_url):
        raise OuraUnavailable(
            "The sign-in service named by ANNULET_OURA_ISSUER_URL does not describe itself.",
            hint="Check the address and that the service is running, then try again.",
        )
    return None


async def _described(issuer: str, http: httpx2.AsyncClient | None) -> Server | None:
    """The server as its discovery document describes it; ``None`` for a useless document."""
    url = f"{issuer.rstrip('/')}{_WELL_KNOWN}"
    try:
        response = await token_request.get_document(url, http=http)
    except NoResponse:
        return None
    document = response.json_object()
    named = document.get("issuer", issuer)
    if not response.is_success or not isinstance(named, str) or not _same_place(named, issuer):
        return None
    authorize = _address(document, "authorization_endpoint")
    token = _address(document, "token_endpoint")
    if not authorize or not token:
        return None
    return Server(
        kind="current",
        authorize_url=authorize,
        token_url=token,
        revoke_url=_address(document, "revocation_endpoint"),
        issuer=named,
        prefixed=True,
    )


def _by_heart() -> Server:
    return Server(
        kind="current",
        authorize_url=f"{_MOI}/oauth-authorize",
        token_url=f"{_MOI}/oauth-token",
        revoke_url=f"{_MOI}/oauth-revoke",
        issuer=_ISSUER,
        prefixed=True,
    )


def _legacy(o: Overrides, current: Server | None) -> Server:
    api = o.api_url.rstrip("/")
    authorize = o.authorize_url
    if not authorize:
        authorize = _FRONT_DOOR if api == API_URL else f"{api}/oauth/authorize"
    token = o.token_url
    if not token or (current is not None and token == current.token_url):
        token = f"{api}/oauth/token"
    at_current = current is not None and authorize == current.authorize_url
    return Server(
        kind="legacy",
        authorize_url=authorize,
        token_url=token,
        revoke_url=o.revoke_url or f"{api}/oauth/revoke",
        prefixed=at_current or urlsplit(authorize).path.endswith("/oauth-authorize"),
    )


def _address(document: Mapping[str, object], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str):
        return ""
    try:
        return checked_sign_in_url(value)
    except UsageError:
        return ""


def _same_place(named: str, asked: str) -> bool:
    """Whether the document names the issuer it was asked of; loopback has several names."""
    one, two = urlsplit(named.rstrip("/")), urlsplit(asked.rstrip("/"))
    if is_loopback(one.hostname) and is_loopback(two.hostname):
        return one.port == two.port
    return one == two


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    return parts.scheme, "localhost" if is_loopback(host) else host, parts.port
