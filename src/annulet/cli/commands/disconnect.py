"""``annulet disconnect``: revokes the grant at Oura and removes its tokens from this machine."""

from __future__ import annotations

from typing import Final

from annulet.cli.output import streams
from annulet.cli.replaced_connection import find_secret
from annulet.errors import NotConnected
from annulet.oauth.grant_store import StoredGrant
from annulet.oauth.revoke import Revocation, revoke
from annulet.oauth.vault_grants import VaultGrants
from annulet.settings import Settings
from annulet.vault.store import Vault

_LOCK_SECONDS: Final = 90.0
_AT_OURA: Final = "You can also revoke annulet's permissions in your Oura account."
_SENTENCES: Final[dict[Revocation, str]] = {
    "revoked": "Oura has revoked the connection.",
    "already": "Oura had already revoked the connection.",
    "refused": f"Oura did not revoke the connection. {_AT_OURA}",
    "unreachable": f"Oura could not be reached to revoke it there. {_AT_OURA}",
    "unsupported": f"Oura offers no way to revoke it from here. {_AT_OURA}",
}


async def disconnect(
    *,
    keep_grant: bool = False,
    account: str = "",
    json: bool = False,
) -> None:
    """Revoke the grant at Oura where possible, and remove its tokens from this machine.

    Args:
        keep_grant: Remove the tokens here, and leave the grant at Oura as it is.
        account: Which connection, if not the default.
        json: Print the outcome as JSON.
    """
    from annulet.wiring import open_vault

    settings = Settings.from_environ()
    vault = open_vault(settings)
    chosen = vault.account_or_default(account or settings.account)
    outcome = await _disconnect(settings, vault, chosen, keep_grant=keep_grant)
    if settings.access_token is not None:
        streams.note("ANNULET_ACCESS_TOKEN is still set: commands go on using that token.")
    streams.report(outcome, as_json=json)


async def _disconnect(
    settings: Settings, vault: Vault, account: str, *, keep_grant: bool
) -> dict[str, object]:
    store = VaultGrants(vault, account)
    await _read_connection(store, account)
    async with store.lock(wait=_LOCK_SECONDS):  # a renewal under way ends first
        row = await _read_connection(store, account)
        if keep_grant:
            outcome, at_oura = "kept", f"The grant at Oura stays as it was. {_AT_OURA}"
        else:
            secret = await find_secret(settings, vault, account, row.grant)
            word = await revoke(row.grant, secret)
            outcome, at_oura = word, _SENTENCES[word]
        await store.remove()
    summary = f"The tokens of “{account}” were removed from this machine. {at_oura}"
    if outcome in {"revoked", "already"}:
        summary += f" {_AT_OURA}"
    summary += (
        " The application's id and secret stay in the vault (annulet vault forget removes them)."
    )
    return {"summary": summary, "connected": False, "account": account, "grant_at_oura": outcome}


async def _read_connection(store: VaultGrants, account: str) -> StoredGrant:
    row = await store.load()
    if row is None:
        raise NotConnected(
            f"The account “{account}” is not connected.", hint="See: annulet vault list"
        )
    return row
