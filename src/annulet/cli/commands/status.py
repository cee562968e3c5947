"""``annulet status``: whether the connection works, and what else is connected on this machine."""

from __future__ import annotations

from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from annulet.cli.output import streams
from annulet.errors import AnnuletError, UsageError
from annulet.oauth.vault_grants import VaultGrants
from annulet.settings import Settings
from annulet.toolkit.answers import answer
from annulet.toolkit.context import Context
from annulet.toolkit.tool import Answer
from annulet.wiring import open_context, open_vault, utc_now

if TYPE_CHECKING:
    from annulet.vault.store import Vault


async def status(*, account: str = "", json: bool = False) -> None:
    """Ask Oura whether the connection works, and list every connection of this machine.

    Args:
        account: Which connection, if not the default.
        json: Print the status as JSON.
    """
    settings = Settings.from_environ()
    _check_home(settings.home)
    async with open_context(settings, account=account) as context:
        permissions = await answer("oura_permissions", {}, context)
        oura_account = await _read_oura_account(context)
    health: Answer = {
        "summary": permissions["summary"],
        "connected": permissions["connected"],
        "account": permissions["account"],
        "oura_account": oura_account,
        "permissions": [row[0] for row in permissions["granted"]["rows"]],
        "missing": [row[0] for row in permissions["missing"]["rows"]],
        "token": permissions["token"],
    }
    if "last_sync" in permissions:
        health["last_sync"] = permissions["last_sync"]
    if settings.access_token is None:
        vault = open_vault(settings)
        health["connections"] = await _list_connections(vault)
        place = vault.key_location()
        if place is not None:
            health["key"] = place.description
    health["capabilities"] = _count_capabilities(settings)
    if "notes" in permissions:
        health["notes"] = permissions["notes"]
    if json:
        streams.answer_json(health)
    else:
        streams.write("\n".join(_lines(health)))


def _check_home(home: Path) -> None:
    """Check that the data folder is one, or could be made.

    Raises:
        UsageError: It is a file, or lies where no folder can be made.
    """
    if home.is_dir():
        return
    if home.exists():
        raise UsageError(
            f"ANNULET_HOME is no folder: {home}.",
            hint="Set it to the folder of your connection, or unset it for the usual one.",
        )
    above = next(folder for folder in home.absolute().parents if folder.exists())
    try:
        Path(mkdtemp(dir=above)).rmdir()
    except OSError:
        raise UsageError(
            f"The data folder {home} does not exist and cannot be made.",
            hint="Set ANNULET_HOME to a folder that you may write to.",
        ) from None


async def _read_oura_account(context: Context) -> str:
    """The e-mail address of the Oura account; empty where it may not be read."""
    try:
        return (await context.client.personal_info()).email or ""
    except AnnuletError:
        return ""


async def _list_connections(vault: Vault) -> list[dict[str, str]]:
    """Every stored connection, the default one first, with its Oura account where known."""
    listed = []
    for name in vault.accounts():
        try:
            row = await VaultGrants(vault, name).load()
        except AnnuletError:
            listed.append({"account": name, "oura_account": "", "state": "cannot be opened"})
            continue
        if row is not None:
            state = "needs to be connected again" if row.needs_reconnect else "connected"
            known = row.grant.oura_account
            listed.append({"account": name, "oura_account": known, "state": state})
    return listed


def _count_capabilities(settings: Settings) -> int:
    """How many programs may still read through the credential proxy."""
    from annulet.proxy.data_files import open_capability_store

    if not settings.home.is_dir():
        return 0
    try:
        entries = open_capability_store(settings.home).list()
    except AnnuletError:
        return 0
    return sum(1 for entry in entries if entry.state(utc_now()) == "active")


def _lines(health: Answer) -> list[str]:
    token = health["token"]
    renews = "renewed by itself" if token["renews"] else "not renewed"
    connections = health.get("connections", [])
    is_permitted = "email" in health["permissions"]
    why = "could not be read just now" if is_permitted else "is not permitted"
    known = health["oura_account"] or f"not known (its e-mail address {why})"
    lines = [
        health["summary"],
        f"  Oura account {known}",
        f"  permissions  {', '.join(health['permissions']) or 'none'}",
        f"  token        until {token.get('expires_at', 'unknown')}, {renews}",
        f"  last sync    {health.get('last_sync', 'unknown')}",
    ]
    if "key" in health:
        lines.append(f"  vault key    {health['key']}")
    if len(connections) > 1:
        lines.append("  connections  " + f"\n{'':15}".join(_connection(c) for c in connections))
    if health["capabilities"]:
        lines.append(f"  capabilities {health['capabilities']} (annulet grant list shows them)")
    return [*lines, *(f"· {note}" for note in health.get("notes", []))]


def _connection(connection: dict[str, str]) -> str:
    of = f" of {connection['oura_account']}" if connection["oura_account"] else ""
    return f"“{connection['account']}”{of}: {connection['state']}"
