"""A capability: a narrow, short-lived stand-in for the person's access token."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from annulet.contract.collections import COLLECTIONS
from annulet.errors import UsageError
from annulet.vault.credential import check_tool_name
from annulet.vault.secret import Secret

PREFIX: Final = "annulet_cap_"
DEFAULT_TTL: Final = timedelta(hours=1)
LONGEST_TTL: Final = timedelta(hours=24)
DEFAULT_BUDGET: Final = 1000
DEFAULT_MAX_DAYS: Final = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """What one capability token allows.

    Attributes:
        id: A public name, for lists, revocation and the journal.
        account: Whose data it reads.
        tool: The tool it was minted for.
        collections: Names of the collections it may read.
        created_at: When it was minted.
        expires_at: When it ends.
        budget: How many requests it may make in all.
        used: How many it has made.
        max_days: The longest range one request may ask for; ``None`` for any.
        earliest: The first day it may see; ``None`` for any.
        latest: The last day it may see; ``None`` for any.
        sandbox: Whether it reads Oura's made-up data; then it reads nothing else.
        revoked_at: When it was taken back, if it was.
    """

    id: str
    account: str
    tool: str
    collections: frozenset[str]
    created_at: datetime
    expires_at: datetime
    budget: int
    used: int = 0
    max_days: int | None = DEFAULT_MAX_DAYS
    earliest: date | None = None
    latest: date | None = None
    sandbox: bool = False
    revoked_at: datetime | None = None

    @property
    def requests_left(self) -> int:
        """The number of requests that are left."""
        return max(0, self.budget - self.used)

    def state(self, now: datetime) -> str:
        """``active``, ``revoked``, ``expired`` or ``spent``."""
        if self.revoked_at is not None:
            return "revoked"
        if now >= self.expires_at:
            return "expired"
        return "active" if self.requests_left else "spent"


@dataclass(frozen=True, slots=True)
class MintedCapability:
    """A capability with its token, which is shown once and stored nowhere."""

    capability: Capability
    token: Secret


def token_hash(token: str) -> bytes:
    """Hash a token for the store; it has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).digest()


def mint(
    *,
    account: str,
    tool: str,
    now: datetime,
    ttl: timedelta = DEFAULT_TTL,
    collections: frozenset[str] | None = None,
    budget: int = DEFAULT_BUDGET,
    max_days: int | None = DEFAULT_MAX_DAYS,
    earliest: date | None = None,
    latest: date | None = None,
    sandbox: bool = False,
) -> MintedCapability:
    """Make a new capability; without named collections it covers all.

    Raises:
        UsageError: A limit makes no sense, or a collection does not exist.
    """
    check_tool_name(tool)
    names = frozenset(COLLECTIONS) if collections is None else collections
    _check_collections(names)
    if not timedelta(0) < ttl <= LONGEST_TTL:
        raise UsageError(
            "A capability lives for up to 24 hours.",
            hint="Choose a time such as 15m, 1h or 24h.",
        )
    if budget < 1 or (max_days is not None and max_days < 1):
        raise UsageError(
            "The budget and the longest range must be at least 1.",
            hint="Leave them out for the defaults.",
        )
    if earliest and latest and latest < earliest:
        raise UsageError("The range ends before it begins.", hint="Swap start and end.")
    capability = Capability(
        id=f"cap_{secrets.token_hex(4)}",
        account=account,
        tool=tool,
        collections=names,
        created_at=now,
        expires_at=now + ttl,
        budget=budget,
        max_days=max_days,
        earliest=earliest,
        latest=latest,
        sandbox=sandbox,
    )
    return MintedCapability(capability, Secret(PREFIX + secrets.token_urlsafe(32)))


def _check_collections(names: frozenset[str]) -> None:
    unknown = sorted(names - COLLECTIONS.keys())
    if unknown or not names:
        raise UsageError(
            f"Oura has no collection named {', '.join(unknown)}."
            if unknown
            else "A capability without a collection could read nothing.",
            hint=f"Choose from: {', '.join(COLLECTIONS)}.",
        )
