"""The server over HTTP beside a bare SDK server, in one process and one run: CPU per call.

Both are called as ASGI applications, so that no socket and no client is measured. The bare server
returns a prepared answer; annulet answers `oura_daily_summary` from memory. The last column shows
how much of annulet's time is the answer itself; without it, the protocol's own ratio remains.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx2
import mcp_types as types
from mcp.server.lowlevel import Server

from annulet.client import OuraClient
from annulet.mcp_server.protocol.catalogue_bundle import build_catalogue_bundle
from annulet.mcp_server.protocol.http import McpApp, build_transport_security
from annulet.mcp_server.protocol.server import build_server
from annulet.mcp_server.request_person import PERSON_KEY, RequestPerson, find_person_in_scope
from annulet.simulator import SimulatedOura
from annulet.toolkit.answers import answer
from annulet.toolkit.context import Connection, Context, Zone

CALLS = 400
NOW = datetime(2026, 5, 20, 9, 30, tzinfo=UTC)
TOOL = "oura_daily_summary"
COMMON = [
    (b"host", b"127.0.0.1"),
    (b"accept", b"application/json, text/event-stream"),
    (b"content-type", b"application/json"),
]
MODERN = [
    (b"mcp-protocol-version", b"2026-07-28"),
    (b"mcp-method", b"tools/call"),
    (b"mcp-name", TOOL.encode()),
]
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}


async def call(app: McpApp, person: RequestPerson, *, modern: bool) -> bytes:
    """One call, straight into the application."""
    params: dict[str, Any] = {"name": TOOL, "arguments": {}} | ({"_meta": META} if modern else {})
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    arriving = [{"type": "http.request", "body": json.dumps(body).encode(), "more_body": False}]
    sent: list[bytes] = []

    async def receive() -> Any:
        if arriving:
            return arriving.pop()
        await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message.get("body", b""))

    scope = {"type": "http", "method": "POST", "path": "/mcp", "query_string": b""}
    scope |= {"headers": COMMON + (MODERN if modern else []), "http_version": "1.1"}
    await app(scope | {"scheme": "http", PERSON_KEY: person}, receive, send)
    return b"".join(sent)


async def milliseconds(work: Callable[[], Awaitable[object]]) -> float:
    """CPU time of one piece of work, over many."""
    for _ in range(100):
        await work()
    begun = time.process_time()
    for _ in range(CALLS):
        await work()
    return 1000 * (time.process_time() - begun) / CALLS


def bare_server(payload: dict[str, Any]) -> Server[Any]:
    """A server of the SDK with one tool and a prepared answer."""
    text = json.dumps(payload, separators=(",", ":"))

    async def called(_ctx: Any, _params: Any) -> types.CallToolResult:
        block = types.TextContent(type="text", text=text)
        return types.CallToolResult(content=[block], structured_content=payload)

    async def listed(_ctx: Any, _params: Any) -> types.ListToolsResult:
        schema = {"type": "object", "properties": {}}
        return types.ListToolsResult(tools=[types.Tool(name=TOOL, input_schema=schema)])

    return Server("bare", on_list_tools=listed, on_call_tool=called)


async def main() -> None:
    """Measure both in both eras and print the ratios."""
    cloud = SimulatedOura(["plain"], NOW)

    async def connection() -> Connection:
        return Connection(account="plain")

    async with (
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app=cloud.app)) as http,
        OuraClient(cloud.issue_token("plain"), http=http) as client,
    ):
        context = Context(client, lambda: NOW, Zone(UTC, "UTC"), connection)

        async def open_context() -> Context:
            return context

        person = RequestPerson(open_context)
        payload = await answer(TOOL, {}, context)
        server = build_server(find_person=find_person_in_scope, **build_catalogue_bundle())
        ours = McpApp(server, build_transport_security())
        bare = McpApp(bare_server(payload), build_transport_security())
        await milliseconds(lambda: answer(TOOL, {}, context))
        engine = await milliseconds(lambda: answer(TOOL, {}, context))
        print(
            f"{'CPU ms per call':16}{'annulet':>9}{'bare':>8}{'ratio':>7}{'without the answer':>20}"
        )
        async with ours.run(), bare.run():
            for era, modern in (("2026-07-28", True), ("2025-11-25", False)):
                assert b'"isError":true' not in await call(ours, person, modern=modern)
                await milliseconds(lambda m=modern: call(ours, person, modern=m))
                mine = await milliseconds(lambda m=modern: call(ours, person, modern=m))
                base = await milliseconds(lambda m=modern: call(bare, person, modern=m))
                rest = (mine - engine) / base
                print(f"{era:16}{mine:9.3f}{base:8.3f}{mine / base:7.2f}{rest:20.2f}")
        print(f"the answer itself: {engine:.3f} ms")


if __name__ == "__main__":
    asyncio.run(main())
