"""A proxy on a real port, in front of a small stand-in for Oura on another."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from annulet.oura_http.token_bucket import TokenBucket
from annulet.proxy.app import Proxy
from annulet.proxy.capability import mint
from annulet.proxy.capability_store import CapabilityStore
from annulet.proxy.journal import Journal
from annulet.proxy.quiet_server import QuietServer
from annulet.proxy.serving import allowed_hosts, bind_loopback, bind_unix
from annulet.proxy.upstream import Upstream

ACCESS_TOKEN = "made-up-access-token-of-45-characters-00000001"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


class StandIn:
    """Answers every read with the same documents, and remembers what it was asked.

    A path with ``vO2_max`` is answered with a redirect, one with ``tag`` with an echo of every
    header it got, cut into pieces of nine bytes.
    """

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.documents = {"data": [{"day": "2026-05-31", "score": 80}], "next_token": None}

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                self.requests.append(head)
                for piece in self._answer(head):
                    writer.write(piece)
                    await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _answer(self, head: str) -> list[bytes]:
        path = head.split(" ", 2)[1]
        if "vO2_max" in path:
            return [
                b"HTTP/1.1 302 F\r\nlocation: http://evil.example/\r\ncontent-length: 0\r\n\r\n"
            ]
        body = json.dumps({"echo": head} if "/tag" in path else self.documents).encode()
        size = 9 if "/tag" in path else len(body)
        start = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: "
        return [
            start + str(len(body)).encode() + b"\r\nset-cookie: a=b\r\n\r\n",
            *[body[at : at + size] for at in range(0, len(body), size)],
        ]


class FixedToken:
    """Hands out one access token."""

    async def access_token(self) -> str:
        return ACCESS_TOKEN

    async def renew(self, rejected: str) -> str:
        return rejected


@dataclass
class Running:
    """A running proxy and what is around it."""

    port: int
    socket: Path
    token: str
    upstream: StandIn
    store: CapabilityStore
    journal: Path

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def mint(self, **limits: object) -> str:
        minted = mint(**{"account": "me", "tool": "bash", "now": NOW, **limits})
        self.store.add(minted)
        return minted.token.reveal()

    async def raw(self, request: bytes) -> bytes:
        """Everything the proxy answers to these bytes until it closes the connection."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(request)
            await writer.drain()
            async with asyncio.timeout(60):
                return await reader.read()
        except ConnectionError:
            return b""
        finally:
            writer.close()

    async def status(self, request: bytes) -> int:
        """The status of the first answer; 0 where the connection was just closed."""
        answer = await self.raw(request)
        return int(answer.split(b" ", 2)[1]) if answer else 0

    def request(
        self, path: str = "/v2/usercollection/daily_sleep", *lines: str, method: str = "GET"
    ) -> bytes:
        """A well-formed request, with more header lines."""
        head = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", *lines]
        bearer = [] if any("uthorization" in line for line in lines) else [self.bearer]
        return "\r\n".join([*head, *bearer, "Connection: close", "", ""]).encode()

    @property
    def bearer(self) -> str:
        return f"Authorization: Bearer {self.token}"


@pytest.fixture(scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """A proxy for the tests of one file."""
    folder = tmp_path_factory.mktemp("proxy")
    upstream = StandIn()
    oura = await asyncio.start_server(upstream, "127.0.0.1", 0)
    port = oura.sockets[0].getsockname()[1]
    listeners = [bind_loopback(0), bind_unix(folder / "proxy.sock")]
    store = CapabilityStore(folder / "capabilities.sqlite3")
    journal = Journal(folder / "journal.jsonl")
    client = Upstream(f"http://127.0.0.1:{port}", FixedToken())
    proxy = Proxy(
        account="me",
        upstream=client,
        store=store,
        journal=journal,
        bucket=TokenBucket(lambda: 0.0, capacity=1000),
        now=lambda: NOW,
        allowed_hosts=frozenset().union(*(allowed_hosts(each) for each in listeners)),
    )
    serving = QuietServer(proxy)
    task = asyncio.create_task(serving.serve(sockets=listeners))
    yield Running(
        port=listeners[0].getsockname()[1],
        socket=folder / "proxy.sock",
        token="",
        upstream=upstream,
        store=store,
        journal=folder / "journal.jsonl",
    )
    serving.should_exit = True
    await task
    await client.close()
    oura.close()
    await oura.wait_closed()
    journal.close()


@pytest.fixture
async def running(service: Running) -> Running:
    """The running proxy with a fresh capability for everything, and nothing asked yet."""
    service.upstream.requests.clear()
    service.journal.write_text("")
    service.token = service.mint()
    return service
