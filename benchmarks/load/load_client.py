"""A client that costs next to nothing: many connections ask one question again and again."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import cycle
from typing import Any
from urllib.parse import urlsplit

TOOL = "oura_daily_summary"
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}
ERAS = ("2026-07-28", "2025-11-25")


@dataclass(frozen=True, slots=True)
class EndpointCall:
    """A call to one endpoint: its address, its key, and how many days the question is about."""

    url: str
    key: str = ""
    days: int = 0

    def request(self, era: str) -> bytes:
        """The bytes of one question."""
        modern = era == ERAS[0]
        asked = {"start": f"last {self.days} days"} if self.days else {}
        params: dict[str, Any] = {"name": TOOL, "arguments": asked}
        params |= {"_meta": META} if modern else {}
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        content = json.dumps(body).encode()
        parts = urlsplit(self.url)
        lines = [f"POST {parts.path} HTTP/1.1", f"host: {parts.netloc}"]
        lines += ["accept: application/json, text/event-stream", "content-type: application/json"]
        lines += [f"mcp-protocol-version: {era}", f"content-length: {len(content)}"]
        lines += [f"mcp-method: tools/call\r\nmcp-name: {TOOL}"] if modern else []
        lines += [f"authorization: Bearer {self.key}"] if self.key else []
        return "\r\n".join([*lines, "", ""]).encode() + content


async def ask(call: EndpointCall, era: str = ERAS[0]) -> dict[str, Any]:
    """Ask one question and return its result."""
    parts = urlsplit(call.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        writer.write(call.request(era))
        body = await _answer(reader)
    finally:
        writer.close()
    lines = [line for line in body.decode().splitlines() if line.startswith(("data:", "{"))]
    result: dict[str, Any] = json.loads(lines[-1].removeprefix("data:"))["result"]
    return result


@asynccontextmanager
async def open_asker(call: EndpointCall, era: str) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Open a connection, over which the same question can be asked again and again."""
    parts = urlsplit(call.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    request = call.request(era)

    async def ask_again() -> None:
        writer.write(request)
        assert b'"isError":true' not in await _answer(reader)

    try:
        yield ask_again
    finally:
        writer.close()


async def ask_many(targets: Sequence[EndpointCall], era: str, *, calls: int, at_once: int) -> float:
    """Ask many questions over open connections, endpoint by endpoint; return calls a second."""
    turns = cycle(call.request(era) for call in targets)
    left = calls
    parts = urlsplit(targets[0].url)

    async def ask_in_turn() -> None:
        nonlocal left
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        while left > 0:
            left -= 1
            writer.write(next(turns))
            assert b'"isError":true' not in await _answer(reader)
        writer.close()

    begun = time.perf_counter()
    await asyncio.gather(*(ask_in_turn() for _ in range(at_once)))
    return calls / (time.perf_counter() - begun)


async def _answer(reader: asyncio.StreamReader) -> bytes:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    assert b" 200 " in head.split(b"\r\n")[0], head
    _, has_length, rest = head.partition(b"content-length:")
    if has_length:
        return await reader.readexactly(int(rest.split(b"\r\n")[0]))
    body = b""
    while size := int(await reader.readline(), 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readexactly(2)
    return body
