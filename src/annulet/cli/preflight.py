"""Checks an application before the consent page is opened with it."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from annulet.cli.application_form import redirect_uris
from annulet.cli.diagnosis import explain_client_id
from annulet.errors import AnnuletError
from annulet.settings import Settings
from annulet.vault.secret import Secret

_LIMIT_S: Final = 15.0
_MAX_PAGE_BYTES: Final = 2**20
_REFUSED: Final = range(400, 500)


async def preflight(settings: Settings, client_id: str, secret: Secret) -> str:
    """Return the problem of a typed application; empty where there is none.

    Args:
        settings: Where Oura is.
        client_id: As typed.
        secret: As typed.
    """
    from annulet.oauth.application import check_application

    try:
        check_application(client_id, secret)
    except AnnuletError as error:
        return f"{error.message} {error.hint}"
    why = explain_client_id(client_id, same_as_secret=secret.reveal() == client_id)
    if why:
        return f"This cannot be the client id: {why}. Copy it again from the application's page."
    if await _is_refused_everywhere(settings, client_id):
        listed = "\n     ".join(redirect_uris())
        return (
            "Oura does not know this application with annulet's redirect URIs. Compare the client "
            f"id, and these addresses, letter by letter:\n     {listed}"
        )
    return ""


async def _is_refused_everywhere(settings: Settings, client_id: str) -> bool:
    """Whether the consent pages of both of Oura's sign-in services refuse to be shown."""
    from annulet.contract.scopes import SCOPES
    from annulet.oauth.consent_request import new_consent_request
    from annulet.oauth.discovery import discover_provider
    from annulet.oauth.provider import ServerHistory
    from annulet.wiring import server_addresses

    try:
        provider = await discover_provider(server_addresses(settings))
    except AnnuletError:
        return False  # connecting will say it better
    first = provider.choose_consent_server(ServerHistory())
    second = provider.other_server(first)
    urls = [
        new_consent_request(
            server, client_id=client_id, names=tuple(SCOPES), redirect_uri=redirect_uris()[0]
        ).url
        for server in (first, second)
        if server is not None
    ]
    hosts = {urlsplit(url).netloc for url in urls}
    return all([await _is_refused(url, hosts) for url in urls])


async def _is_refused(url: str, hosts: set[str]) -> bool:
    """Whether a page cannot be shown; the request carries no secret and grants nothing.

    The legacy server forwards to the current one; nothing else is followed.
    """
    from annulet.oura_http.sending import NoResponse, Request, RequestLimits, open_http, send

    limits = RequestLimits(total_s=_LIMIT_S, max_bytes=_MAX_PAGE_BYTES)
    try:
        async with open_http(url, max_connections=2) as http:
            response = await send(http, Request(url=url), limits)
            target = response.headers.get("location", "")
            if response.is_redirect and urlsplit(target).netloc in hosts:
                response = await send(http, Request(url=target), limits)
    except NoResponse:
        return False
    # 403 and 429 come from the bot protection in front of Oura's pages.
    return response.status in _REFUSED and response.status not in {403, 429}
