"""Gathers what the doctor looks at; nothing here judges, and one failure stops nothing else."""

from __future__ import annotations

import sys
from datetime import UTC
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Final

from annulet.cli.diagnosis import Findings
from annulet.contract.collections import COLLECTIONS
from annulet.errors import AnnuletError, OuraUnavailable, ScopeMissing
from annulet.settings import Settings, folders_of_programs
from annulet.toolkit.context import Context

__all__ = ["assistants", "gather"]

_SECONDS: Final = 20.0


async def gather(*, account: str = "") -> Findings:
    """Everything that can be found out, on this machine and at Oura."""
    from annulet.wiring import utc_now

    try:
        settings = Settings.from_environ()
    except AnnuletError as error:
        return Findings(now=utc_now(), home=Path(), settings=error)
    found = Findings(
        now=utc_now(),
        home=settings.home,
        api_url=settings.oura_api_url,
        bare_token=settings.access_token is not None,
    )
    _look_at_application(found, settings)
    if not found.bare_token:
        await _look_into_vault(found, settings, account)
    await _look_at_ports(found)
    await _reach(found)
    if found.connected and found.unreachable is None and not _ended(found):
        await _ask(found, settings, account)
        if not found.bare_token:
            await _look_into_vault(found, settings, account)  # a question may have renewed it
    found.assistants = assistants()
    return found


def assistants() -> dict[str, bool]:
    """The assistants on this machine, and whether annulet is in their configuration."""
    from annulet.mcp_server.install import CLIENTS, Machine, plan_uninstall

    machine = Machine(Path.home(), sys.platform, folders_of_programs())
    found: dict[str, bool] = {}
    for client in CLIENTS:
        file = client.file(machine)
        # Claude Code keeps its file in the home folder itself, which proves nothing.
        if file.exists() or (file.parent != machine.home and file.parent.is_dir()):
            try:
                found[client.title] = plan_uninstall(client, machine).changes
            except AnnuletError:
                found[client.title] = False
    return found


def _look_at_application(found: Findings, settings: Settings) -> None:
    found.client_id = settings.client_id
    found.secret_known = settings.client_secret is not None
    found.application_from = "the environment"
    if settings.client_secret is not None:
        found.secret_equals_id = settings.client_secret.reveal() == settings.client_id


async def _look_into_vault(found: Findings, settings: Settings, account: str) -> None:
    from annulet.oauth.application import stored_application
    from annulet.oauth.vault_grants import VaultGrants
    from annulet.wiring import open_vault

    vault = open_vault(settings)
    try:
        found.exposed = vault.exposed_files()
        found.account = vault.account_or_default(account or settings.account)
        place = vault.key_location()
        found.key = (place.description, place.warning) if place else None
        sealed = stored_application(vault, found.account)
        if sealed is not None and found.client_id in {"", sealed.client_id}:
            found.client_id, found.secret_known = sealed.client_id, True
            found.secret_equals_id = sealed.client_secret.reveal() == sealed.client_id
            found.application_from = "the vault"
        found.grant = await VaultGrants(vault, found.account).load()
    except AnnuletError as error:
        found.vault = error


def _ended(found: Findings) -> bool:
    return found.grant is not None and found.grant.needs_reconnect is not None


async def _look_at_ports(found: Findings) -> None:
    from annulet.oauth.connect_errors import PortBusy
    from annulet.oauth.loopback_server import PORTS, bind_loopback_server
    from annulet.oauth.port_owner import owner_of

    try:
        server = bind_loopback_server()
    except PortBusy:
        found.port_owner = owner_of(PORTS[0])
        return
    found.free_port = server.port
    await server.aclose()


async def _reach(found: Findings) -> None:
    """One request without a token: Oura refuses it, and says what time it is."""
    from annulet.oura_http.sending import Limits, NoResponse, Request, open_http, send
    from annulet.wiring import utc_now

    url = found.api_url + COLLECTIONS["personal_info"].path
    try:
        async with open_http(url, max_connections=1) as http:
            response = await send(http, Request(url=url), Limits(total_s=_SECONDS, max_bytes=2**20))
    except NoResponse:
        found.unreachable = OuraUnavailable(
            "Oura cannot be reached.",
            hint="Check the network, a firewall, and ANNULET_OURA_API_URL if you have set it.",
        )
        return
    try:
        told = parsedate_to_datetime(response.headers.get("date", ""))
    except ValueError:
        return
    found.skew = (utc_now() - told.replace(tzinfo=told.tzinfo or UTC)).total_seconds()


async def _ask(found: Findings, settings: Settings, account: str) -> None:
    from annulet.toolkit.answers import answer
    from annulet.wiring import open_context

    try:
        async with open_context(settings, account=account) as context:
            await _try_token(context)
            found.permissions = await answer("oura_permissions", {}, context)
            found.answer = await _real_answer(context)
    except AnnuletError as error:
        found.token = error


async def _try_token(context: Context) -> None:
    try:
        await context.client.personal_info()
    except ScopeMissing:
        return  # refused for what it may not see, hence accepted


async def _real_answer(context: Context) -> dict[str, Any] | AnnuletError:
    from annulet.toolkit.answers import answer

    try:
        return await answer("oura_daily_summary", {}, context)
    except AnnuletError as error:
        return error
