"""The application registered at Oura: its client id and secret, and where they are stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from annulet.errors import UsageError, VaultError
from annulet.oauth.grant_store import ClientSecretLookup
from annulet.vault.credential import CredentialPolicy
from annulet.vault.secret import Secret
from annulet.vault.store import Vault

APPLICATION_CREDENTIAL: Final = "application"
"""The name of the credential in the vault."""
_MAX_LENGTH: Final = 512


@dataclass(frozen=True, slots=True)
class Application:
    """The client id and secret that Oura's developer page shows after registration."""

    client_id: str
    client_secret: Secret


def check_application(client_id: str, client_secret: Secret | None) -> Application:
    """Return the application if its client id and secret are plausible.

    Raises:
        UsageError: One of them is missing or cannot be right.
    """
    secret = client_secret or Secret("")
    for name, value in (("client id", client_id), ("client secret", secret.reveal())):
        if not value:
            raise UsageError(
                f"The {name} of your Oura application is missing.",
                hint="Set ANNULET_CLIENT_ID and ANNULET_CLIENT_SECRET (or "
                "ANNULET_CLIENT_SECRET_FILE), or run annulet connect in a terminal and type them.",
            )
        if len(value) > _MAX_LENGTH or not all("!" <= letter <= "~" for letter in value):
            raise UsageError(
                f"The {name} holds characters that Oura does not use.",
                hint="Copy it again from Oura's developer page, without blanks around it.",
            )
    return Application(client_id, secret)


def store_application(vault: Vault, account: str, application: Application) -> None:
    """Seal the application, so that later commands need no environment."""
    if _read_sealed(vault, account) == application:
        return
    fields = {
        "client_id": application.client_id,
        "client_secret": application.client_secret.reveal(),
    }
    vault.put(account, APPLICATION_CREDENTIAL, fields, policy=CredentialPolicy())


def read_application(vault: Vault, account: str) -> Application | None:
    """Read the application of an account, else the only one in the vault."""
    application = _read_sealed(vault, account)
    if application is not None:
        return application
    others = {_read_sealed(vault, name) for name in vault.accounts()} - {None}
    return others.pop() if len(others) == 1 else None


def client_secret_lookup(
    vault: Vault, account: str, *, application: Application | None
) -> ClientSecretLookup:
    """Return a lookup for the secret of a grant's application: given, else from the vault."""

    async def look_up(client_id: str) -> Secret:
        for known in (application, _read_sealed(vault, account)):
            if known is not None and known.client_id == client_id:
                return known.client_secret
        raise UsageError(
            "The secret of the application this account was connected with is not known.",
            hint="Set ANNULET_CLIENT_ID and ANNULET_CLIENT_SECRET, or run: annulet connect",
        )

    return look_up


def _read_sealed(vault: Vault, account: str) -> Application | None:
    try:
        credential = vault.get(account, APPLICATION_CREDENTIAL)
    except VaultError:
        return None  # a damaged credential is replaced by what is given or typed
    if credential is None:
        return None
    fields = credential.fields
    secret = Secret(str(fields.get("client_secret", "")))
    return Application(str(fields.get("client_id", "")), secret)
