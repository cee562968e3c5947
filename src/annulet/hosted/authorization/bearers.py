"""Resolves bearers, and remembers what they give access to only while nothing can have changed."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from annulet.hosted.authorization.access_grant import AccessGrant
from annulet.hosted.authorization.api_keys import ApiKeys
from annulet.hosted.authorization.issued_tokens import ACCESS_PREFIX, IssuedTokens
from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.database.change_counter import ChangeCounter
from annulet.hosted.opaque_tokens import token_digest

_MAX_BEARERS: Final = 10_000


class Bearers:
    """Looks bearers up.

    On PostgreSQL every request costs one statement, which brings the state of everything that this
    process may have cached. On SQLite a counter tells whether anything was written since the last
    look-up; until then the last answer is still the answer.

    Args:
        changes: Counts the commits of all processes, where that can be known.
    """

    def __init__(
        self, *, tokens: IssuedTokens, api_keys: ApiKeys, changes: ChangeCounter, clock: Clock
    ) -> None:
        self._tokens = tokens
        self._api_keys = api_keys
        self._changes = changes
        self._clock = clock
        self._count: int | None = None
        self._entries: OrderedDict[str, AccessGrant] = OrderedDict()

    async def find(self, bearer: str) -> AccessGrant | None:
        """Find what a bearer gives access to, if anything."""
        count = self._changes.read()
        if count is None or count != self._count:
            self._entries.clear()
            self._count = count
        digest = token_digest(bearer)
        entry = self._entries.get(digest)
        if entry is not None:
            is_valid = entry.expires_at is None or entry.expires_at > to_epoch_s(self._clock())
            return entry if is_valid else None
        grant = await self._look_up(bearer)
        # after a commit during the look-up, the grant may be one that has just ended
        if grant is not None and count == self._count == self._changes.read() is not None:
            self._remember(digest, grant)
        return grant

    async def _look_up(self, bearer: str) -> AccessGrant | None:
        grant = await self._tokens.find(bearer) if bearer.startswith(ACCESS_PREFIX) else None
        return grant or await self._api_keys.find(bearer)

    def _remember(self, digest: str, grant: AccessGrant) -> None:
        self._entries[digest] = grant
        while len(self._entries) > _MAX_BEARERS:
            self._entries.popitem(last=False)
