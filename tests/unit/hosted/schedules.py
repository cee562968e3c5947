"""Seeded schedules of two replicas that renew one grant: outages, kills, pauses, wrong clocks.

Time is virtual and every delay is drawn from the seed, so a schedule runs again as it ran before:
``python tests/unit/hosted/schedules.py SEED``.
"""

from __future__ import annotations

import asyncio
import json
import random
import selectors
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import httpx2
from sqlalchemy import create_engine, insert, literal, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.pool import StaticPool

from annulet.errors import AnnuletError, ConsentRevoked, DatabaseUnavailable
from annulet.hosted.connections.grant_store import HostedGrantStore
from annulet.hosted.database import tables
from annulet.oauth.grant import Grant
from annulet.oauth.session import TokenSession
from annulet.vault.secret import Secret

URLS = ("https://api.example/oauth/token", "https://moi.example/oauth/v2/ext/oauth-token")
LIFETIME_S = 60
PERSON = "p1"


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes only while nothing else can happen."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        super().__init__(_Selector(self))

    def time(self) -> float:
        return self.now


class _Selector(selectors.SelectSelector):
    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None:
            raise AssertionError("the schedule hangs")
        self._loop.now += max(0.0, timeout)
        return super().select(0)


class Replica:
    """A process: its clock may be wrong, it may stand still, and it may die."""

    def __init__(self, world: World) -> None:
        self.world, self.clock_error_s = world, 0.0
        self.is_dead, self.paused_until = False, 0.0

    async def step(self, longest_s: float) -> None:
        """Let a moment pass in this process; a dead one never goes on."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self.world.rng.uniform(0, longest_s))
        if self.paused_until > loop.time():
            await asyncio.sleep(self.paused_until - loop.time())
        if self.is_dead:
            await asyncio.sleep(1e9)


class Database:
    """The interface of `ServiceDatabase`, on an SQLite that all replicas share in memory."""

    is_sqlite = True

    def __init__(self, replica: Replica) -> None:
        self._replica, self._world = replica, replica.world

    @property
    def now_s(self) -> Any:
        return literal(int(self._world.loop.time()))

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Any]:
        await self._reach()
        with self._world.engine.begin() as connection:

            async def execute(statement: Any) -> Any:
                return connection.execute(statement)

            yield SimpleNamespace(execute=execute)
        await self._reach()

    def insert(self, table: Any) -> Any:
        return sqlite.insert(table)

    async def execute(self, statement: Any) -> int:
        async with self.write() as connection:
            return int((await connection.execute(statement)).rowcount)

    async def fetch_one(self, query: Any) -> Any:
        await self._reach()
        with self._world.engine.connect() as connection:
            return connection.execute(query).first()

    async def fetch_value(self, query: Any) -> Any:
        row = await self.fetch_one(query)
        return None if row is None else row[0]

    async def _reach(self) -> None:
        await self._replica.step(0.05)
        if self._world.is_out:
            raise DatabaseUnavailable


class PlainKeys:
    """Seals nothing: a schedule is not about cryptography."""

    def seal(self, plain: bytes, **_binding: Any) -> bytes:
        return plain

    def unseal(self, sealed: bytes, **_binding: Any) -> bytes:
        return sealed


class World:
    """One database, one Oura, two replicas, and what a seed lets happen to them."""

    def __init__(self, seed: int, loop: VirtualLoop) -> None:
        self.rng, self.loop = random.Random(seed), loop
        self.engine = create_engine("sqlite://", poolclass=StaticPool)
        tables.METADATA.create_all(self.engine)
        self.is_out = False
        self.number, self.is_revoked = 1, False
        self.in_doubt: set[str] = set()
        self.received_by: dict[str, Replica] = {}
        self.failures: list[str] = []
        self.url = self.rng.choice(URLS)

    def session(self, replica: Replica) -> TokenSession:
        def clock() -> float:
            return self.loop.time() + replica.clock_error_s

        async def secret_of(_client: str) -> Secret:
            return Secret("s")

        async def answer(request: httpx2.Request) -> httpx2.Response:
            return await self._answer(replica, request)

        return TokenSession(
            HostedGrantStore(Database(replica), PlainKeys(), lambda: None, PERSON),
            secret_of,
            clock=clock,
            http=httpx2.AsyncClient(transport=httpx2.MockTransport(answer)),
            keeps_writing=lambda: not replica.is_dead,
        )

    async def _answer(self, replica: Replica, request: httpx2.Request) -> httpx2.Response:
        """Renew as Oura does: each refresh token once; a second use ends the connection."""
        token = parse_qs((await request.aread()).decode())["refresh_token"][0]
        await replica.step(self.rng.choice((0.2, 0.2, 8.0)))
        fate = self.rng.random()
        if fate < 0.05:
            raise httpx2.ConnectError("lost on the way", request=request)
        if fate < 0.1:
            return httpx2.Response(503, text="busy")
        if token != f"refresh-{self.number}" or self.is_revoked:
            if token not in self.in_doubt:
                self.failures.append(f"{token} was used again without any doubt about it")
            self.is_revoked = True
            return httpx2.Response(400, json={"error": "invalid_grant"})
        self.number += 1
        self.in_doubt.add(token)  # until its answer has arrived
        if fate < 0.13:
            raise httpx2.ReadError("lost on the way back", request=request)
        await replica.step(self.rng.choice((0.2, 0.2, 8.0)))
        self.in_doubt.discard(token)
        self.received_by[token] = replica
        pair = {"access_token": f"access-{self.number}", "refresh_token": f"refresh-{self.number}"}
        return httpx2.Response(200, json={**pair, "expires_in": LIFETIME_S, "token_type": "bearer"})

    def bury(self, replica: Replica) -> None:
        """Let a process die; a pair that it has received and not written dies with it."""
        replica.is_dead = True
        with self.engine.connect() as connection:
            sealed = connection.execute(select(tables.connections.c.sealed)).scalar_one()
        token = json.loads(sealed)["refresh_token"]
        if self.received_by.get(token) is replica:
            self.in_doubt.add(token)

    async def store_first_grant(self) -> None:
        grant = Grant(
            client_id="c",
            token_url=self.url,
            revoke_url="",
            access_token=Secret("access-1"),
            refresh_token=Secret("refresh-1"),
            issued_at=self.loop.time(),
            expires_at=self.loop.time() + LIFETIME_S,
            scopes=("daily",),
            requested=("daily",),
        )
        with self.engine.begin() as connection:
            connection.execute(insert(tables.connections).values(person_id=PERSON, generation=0))
        store = self.session(Replica(self))._store
        store._clock = lambda: datetime.fromtimestamp(self.loop.time(), UTC)
        await store.replace(grant)


async def ask(world: World, session: TokenSession) -> None:
    """Ask for a token, and judge what the person is told."""
    try:
        await session.access_token()
    except ConsentRevoked as error:
        if "interrupted" not in str(error) and not world.failures:
            world.failures.append(f"an untrue sentence: {error}")
        if not world.in_doubt:
            world.failures.append("the grant was lost outside of the window")
    except AnnuletError:
        pass


async def disturb(world: World, replicas: list[Replica]) -> None:
    """Let outages, wrong clocks, pauses and at most one death happen."""
    rng = world.rng
    while True:
        await asyncio.sleep(rng.uniform(5, 120))
        replica = rng.choice(replicas)
        match rng.choice(("outage", "clock", "pause", "kill")):
            case "outage":
                world.is_out = True
                await asyncio.sleep(rng.choice((1, 5, 40)))
                world.is_out = False
            case "clock":
                replica.clock_error_s = rng.choice((-600, -30, 0, 30, 600))
            case "pause":
                replica.paused_until = world.loop.time() + rng.choice((1, 6, 12))
            case "kill" if not any(each.is_dead for each in replicas):
                if rng.random() < 0.3:
                    world.bury(replica)


async def _run(world: World) -> None:
    await world.store_first_grant()
    replicas = [Replica(world), Replica(world)]
    sessions = [world.session(replica) for replica in replicas]
    disturbing = asyncio.ensure_future(disturb(world, replicas))
    questions = []
    for _ in range(60):
        await asyncio.sleep(world.rng.expovariate(1 / 15))
        for session, replica in zip(sessions, replicas, strict=True):
            if not replica.is_dead:
                questions.append(asyncio.ensure_future(ask(world, session)))
    await asyncio.sleep(120)
    disturbing.cancel()
    # a task that is cancelled may start another one, such as the return of a lease
    while open_tasks := asyncio.all_tasks() - {asyncio.current_task()}:
        for task in open_tasks:
            task.cancel()
        await asyncio.wait(open_tasks)


def run_schedule(seed: int) -> list[str]:
    """Run one schedule; return what must not have happened."""
    loop = VirtualLoop()
    world = World(seed, loop)
    try:
        loop.run_until_complete(_run(world))
    finally:
        world.engine.dispose()
        loop.close()
    return world.failures


if __name__ == "__main__":
    print(run_schedule(int(sys.argv[1])))
