"""Whose question a bearer brings: looked up once every few seconds, forgotten when told."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from annulet.hosted.accounts.people import People, Person
from annulet.hosted.authorization.keys import Keys
from annulet.hosted.authorization.tokens import ACCESS_PREFIX, Access, Tokens
from annulet.hosted.database import tables
from annulet.hosted.endpoints.store import Endpoint, Endpoints
from annulet.hosted.tokens import digest

__all__ = ["Bearer", "Bearers"]

_SECONDS: Final = 2.0
_MOST: Final = 10_000


@dataclass(frozen=True, slots=True)
class Bearer:
    """A bearer that was looked up: person, endpoint and what is allowed."""

    access: Access
    person: Person
    endpoint: Endpoint


class Bearers:
    """Looks bearers up.

    A look-up costs several reads, a busy assistant asks many times a second. What is remembered
    is forgotten after two seconds, and at once when this process changes anything about access.
    """

    def __init__(self, *, people: People, endpoints: Endpoints, tokens: Tokens, keys: Keys) -> None:
        self._people = people
        self._endpoints = endpoints
        self._tokens = tokens
        self._keys = keys
        self._kept: OrderedDict[str, tuple[float, Bearer]] = OrderedDict()

    async def find(self, token: str) -> Bearer | None:
        """What this bearer opens, if anything."""
        name, now = digest(token), time.monotonic()
        kept = self._kept.get(name)
        if kept is not None and kept[0] > now:
            return kept[1]
        self._kept.pop(name, None)
        found = await self._look_up(token)
        if found is not None:
            self._kept[name] = (now + _SECONDS, found)
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        return found

    def forget(self) -> None:
        """Something about access has changed."""
        self._kept.clear()

    async def _look_up(self, token: str) -> Bearer | None:
        access = None
        if token.startswith(ACCESS_PREFIX):
            access = await self._tokens.find(token)
        if access is None:
            access = await self._keys.find(token)
        if access is None:
            return None
        person = await self._people.find(tables.people.c.id == access.person_id)
        endpoint = await self._endpoints.any(access.endpoint_id)
        if person is None or endpoint is None or endpoint.person_id != person.id:
            return None
        return Bearer(access, person, endpoint)
