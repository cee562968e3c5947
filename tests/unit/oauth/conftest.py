"""A grant store in memory and a token endpoint made of a function."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs

import httpx2
import pytest

from annulet.oauth.grant import Grant
from annulet.oauth.grant_store import Intent, ReconnectReason, StaleGeneration, StoredGrant
from annulet.oauth.session import TokenSession
from annulet.vault.secret import Secret

NOW = 1_800_000_000.0
LIFE = 86_400.0


class MemoryStore:
    """Keeps one row and writes down what was done to it."""

    def __init__(self, grant: Grant | None) -> None:
        self.row = None if grant is None else StoredGrant(grant=grant, generation=1)
        self.log: list[str] = []
        self.failing: Exception | None = None
        self.failures = 0
        self._mutex = asyncio.Lock()

    async def load(self) -> StoredGrant | None:
        return self.row

    @asynccontextmanager
    async def lock(self, *, wait: float) -> AsyncIterator[bool]:
        if self._mutex.locked() and not wait:
            yield False
            return
        async with self._mutex:
            yield True

    def _at(self, generation: int) -> StoredGrant:
        if self.row is None or self.row.generation != generation:
            raise StaleGeneration
        return self.row

    async def record_intent(self, generation: int, intent: Intent | None) -> None:
        self.row = dataclasses.replace(self._at(generation), intent=intent)
        self.log.append("intent" if intent else "no intent")

    async def save(self, generation: int, grant: Grant) -> StoredGrant:
        if self.failing is not None and self.failures > 0:
            self.failures -= 1
            raise self.failing
        self._at(generation)
        self.row = StoredGrant(grant=grant, generation=generation + 1)
        self.log.append("save")
        return self.row

    async def mark(self, generation: int, reason: ReconnectReason) -> None:
        self.row = dataclasses.replace(self._at(generation), needs_reconnect=reason)
        self.log.append(reason)

    async def replace(self, grant: Grant) -> StoredGrant:
        generation = self.row.generation + 1 if self.row else 1
        self.row = StoredGrant(grant=grant, generation=generation)
        return self.row

    async def remove(self) -> None:
        self.row = None


class Endpoint:
    """A token endpoint: rotates, and answers as it is told."""

    def __init__(self) -> None:
        self.forms: list[dict[str, str]] = []
        self.answers: list[Any] = []
        self.before: Callable[[], Any] | None = None

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        self.forms.append(form)
        if self.before is not None:
            outcome = self.before()
            if asyncio.iscoroutine(outcome):
                await outcome
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx2.Response):
            return answer
        number = len(self.forms) + 1
        pair = {"access_token": f"access-{number}", "refresh_token": f"refresh-{number}"}
        return httpx2.Response(200, json={**pair, "expires_in": LIFE, "token_type": "Bearer"})


@dataclasses.dataclass
class World:
    """One session over one store, one endpoint and one clock."""

    store: MemoryStore
    endpoint: Endpoint
    http: httpx2.AsyncClient
    now: float = NOW

    def session(self, **options: Any) -> TokenSession:
        async def secret_of(_: str) -> Secret:
            return Secret("client-secret")

        return TokenSession(
            self.store, secret_of, clock=lambda: self.now, http=self.http, **options
        )


def a_grant(**changes: Any) -> Grant:
    """A grant that was received just now."""
    fields: dict[str, Any] = {
        "client_id": "client-1",
        "token_url": "https://moi.example/token",
        "revoke_url": "https://moi.example/oauth-revoke",
        "issuer": "https://moi.example",
        "access_token": Secret("access-1"),
        "refresh_token": Secret("refresh-1"),
        "issued_at": NOW,
        "expires_at": NOW + LIFE,
        "scopes": ("daily",),
        "requested": ("daily", "heartrate"),
    }
    return Grant(**{**fields, **changes})


@pytest.fixture
def grant() -> Callable[..., Grant]:
    return a_grant


@pytest.fixture
async def world() -> AsyncIterator[Callable[..., World]]:
    endpoint = Endpoint()
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(endpoint)) as http:

        def made(granted: Grant | None = None, *, connected: bool = True) -> World:
            store = MemoryStore((granted or a_grant()) if connected else None)
            return World(store, endpoint, http)

        yield made
