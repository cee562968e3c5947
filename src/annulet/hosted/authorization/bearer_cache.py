"""Whose question a bearer brings: looked up once every few seconds, forgotten when told."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Final

from annulet.hosted.authorization.access_grant import Bearer
from annulet.hosted.authorization.api_keys import ApiKeys
from annulet.hosted.authorization.issued_tokens import ACCESS_PREFIX, IssuedTokens
from annulet.hosted.opaque_tokens import token_digest

__all__ = ["Bearer", "BearerCache"]

_SECONDS: Final = 2.0
_MOST: Final = 10_000


class BearerCache:
    """Looks bearers up.

    A look-up reads the database, a busy assistant asks many times a second. What is remembered is
    forgotten after two seconds, and at once when this process changes anything about access.
    """

    def __init__(self, *, tokens: IssuedTokens, keys: ApiKeys) -> None:
        self._tokens = tokens
        self._keys = keys
        self._kept: OrderedDict[str, tuple[float, Bearer]] = OrderedDict()
        self._changes = 0

    async def find(self, token: str) -> Bearer | None:
        """What this bearer opens, if anything."""
        name, now = token_digest(token), time.monotonic()
        kept = self._kept.get(name)
        if kept is not None and kept[0] > now:
            return kept[1]
        self._kept.pop(name, None)
        changes = self._changes
        found = await self._look_up(token)
        if found is not None and changes == self._changes:  # else it may be what was just ended
            self._kept[name] = (now + _SECONDS, found)
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        return found

    def forget(self) -> None:
        """Something about access has changed."""
        self._changes += 1
        self._kept.clear()

    async def _look_up(self, token: str) -> Bearer | None:
        found = await self._tokens.find(token) if token.startswith(ACCESS_PREFIX) else None
        return found or await self._keys.find(token)
