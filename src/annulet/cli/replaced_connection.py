"""A consent of one Oura account where the connection is of another: asked, said and revoked."""

from __future__ import annotations

from annulet.cli.output.prompts import ask_line, interactive
from annulet.errors import AnnuletError, UsageError
from annulet.oauth.application import Application, client_secret_lookup
from annulet.oauth.grant import Grant
from annulet.oauth.revoke import Revocation, revoke
from annulet.oauth.vault_grants import VaultGrants
from annulet.settings import Settings
from annulet.vault.secret import Secret
from annulet.vault.store import Vault
from annulet.wiring import connect_command


def is_of_another_person(before: Grant, after: Grant) -> bool:
    """Whether two grants are known to be of different Oura accounts."""
    if before.oura_person and after.oura_person:
        return before.oura_person != after.oura_person
    return bool(before.oura_account and after.oura_account) and (
        before.oura_account != after.oura_account
    )


def check_replacement(vault: Vault, account: str, before: Grant, after: Grant) -> None:
    """Ask whether a connection may be replaced by that of another Oura account.

    Raises:
        UsageError: The person says no, or there is no person to ask.
    """
    sentence = (
        f"The connection “{account}” is of {_name_of(before)}, and this consent is of "
        f"{_name_of(after)}."
    )
    if interactive():
        typed = ask_line(f"{sentence}\nReplace the connection? [y/N] ")
        if typed.casefold() in {"y", "yes"}:
            return
    raise UsageError(
        f"{sentence} Nothing was changed.",
        hint="To keep both, give this one a name: annulet connect --account NAME. "
        f"To replace it: {connect_command(vault, account)} --replace",
    )


def _name_of(grant: Grant) -> str:
    return grant.oura_account or f"the Oura account {grant.oura_person[:8]}…"


async def revoke_unused(
    settings: Settings, vault: Vault, account: str, grant: Grant
) -> Revocation | None:
    """Revoke a grant that no connection of this machine uses; ``None`` where one does.

    Oura may end all grants of a person at once, so another connection of theirs keeps it alive.
    """
    for name in vault.accounts():
        row = await VaultGrants(vault, name).load()
        if row is not None and not is_of_another_person(row.grant, grant):
            return None
    return await revoke(grant, await find_secret(settings, vault, account, grant))


async def find_secret(
    settings: Settings, vault: Vault, account: str, grant: Grant
) -> Secret | None:
    """Find the secret of a grant's application; ``None`` where it is unknown."""
    given = None
    if settings.client_id and settings.client_secret:
        given = Application(settings.client_id, settings.client_secret)
    try:
        return await client_secret_lookup(vault, account, application=given)(grant.client_id)
    except AnnuletError:
        return None  # revoking is tried without it
