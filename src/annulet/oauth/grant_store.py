"""The interface of grant stores: the vault on one machine, a database in the service."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

from annulet.oauth.grant import Grant
from annulet.vault.secret import Secret

Clock = Callable[[], float]
"""Epoch seconds."""

ClientSecretLookup = Callable[[str], Awaitable[Secret]]
"""The secret of the application with this client id; raises an ``AnnuletError`` without one."""

ReconnectReason = Literal["revoked", "interrupted", "expired"]
"""Why only a new consent helps.

``revoked``: Oura refused the refresh token. ``interrupted``: it did so after an earlier refresh
whose response never arrived. ``expired``: the access token ended and there was no refresh token.
"""


class StaleGeneration(Exception):
    """The row is no longer at the generation the caller had read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A refresh that has begun and is not saved yet; committed before the request is sent.

    Holds no secret: it may be stored in the clear beside the sealed grant.

    Attributes:
        started_at: When the latest attempt began (epoch seconds).
        fingerprint: `Secret.fingerprint` of the refresh token that was to be spent.
        attempts: How many times it was tried.
        not_before: No further attempt before this instant (epoch seconds).
        doubtful: Whether Oura may have spent the token without our seeing the response.
    """

    started_at: float
    fingerprint: str
    attempts: int = 1
    not_before: float = 0.0
    doubtful: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredGrant:
    """One row, as it was read.

    Attributes:
        grant: The unsealed grant.
        generation: Grows with every new pair, and is never used twice for one account,
            not even after `GrantStore.remove`.
        intent: A refresh that was begun and not finished.
        needs_reconnect: Why only a new consent helps; ``None`` while all is well.
    """

    grant: Grant
    generation: int
    intent: Intent | None = None
    needs_reconnect: ReconnectReason | None = None


class GrantStore(Protocol):
    """Stores the grant of one person.

    Every write is durable when it returns. Writes that name a generation change the row only
    while it is still at that generation, whether or not the caller holds the lock; else they raise
    `StaleGeneration`. A failing store raises ``VaultError`` (or another ``AnnuletError``).
    """

    async def load(self) -> StoredGrant | None:
        """Read the row, never from a cache; ``None`` when there is no connection."""
        ...

    def lock(self, *, wait: float) -> AbstractAsyncContextManager[bool]:
        """The lock of this grant's renewal, across threads, processes and replicas.

        Enters with ``True`` when the lock is held, with ``False`` when it could not be had within
        ``wait`` seconds (0: do not wait at all). A lease must outlive the 60 seconds of one
        request by far; no transaction stays open while the lock is held.
        """
        ...

    async def record_intent(self, generation: int, intent: Intent | None) -> None:
        """Commit the intent of a refresh, or its end, beside the grant."""
        ...

    async def save(self, generation: int, grant: Grant) -> StoredGrant:
        """Write the pair that replaces this generation; clears intent and reconnect."""
        ...

    async def mark(self, generation: int, reason: ReconnectReason) -> None:
        """Keep the grant and note that only a new consent helps."""
        ...

    async def replace(self, grant: Grant) -> StoredGrant:
        """Write the grant of a new consent over an earlier one; clears intent and reconnect."""
        ...

    async def remove(self) -> None:
        """Remove the grant; nothing happens when there is none."""
        ...
