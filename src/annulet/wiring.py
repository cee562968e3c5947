"""The composition root of the one-person install: it builds a context from the settings.

Here, and nowhere else on this machine, the clock, the zone, the vault, the token session and the
client meet.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from annulet.client import OuraClient, TokenProvider
from annulet.errors import AnnuletError, UsageError
from annulet.oauth.application import Application, client_secret_lookup
from annulet.oauth.discovery import ServerAddresses
from annulet.oauth.session import TokenSession
from annulet.oauth.vault_grants import VaultGrants
from annulet.oura_http.token_provider import StaticToken
from annulet.settings import Settings
from annulet.toolkit.context import Connection, Context, Zone
from annulet.vault.key_sources import provided_keys
from annulet.vault.secret import Secret
from annulet.vault.store import Vault

CONNECT_HINT: Final = "Connect your ring with: annulet connect"
_ENVIRONMENT_ACCOUNT: Final = "environment"
_Connections = Callable[[], Awaitable[Connection]]


def utc_now() -> datetime:
    """The clock of the product."""
    return datetime.now(UTC)  # noqa: TID251 - the one place where the clock is made


def open_vault(settings: Settings) -> Vault:
    """The vault of this machine."""
    return Vault(
        settings.home, clock=time.time, provided_keys=provided_keys(settings.key, settings.key_file)
    )


def connect_command(vault: Vault, account: str) -> str:
    """What to type to connect this account."""
    named = "" if account == vault.account_or_default() else f" --account {account}"
    return f"annulet connect{named}"


def connect_hint(vault: Vault, account: str) -> str:
    """What to do where an account is not connected; it names the connections there are."""
    others = [name for name in vault.accounts() if name != account]
    if not others or account in vault.accounts():
        return f"Run: {connect_command(vault, account)}"
    here = ", ".join(others)
    return f"Connected here: {here}. To add “{account}”, run: {connect_command(vault, account)}"


def open_session(settings: Settings, vault: Vault, account: str) -> TokenSession:
    """The token session of one account."""
    application = None
    if settings.client_id and settings.client_secret:
        application = Application(settings.client_id, settings.client_secret)
    return TokenSession(
        VaultGrants(vault, account),
        client_secret_lookup(vault, account, application=application),
        clock=time.time,
        connect_hint=connect_hint(vault, account),
    )


def server_addresses(settings: Settings) -> ServerAddresses:
    """The addresses of Oura's sign-in servers, as far as they are set."""
    return ServerAddresses(
        api_url=settings.oura_api_url,
        authorize_url=settings.oura_authorize_url,
        token_url=settings.oura_token_url,
        revoke_url=settings.oura_revoke_url,
        issuer_url=settings.oura_issuer_url,
    )


def person_zone(settings: Settings) -> Zone:
    """The person's zone: as set, else the system's, which is only assumed where it is UTC."""
    if settings.timezone:
        return Zone(ZoneInfo(settings.timezone), settings.timezone)
    from tzlocal import get_localzone_name

    try:
        name = get_localzone_name() or "UTC"
        zone = ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        # A machine whose zone cannot be read is treated like one that says UTC.
        return Zone(UTC, "UTC", assumed=True)
    if name in {"UTC", "Etc/UTC", "GMT", "Etc/GMT", "Zulu", "Etc/Zulu", "Universal", "UCT"}:
        return Zone(UTC, "UTC", assumed=True)
    return Zone(zone, name)


@asynccontextmanager
async def open_context(settings: Settings, *, account: str = "") -> AsyncIterator[Context]:
    """One person's context, closed again when the questions are over.

    Args:
        settings: The settings.
        account: Which connection; the settings' or the vault's default when left out.

    Raises:
        UsageError: No account can be called so, or a token from the environment was stated, too.
        VaultError: The vault cannot be opened.
    """
    access_token = stated_token(settings, account)
    if access_token is not None:
        token = _environment_token(access_token)
        async with _open_client(settings, token) as client:
            yield _context(settings, client, _bare_connection)
        return
    vault = open_vault(settings)
    chosen = vault.account_or_default(account or settings.account)
    session = open_session(settings, vault, chosen)
    try:
        async with _open_client(settings, session) as client:
            context = _context(settings, client, _stored_connection(session, chosen))
            context.connect_hint = f"Connect your ring with: {connect_command(vault, chosen)}"
            context.ready = _same_consent(session, context)
            yield context
    finally:
        await session.aclose()


def _environment_token(access_token: Secret) -> TokenProvider:
    try:
        return StaticToken(access_token.reveal())
    except UsageError:
        raise UsageError(
            "ANNULET_ACCESS_TOKEN is no access token: it holds characters that no token has.",
            hint="Set it to the token alone, or unset it to use the stored connection.",
        ) from None


def stated_token(settings: Settings, account: str) -> Secret | None:
    """Return the access token of the environment, a connection of its own; ``None`` without one.

    Args:
        settings: The settings.
        account: The stored connection that was named for this question; empty for none.

    Raises:
        UsageError: Both were stated, and an answer could be of either person.
    """
    if settings.access_token is not None and account:
        raise UsageError(
            "ANNULET_ACCESS_TOKEN is one connection, and --account names another one.",
            hint="Unset ANNULET_ACCESS_TOKEN to use stored connections, or leave --account out.",
        )
    return settings.access_token


def _stored_connection(session: TokenSession, account: str) -> _Connections:
    """Return a function that reads the state of a stored connection."""

    async def look_up() -> Connection:
        row = await session.state()
        if row.needs_reconnect:
            raise session.reconnect_error(row.needs_reconnect)
        grant = row.grant
        return Connection(
            account=account,
            granted=grant.scopes,
            expires_at=datetime.fromtimestamp(grant.expires_at, UTC),
            renews=grant.is_renewable,
        )

    return look_up


def _same_consent(session: TokenSession, context: Context) -> Callable[[], Awaitable[None]]:
    """Return a check that clears the cache after a consent has ended or was replaced.

    A server runs for days, and its person disconnects and connects in another terminal.
    """
    seen: tuple[str, str | None] | None = None

    async def ready() -> None:
        nonlocal seen
        try:
            row = await session.state()
        except AnnuletError:
            context.forget()
            raise
        now = (row.grant.consent_id, row.needs_reconnect)
        if seen not in (None, now):
            context.forget()
        seen = now

    return ready


async def _bare_connection() -> Connection:
    return Connection(account=_ENVIRONMENT_ACCOUNT)


def _open_client(settings: Settings, token: TokenProvider) -> OuraClient:
    zone = person_zone(settings)
    known = None if zone.assumed else zone.tz
    return OuraClient(token, api_url=settings.oura_api_url, zone=known)


def _context(settings: Settings, client: OuraClient, connection: _Connections) -> Context:
    return Context(
        client=client,
        now=utc_now,
        zone=person_zone(settings),
        connection=connection,
        connect_hint=CONNECT_HINT,
        sleep_need_min=settings.sleep_need_h * 60,
    )
