"""Resolves bearers, and remembers for two seconds what they give access to."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Final

from annulet.hosted.authorization.access_grant import AccessGrant
from annulet.hosted.authorization.api_keys import ApiKeys
from annulet.hosted.authorization.issued_tokens import ACCESS_PREFIX, IssuedTokens
from annulet.hosted.opaque_tokens import token_digest

__all__ = ["BearerCache"]

_REMEMBERED_S: Final = 2.0
_MAX_BEARERS: Final = 10_000


class BearerCache:
    """Looks bearers up in the database, at most every two seconds each.

    A busy assistant asks many times a second. Every change of access in this process clears the
    whole cache at once.
    """

    def __init__(self, *, tokens: IssuedTokens, api_keys: ApiKeys) -> None:
        self._tokens = tokens
        self._api_keys = api_keys
        self._entries: OrderedDict[str, tuple[float, AccessGrant]] = OrderedDict()
        self._clear_count = 0

    async def find(self, bearer: str) -> AccessGrant | None:
        """Find what a bearer gives access to, if anything."""
        digest, now = token_digest(bearer), time.monotonic()
        entry = self._entries.get(digest)
        if entry is not None and entry[0] > now:
            return entry[1]
        self._entries.pop(digest, None)
        clear_count = self._clear_count
        grant = await self._look_up(bearer)
        # after a change during the look-up, the grant may be one that has just ended
        if grant is not None and clear_count == self._clear_count:
            self._entries[digest] = (now + _REMEMBERED_S, grant)
            while len(self._entries) > _MAX_BEARERS:
                self._entries.popitem(last=False)
        return grant

    def clear(self) -> None:
        """Forget every bearer, because access has changed."""
        self._clear_count += 1
        self._entries.clear()

    async def _look_up(self, bearer: str) -> AccessGrant | None:
        grant = await self._tokens.find(bearer) if bearer.startswith(ACCESS_PREFIX) else None
        return grant or await self._api_keys.find(bearer)
