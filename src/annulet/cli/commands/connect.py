"""``annulet connect``: from a registered application to a stored, verified connection."""

from __future__ import annotations

import dataclasses
import re
import time
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Final

from cyclopts import Parameter

from annulet.cli.output import streams
from annulet.cli.output.prompts import ConsentTerminal, ask_hidden, ask_line, interactive
from annulet.cli.ports import Port
from annulet.cli.replaced_connection import (
    check_replacement,
    is_of_another_person,
    revoke_unused,
)
from annulet.contract.scopes import SCOPES
from annulet.errors import AnnuletError, UsageError, VaultError
from annulet.oauth import vault_grants
from annulet.oauth.application import (
    Application,
    check_application,
    read_application,
    store_application,
)
from annulet.oauth.consent_request import check_scopes
from annulet.oauth.discovery import discover_provider
from annulet.oauth.grant import Grant
from annulet.oauth.grant_store import StoredGrant
from annulet.oauth.loopback_flow import TIMEOUT_S, connect_on_loopback
from annulet.oauth.loopback_server import PORTS
from annulet.settings import Settings
from annulet.vault.secret import Secret
from annulet.vault.store import Vault, check_account_name
from annulet.wiring import connect_command

_LOCK_SECONDS: Final = 90.0
_LONGEST_WAIT_S: Final = 86_400
_CONNECT: Final = re.compile(r"annulet connect(?! --account)")


async def connect(
    *,
    browser: Annotated[bool, Parameter(negative="--no-browser")] = True,
    scopes: list[str] | None = None,
    port: Port | None = None,
    timeout: Annotated[  # noqa: ASYNC109 - shown to the person as a countdown
        float, Parameter(show_default=True)
    ] = TIMEOUT_S,
    account: str = "",
    replace: bool = False,
    json: bool = False,
) -> None:
    """Connect your ring through Oura's consent page.

    Client id and secret of the application come from ANNULET_CLIENT_ID and
    ANNULET_CLIENT_SECRET (or ANNULET_CLIENT_SECRET_FILE), from the vault, or from a prompt.

    Args:
        browser: Open the browser; without it, paste the address to which Oura leads back.
        scopes: Permissions to ask for, such as daily,heartrate; all of them when left out.
        port: The port of the redirect URI registered at Oura, if not 8765 or 8766.
        timeout: Seconds to wait for your permission.
        account: A name for this connection, when there are several.
        replace: Replace a connection of another Oura account without asking.
        json: Print the outcome as JSON.
    """
    outcome = await connect_account(
        Settings.from_environ(),
        browser=browser,
        scopes=scopes or [],
        port=port,
        timeout=timeout,
        account=account,
        replace=replace,
    )
    streams.report(outcome, as_json=json)


async def connect_account(
    settings: Settings,
    *,
    browser: bool,
    scopes: list[str],
    port: int | None = None,
    timeout: float = TIMEOUT_S,  # noqa: ASYNC109 - shown to the person as a countdown
    account: str = "",
    replace: bool = False,
) -> dict[str, object]:
    """Connect an account, store its grant and verify it; `annulet setup` calls this, too.

    Raises:
        AnnuletError: Nothing was connected; what was there before is as it was.
    """
    from annulet.wiring import open_vault, server_addresses

    names = check_scopes(scopes)
    if not 0 < timeout <= _LONGEST_WAIT_S:
        raise UsageError(
            f"The time to wait is more than 0 and at most {_LONGEST_WAIT_S} seconds.",
            hint="Leave --timeout out.",
        )
    vault = open_vault(settings)
    chosen = check_account_name(vault.account_or_default(account or settings.account))
    registered = _application(settings, vault, chosen)
    vault.create()
    terminal = ConsentTerminal(browser=browser)
    try:
        grant = await connect_on_loopback(
            await discover_provider(server_addresses(settings)),
            registered,
            names=names,
            history=vault_grants.read_server_history(vault, registered.client_id),
            store_history=partial(vault_grants.write_server_history, vault, registered.client_id),
            terminal=terminal,
            clock=time.time,
            ports=PORTS if port is None else (port,),
            timeout_s=timeout,
        )
    except AnnuletError as failure:
        failure.hint = _CONNECT.sub(connect_command(vault, chosen), failure.hint)
        raise
    finally:
        terminal.close()
    grant, remark = await _identify(settings, grant)
    before = await _connection_of_another(vault, chosen, grant)
    if before is not None and not replace:
        await _ask_to_replace(settings, vault, chosen, before, grant)
    stored = await _store(settings, vault, chosen, grant)
    store_application(vault, chosen, registered)
    if before is not None:
        await revoke_unused(settings, vault, chosen, before)
    outcome = _outcome(vault, chosen, stored.grant, remark=remark)
    return outcome if before is None else outcome | {"replaced": before.oura_account}


