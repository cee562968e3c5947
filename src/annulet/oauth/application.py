"""The application registered at Oura: its client id and secret, and where they are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from annulet.errors import UsageError, VaultError
from annulet.oauth.grant_store import ClientSecrets
from annulet.vault.credential import CredentialPolicy
from annulet.vault.secret import Secret
from annulet.vault.store import Vault

__all__ = ["APPLICATION", "Application", "checked", "client_secrets", "keep", "kept"]

APPLICATION: Final = "application"
"""The name of the vault's entry."""
_LONGEST: Final = 512


@dataclass(frozen=True, slots=True)
class Application:
    """What Oura's developer page shows after registration."""

    client_id: str
    client_secret: Secret


def checked(client_id: str, client_secret: Secret | None) -> Application:
    """The application, if its two texts can be what Oura gives out.

    Raises:
        UsageError: One of them is missing or cannot be right.
    """
    named = (("client id", client_id), ("client secret", client_secret and client_secret.reveal()))
    for name, value in named:
        if not value:
            raise UsageError(
                f"The {name} of your Oura application is missing.",
                hint="Set ANNULET_CLIENT_ID and ANNULET_CLIENT_SECRET (or "
                "ANNULET_CLIENT_SECRET_FILE), or run annulet connect in a terminal and type them.",
            )
        if len(value) > _LONGEST or not all("!" <= letter <= "~" for letter in value):
            raise UsageError(
                f"The {name} holds characters that Oura does not use.",
                hint="Copy it again from Oura's developer page, without blanks around it.",
            )
    return Application(client_id, client_secret or Secret(""))


def keep(vault: Vault, account: str, application: Application) -> None:
    """Seal the application, so that later commands need no environment."""
    if _sealed(vault, account) == application:
        return
    fields = {
        "client_id": application.client_id,
        "client_secret": application.client_secret.reveal(),
    }
    vault.put(account, APPLICATION, fields, policy=CredentialPolicy())


def kept(vault: Vault, account: str) -> Application | None:
    """The application this account was connected with, else the only one in the vault."""
    own = _sealed(vault, account)
    if own is not None:
        return own
    others = {_sealed(vault, name) for name in vault.accounts()} - {None}
    return others.pop() if len(others) == 1 else None


def _sealed(vault: Vault, account: str) -> Application | None:
    try:
        entry = vault.get(account, APPLICATION)
    except VaultError:
        return None  # a damaged entry is replaced by what is given or typed
    return None if entry is None else _read(entry.fields)


def client_secrets(vault: Vault, account: str, *, given: Application | None) -> ClientSecrets:
    """Finds the secret of a grant's application: as given now, else as kept in the vault."""

    async def secret_of(client_id: str) -> Secret:
        for application in (given, _sealed(vault, account)):
            if application is not None and application.client_id == client_id:
                return application.client_secret
        raise UsageError(
            "The secret of the application this account was connected with is not known.",
            hint="Set ANNULET_CLIENT_ID and ANNULET_CLIENT_SECRET, or run: annulet connect",
        )

    return secret_of


def _read(fields: Any) -> Application:
    secret = Secret(str(fields.get("client_secret", "")))
    return Application(str(fields.get("client_id", "")), secret)
