"""The grant of one account on this machine: sealed in the vault, renewed under a file lock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any, Final, cast
from urllib.parse import urlsplit

from annulet.errors import VaultError
from annulet.oauth.grant import Grant
from annulet.oauth.grant_store import GenerationMoved, Intent, Reconnect, StoredGrant
from annulet.oauth.provider import Memory
from annulet.vault.credential import Credential, CredentialPolicy, InjectionTemplate
from annulet.vault.files import make_private_folder
from annulet.vault.store import StaleRow, Vault

__all__ = ["GRANT", "VaultGrants", "bearer_policy", "recall_endpoint", "remember_endpoint"]

GRANT: Final = "oura"
"""The name of the vault's entry."""
_POLL_SECONDS: Final = 0.05
_REASONS: Final = frozenset({"revoked", "interrupted", "expired"})


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
        entry = self._vault.get(self._account, GRANT)
        return None if entry is None else _stored(entry)

    @asynccontextmanager
    async def lock(self, *, wait: float) -> AsyncIterator[bool]:
        """Hold the lock file; the system frees it when its holder dies."""
        from filelock import FileLock, Timeout

        make_private_folder(self._vault.home)
        path = self._vault.home / f"refresh-{self._account}.lock"
        lock = FileLock(path, mode=0o600, thread_local=False)
        loop = asyncio.get_running_loop()
        until = loop.time() + wait
        held = False
        while not held:
            try:
                lock.acquire(timeout=0)
                held = True
            except Timeout:
                if loop.time() >= until:
                    break
                await asyncio.sleep(_POLL_SECONDS)
            except OSError:
                raise VaultError(
                    f"The lock file {path} cannot be used.",
                    hint="Check the permissions of the data folder.",
                ) from None
        try:
            yield held
        finally:
            if held:
                lock.release()

    async def record_intent(self, generation: int, intent: Intent | None) -> None:
        """Commit what is about to happen, or how it ended."""
        self._note(generation, {"intent": asdict(intent)} if intent else {})

    async def save(self, generation: int, grant: Grant) -> StoredGrant:
        """Write the pair that replaces this generation."""
        try:
            entry = self._vault.put(self._account, GRANT, grant.sealable(), expected=generation)
        except StaleRow:
            raise GenerationMoved from None
        return _stored(entry)

    async def mark(self, generation: int, reason: Reconnect) -> None:
        """Keep the grant and note that only a new consent helps."""
        self._note(generation, {"needs_reconnect": reason})

    async def replace(self, grant: Grant) -> StoredGrant:
        """Write the grant of a new consent."""
        entry = self._vault.put(self._account, GRANT, grant.sealable(), policy=self._policy)
        return _stored(entry)

    async def remove(self) -> None:
        """Forget the grant."""
        self._vault.remove(self._account, GRANT)

    def _note(self, generation: int, state: Mapping[str, Any]) -> None:
        try:
            self._vault.write_state(self._account, GRANT, generation, state)
        except StaleRow:
            raise GenerationMoved from None


def bearer_policy(api_url: str, *, tools: tuple[str, ...] = ("annulet",)) -> CredentialPolicy:
    """A bearer token for Oura's API and nobody else, used by annulet itself until granted."""
    host = urlsplit(api_url).hostname or ""
    template = InjectionTemplate(host_pattern=host, value_prefix="Bearer ")
    return CredentialPolicy(templates=(template,), allowed_tools=tools)


def recall_endpoint(vault: Vault, client_id: str) -> Memory:
    """What earlier exchanges taught about an application."""
    return Memory(*vault.read_server_history(client_id))


def remember_endpoint(vault: Vault, client_id: str, memory: Memory) -> None:
    """Keep it, beside the grants, for the next consent."""
    vault.write_server_history(client_id, works=memory.works, refused=memory.refused)


def _stored(entry: Credential) -> StoredGrant:
    try:
        grant = Grant.unsealed(entry.fields)
    except (ValueError, AttributeError):
        raise VaultError(
            "The connection in the vault cannot be read; it was left as it is.",
            hint="Update annulet, or connect again with: annulet connect",
        ) from None
    reason = entry.state.get("needs_reconnect")
    return StoredGrant(
        grant=grant,
        generation=entry.generation,
        intent=_intent(entry.state.get("intent")),
        needs_reconnect=cast("Reconnect", reason) if reason in _REASONS else None,
    )


def _intent(raw: object) -> Intent | None:
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