def _application(settings: Settings, vault: Vault, account: str) -> Application:
    """Return the registered application: from the settings, the vault, or a prompt."""
    client_id, secret = settings.client_id, settings.client_secret
    if not (client_id and secret):
        sealed = read_application(vault, account)
        if sealed is not None and client_id in {"", sealed.client_id}:
            return sealed
        if interactive():
            client_id = client_id or ask_line("Client id of your Oura application: ")
            secret = secret or Secret(ask_hidden("Client secret (not shown): "))
    return check_application(client_id, secret)


async def _store(settings: Settings, vault: Vault, account: str, grant: Grant) -> StoredGrant:
    policy = vault_grants.bearer_policy(settings.oura_api_url)
    store = vault_grants.VaultGrants(vault, account, policy=policy)
    # Another process may be renewing the old grant. If that hangs, the generation prevents it
    # from writing over the new consent.
    async with store.lock(wait=_LOCK_SECONDS):
        return await store.replace(grant)


async def _ask_to_replace(
    settings: Settings, vault: Vault, account: str, before: Grant, grant: Grant
) -> None:
    try:
        check_replacement(vault, account, before, grant)
    except BaseException:  # Ctrl-C as well: the new grant stays unused
        await revoke_unused(settings, vault, account, grant)
        raise


async def _connection_of_another(vault: Vault, account: str, grant: Grant) -> Grant | None:
    """The grant that is stored under this name, where it is of another Oura account."""
    try:
        row = await vault_grants.VaultGrants(vault, account).load()
    except VaultError:
        return None  # a row that cannot be read is what a new consent mends
    return row.grant if row is not None and is_of_another_person(row.grant, grant) else None


async def _identify(settings: Settings, grant: Grant) -> tuple[Grant, str]:
    """Ask Oura whose token this is; return the grant with the answer, and a remark if it failed."""
    from annulet.client import OuraClient, StaticToken

    token = StaticToken(grant.access_token.reveal())
    try:
        async with OuraClient(token, api_url=settings.oura_api_url, deadline_s=20.0) as client:
            person = await client.personal_info()
    except AnnuletError as error:
        return grant, "" if error.code == "missing_scope" else str(error)
    email, identifier = person.email or "", person.id or ""
    return dataclasses.replace(grant, oura_account=email, oura_person=identifier), ""


def _outcome(vault: Vault, account: str, grant: Grant, *, remark: str) -> dict[str, object]:
    label = grant.oura_account
    expires = datetime.fromtimestamp(grant.expires_at, UTC).isoformat(timespec="seconds")
    outcome: dict[str, object] = {"summary": "", "connected": True, "account": account}
    if label:
        outcome["oura_account"] = label
    sentences = [
        f"Connected{f' as {label}' if label else ''}. The connection is called “{account}”."
    ]
    if grant.scopes is not None:
        missing = [name for name in grant.requested if name not in grant.scopes]
        outcome |= {"granted": list(grant.scopes), "missing": missing}
        titles = ", ".join(SCOPES[name].title for name in missing if name in SCOPES)
        if titles:
            again = connect_command(vault, account)
            sentences.append(f"Not permitted: {titles}. To add them, run: {again}")
    if not grant.is_renewable:
        sentences.append("Oura gave no way to renew it, so it ends by itself.")
    if remark:
        sentences.append(remark)
    outcome["token"] = {"expires_at": expires, "renews": grant.is_renewable}
    outcome["summary"] = " ".join(sentences)
    return outcome
