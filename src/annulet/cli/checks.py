"""Gathers the facts that `annulet doctor` checks; one failure stops no other fact."""

from __future__ import annotations

import sys
from datetime import UTC
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

from annulet.cli.diagnosis import Facts
from annulet.contract.collections import COLLECTIONS
from annulet.errors import AnnuletError, OuraUnavailable, ScopeMissing
from annulet.settings import Settings, folders_of_programs
from annulet.toolkit.context import Context
from annulet.toolkit.tool import Answer

_SECONDS: Final = 20.0


async def gather_facts(*, account: str = "") -> Facts:
    """Gather the facts of this machine and of the connection to Oura."""
    from annulet.wiring import utc_now

    try:
        settings = Settings.from_environ()
    except AnnuletError as error:
        return Facts(now=utc_now(), home=Path(), settings=error)
    facts = Facts(
        now=utc_now(),
        home=settings.home,
        api_url=settings.oura_api_url,
        bare_token=settings.access_token is not None,
    )
    _read_application(facts, settings)
    if not facts.bare_token:
        await _read_vault(facts, settings, account)
    await _try_ports(facts)
    await _reach_oura(facts)
    if facts.connected and facts.unreachable is None and not _has_ended(facts):
        await _ask(facts, settings, account)
        if not facts.bare_token:
            await _read_vault(facts, settings, account)  # a question may have renewed it
    facts.assistants = list_assistants()
    return facts


def list_assistants() -> dict[str, bool]:
    """The assistants on this machine, and whether annulet is in their configuration."""
    from annulet.mcp_server.assistants.config_file import Machine
    from annulet.mcp_server.install.installable import list_installable
    from annulet.mcp_server.install.plan import plan_uninstall

    machine = Machine(Path.home(), sys.platform, folders_of_programs())
    configured: dict[str, bool] = {}
    for assistant in list_installable():
        file = assistant.config_file.locate(machine)
        # Claude Code keeps its file in the home folder itself, which proves nothing.
        if file.exists() or (file.parent != machine.home and file.parent.is_dir()):
            try:
                configured[assistant.title] = plan_uninstall(assistant, machine).changes
            except AnnuletError:
                configured[assistant.title] = False
    return configured


def _read_application(facts: Facts, settings: Settings) -> None:
    facts.client_id = settings.client_id
    facts.secret_known = settings.client_secret is not None
    facts.application_from = "the environment"
    if settings.client_secret is not None:
        facts.secret_equals_id = settings.client_secret.reveal() == settings.client_id


async def _read_vault(facts: Facts, settings: Settings, account: str) -> None:
    from annulet.oauth.application import read_application
    from annulet.oauth.vault_grants import VaultGrants
    from annulet.wiring import connect_command, open_vault

    vault = open_vault(settings)
    try:
        facts.exposed = vault.find_exposed_files()
        facts.account = vault.account_or_default(account or settings.account)
        facts.connect = connect_command(vault, facts.account)
        place = vault.key_location()
        facts.key = (place.description, place.warning) if place else None
        sealed = read_application(vault, facts.account)
        if sealed is not None and facts.client_id in {"", sealed.client_id}:
            facts.client_id, facts.secret_known = sealed.client_id, True
            facts.secret_equals_id = sealed.client_secret.reveal() == sealed.client_id
            facts.application_from = "the vault"
        facts.grant = await VaultGrants(vault, facts.account).load()
    except AnnuletError as error:
        facts.vault = error


def _has_ended(facts: Facts) -> bool:
    return facts.grant is not None and facts.grant.needs_reconnect is not None


async def _try_ports(facts: Facts) -> None:
    from annulet.oauth.connect_errors import PortBusy
    from annulet.oauth.loopback_server import PORTS, bind_loopback_server
    from annulet.oauth.port_owner import owner_of

    try:
        server = bind_loopback_server()
    except PortBusy:
        facts.port_owner = owner_of(PORTS[0])
        return
    facts.free_port = server.port
    await server.aclose()


async def _reach_oura(facts: Facts) -> None:
    """Send a request without a token: Oura refuses it, and its ``Date`` header tells the time."""
    from annulet.oura_http.sending import NoResponse, Request, RequestLimits, open_http, send
    from annulet.wiring import utc_now

    url = facts.api_url + COLLECTIONS["personal_info"].path
    limits = RequestLimits(total_s=_SECONDS, max_bytes=2**20)
    try:
        async with open_http(url, max_connections=1) as http:
            response = await send(http, Request(url=url), limits)
    except NoResponse:
        facts.unreachable = OuraUnavailable(
            "Oura cannot be reached.",
            hint="Check the network, a firewall, and ANNULET_OURA_API_URL if you have set it.",
        )
        return
    try:
        oura_time = parsedate_to_datetime(response.headers.get("date", ""))
    except ValueError:
        return
    facts.skew = (utc_now() - oura_time.replace(tzinfo=oura_time.tzinfo or UTC)).total_seconds()


async def _ask(facts: Facts, settings: Settings, account: str) -> None:
    from annulet.toolkit.answers import answer
    from annulet.wiring import open_context

    try:
        async with open_context(settings, account=account) as context:
            await _try_token(context)
            facts.permissions = await answer("oura_permissions", {}, context)
            facts.answer = await _real_answer(context)
    except AnnuletError as error:
        facts.token = error


async def _try_token(context: Context) -> None:
    try:
        await context.client.personal_info()
    except ScopeMissing:
        return  # Oura checks the scope only of a token that it accepts


async def _real_answer(context: Context) -> Answer | AnnuletError:
    from annulet.toolkit.answers import answer

    try:
        return await answer("oura_daily_summary", {}, context)
    except AnnuletError as error:
        return error
