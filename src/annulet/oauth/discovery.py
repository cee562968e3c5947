"""The addresses of Oura's authorization servers: from the settings, discovered or documented.

The current server describes itself in a discovery document; the legacy one does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from annulet.contract.addresses import API_URL
from annulet.errors import OuraUnavailable, UsageError
from annulet.oauth import token_request
from annulet.oauth.provider import AuthorizationServer, IdentityProvider, is_same_issuer
from annulet.oura_http.addresses import check_sign_in_url
from annulet.oura_http.sending import NoResponse

if TYPE_CHECKING:
    import httpx2

_CURRENT_PATH: Final = "/oauth/v2/ext"
_CURRENT_URL: Final = f"https://moi.ouraring.com{_CURRENT_PATH}"
_ISSUER: Final = f"{_CURRENT_URL}/oauth-anonymous"
_WELL_KNOWN: Final = "/.well-known/openid-configuration"
_LEGACY_AUTHORIZE_URL: Final = "https://cloud.ouraring.com/oauth/authorize"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerAddresses:
    """Addresses from the settings; empty ones are discovered or taken from Oura's documentation."""

    api_url: str = API_URL
    authorize_url: str = ""
    token_url: str = ""
    revoke_url: str = ""
    issuer_url: str = ""


async def discover_provider(
    addresses: ServerAddresses, *, http: httpx2.AsyncClient | None = None
) -> IdentityProvider:
    """Find the servers: the settings first, then the discovery document, then what is documented.

    Raises:
        OuraUnavailable: The settings name an issuer that cannot be reached, and nothing else.
        UsageError: An address is not safe for tokens.
    """
    current = await _build_current_server(addresses, http)
    is_current = current is not None and addresses.token_url in ("", current.token_url)
    if current is not None and is_current and addresses.revoke_url:
        current = replace(current, revoke_url=addresses.revoke_url)
    legacy = _legacy_server(addresses, current)
    for server in (legacy, current):
        if server is not None:
            check_sign_in_url(server.token_url)
            check_sign_in_url(server.authorize_url)
    is_named = bool(addresses.token_url) and not addresses.issuer_url
    return IdentityProvider(
        legacy=legacy,
        current=current,
        has_own_token_url=is_named and not is_current,
        has_current_token_url=is_current and bool(addresses.token_url),
        starts_with_legacy=bool(addresses.authorize_url)
        and (current is None or addresses.authorize_url != current.authorize_url),
    )


async def _build_current_server(
    addresses: ServerAddresses, http: httpx2.AsyncClient | None
) -> AuthorizationServer | None:
    has_both_urls = bool(addresses.authorize_url and addresses.token_url)
    if addresses.issuer_url:
        issuer = addresses.issuer_url.removesuffix(_WELL_KNOWN)
    elif addresses.api_url.rstrip("/") != API_URL:
        issuer = f"{addresses.api_url.rstrip('/')}{_CURRENT_PATH}/oauth-anonymous"
    elif has_both_urls:
        return None  # the settings name everything; nothing is left to be discovered
    else:
        issuer = _ISSUER
    discovered = await _read_discovery(issuer, http)
    if discovered is not None:
        return discovered
    if issuer == _ISSUER:
        return _build_documented_server()
    if addresses.issuer_url and not has_both_urls:
        raise OuraUnavailable(
            "The sign-in service named by ANNULET_OURA_ISSUER_URL does not describe itself.",
            hint="Check the address and that the service is running, then try again.",
        )
    return None


async def _read_discovery(
    issuer: str, http: httpx2.AsyncClient | None
) -> AuthorizationServer | None:
    """Read the server from its discovery document; ``None`` for a useless document."""
    try:
        response = await token_request.get_document(f"{issuer.rstrip('/')}{_WELL_KNOWN}", http=http)
    except NoResponse:
        return None
    document = response.json_object()
    named = document.get("issuer", issuer)
    is_right = response.is_success and isinstance(named, str) and is_same_issuer(named, issuer)
    authorize_url = _address(document, "authorization_endpoint")
    token_url = _address(document, "token_endpoint")
    if not is_right or not authorize_url or not token_url:
        return None
    return AuthorizationServer(
        kind="current",
        authorize_url=authorize_url,
        token_url=token_url,
        revoke_url=_address(document, "revocation_endpoint"),
        issuer=str(named),
        prefixed=True,
    )


def _build_documented_server() -> AuthorizationServer:
    return AuthorizationServer(
        kind="current",
        authorize_url=f"{_CURRENT_URL}/oauth-authorize",
        token_url=f"{_CURRENT_URL}/oauth-token",
        revoke_url=f"{_CURRENT_URL}/oauth-revoke",
        issuer=_ISSUER,
        prefixed=True,
    )


def _legacy_server(
    addresses: ServerAddresses, current: AuthorizationServer | None
) -> AuthorizationServer:
    api_url = addresses.api_url.rstrip("/")
    authorize_url = addresses.authorize_url
    if not authorize_url:
        is_oura = api_url == API_URL
        authorize_url = _LEGACY_AUTHORIZE_URL if is_oura else f"{api_url}/oauth/authorize"
    token_url = addresses.token_url
    if not token_url or (current is not None and token_url == current.token_url):
        token_url = f"{api_url}/oauth/token"
    is_current = current is not None and authorize_url == current.authorize_url
    return AuthorizationServer(
        kind="legacy",
        authorize_url=authorize_url,
        token_url=token_url,
        revoke_url=addresses.revoke_url or f"{api_url}/oauth/revoke",
        prefixed=is_current or urlsplit(authorize_url).path.endswith("/oauth-authorize"),
    )


def _address(document: Mapping[str, object], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str):
        return ""
    try:
        return check_sign_in_url(value)
    except UsageError:
        return ""
