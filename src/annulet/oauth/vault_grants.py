"""The grant of one account on this machine: sealed in the vault, renewed under a file lock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Final
from urllib.parse import urlsplit

from annulet.errors import VaultError
from annulet.oauth.grant import Grant
from annulet.oauth.grant_store import Intent, ReconnectReason, StaleGeneration, StoredGrant
from annulet.oauth.provider import ServerHistory
from annulet.vault.credential import Credential, CredentialPolicy, InjectionTemplate
from annulet.vault.files import make_private_folder
from annulet.vault.store import StaleRow, Vault

GRANT_CREDENTIAL: Final = "oura"
"""The name of the credential in the vault."""
_POLL_S: Final = 0.05
_REASONS: Final[tuple[ReconnectReason, ...]] = ("revoked", "interrupted", "expired")


class VaultGrants:
    """A ``GrantStore`` over one account of the vault.

    Args:
        vault: The vault.
        account: Whose grant.
        policy: Where a new consent's token may be injected, and by which tools.
    """

    def __init__(
        self, vault: Vault, account: str, *, policy: CredentialPolicy | None = None
    ) -> None:
        self._vault = vault
        self._account = account
        self._policy = policy

    async def load(self) -> StoredGrant | None:
        """The row as it is now."""
        credential = self._vault.get(self._account, GRANT_CREDENTIAL)
        return None if credential is None else _read_grant(credential)

    @asynccontextmanager
    async def lock(self, *, wait: float) -> AsyncIterator[bool]:
        """Hold the lock file; the system frees it when its holder dies."""
        from filelock import FileLock, Timeout

        make_private_folder(self._vault.home)
        path = self._vault.home / f"refresh-{self._account}.lock"
        lock = FileLock(path, mode=0o600, thread_local=False)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait
        is_held = False
        while not is_held:
            try:
                lock.acquire(timeout=0)
                is_held = True
            except Timeout:
                if loop.time() >= deadline:
                    break
                await asyncio.sleep(_POLL_S)
            except OSError:
                raise VaultError(
                    f"The lock file {path} cannot be used.",
                    hint="Check the permissions of the data folder.",
                ) from None
        try:
            yield is_held
        finally:
            if is_held:
                lock.release()

    async def record_intent(self, generation: int, intent: Intent | None) -> None:
        """Commit the intent beside the sealed grant."""
        self._write_state(generation, {} if intent is None else {"intent": asdict(intent)})

    async def save(self, generation: int, grant: Grant) -> StoredGrant:
        """Write the pair that replaces this generation."""
        try:
            credential = self._vault.put(
                self._account, GRANT_CREDENTIAL, grant.to_fields(), expected=generation
            )
        except StaleRow:
            raise StaleGeneration from None
        return _read_grant(credential)

    async def mark(self, generation: int, reason: ReconnectReason) -> None:
        """Keep the grant and note that only a new consent helps."""
        self._write_state(generation, {"needs_reconnect": reason})

    async def replace(self, grant: Grant) -> StoredGrant:
        """Write the grant of a new consent."""
        credential = self._vault.put(
            self._account, GRANT_CREDENTIAL, grant.to_fields(), policy=self._policy
        )
        return _read_grant(credential)

    async def remove(self) -> None:
        """Remove the grant."""
        self._vault.remove(self._account, GRANT_CREDENTIAL)

    def _write_state(self, generation: int, state: Mapping[str, object]) -> None:
        try:
            self._vault.write_state(self._account, GRANT_CREDENTIAL, generation, state)
        except StaleRow:
            raise StaleGeneration from None


def bearer_policy(api_url: str, *, tools: tuple[str, ...] = ("annulet",)) -> CredentialPolicy:
    """Return the policy of a bearer token for Oura's API, allowed for annulet itself only."""
    host = urlsplit(api_url).hostname or ""
    template = InjectionTemplate(host_pattern=host, value_prefix="Bearer ")
    return CredentialPolicy(templates=(template,), allowed_tools=tools)


def read_server_history(vault: Vault, client_id: str) -> ServerHistory:
    """Read the results of earlier exchanges of an application."""
    return ServerHistory(*vault.read_server_history(client_id))


def write_server_history(vault: Vault, client_id: str, history: ServerHistory) -> None:
    """Store the results of exchanges beside the grants, for the next consent."""
    vault.write_server_history(client_id, works=history.works, refused=history.refused)


def _read_grant(credential: Credential) -> StoredGrant:
    try:
        grant = Grant.from_fields(credential.fields)
    except (ValueError, AttributeError):
        raise VaultError(
            "The connection in the vault cannot be read; it was left as it is.",
            hint="Update annulet, or connect again with: annulet connect",
        ) from None
    reason = credential.state.get("needs_reconnect")
    return StoredGrant(
        grant=grant,
        generation=credential.generation,
        intent=_read_intent(credential.state.get("intent")),
        needs_reconnect=next((known for known in _REASONS if known == reason), None),
    )


def _read_intent(raw: object) -> Intent | None:
    if not isinstance(raw, dict):
        return None
    try:
        return Intent(
            started_at=float(raw["started_at"]),
            fingerprint=str(raw["fingerprint"]),
            attempts=int(raw.get("attempts", 1)),
            not_before=float(raw.get("not_before", 0.0)),
            doubtful=bool(raw.get("doubtful", True)),
        )
    except (KeyError, TypeError, ValueError):
        return Intent(started_at=0.0, fingerprint="")  # something was begun: that much is known
