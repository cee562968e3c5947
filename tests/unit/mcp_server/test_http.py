"""Streamable HTTP: one address for both eras, and who is let in."""

import json
from contextlib import asynccontextmanager

import anyio
import pytest
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client

from annulet.mcp_server.protocol.http import McpApp, build_transport_security
from annulet.mcp_server.protocol.loopback import build_loopback_app
from annulet.vault.secret import Secret

MODERN = {
    "accept": "application/json, text/event-stream",
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": "tools/list",
}
CONNECT_URL = "https://annulet.example/connect/oura"
LEGACY = {"accept": MODERN["accept"]}
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}


def listing(meta=META):
    params = {"_meta": meta} if meta else {}
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": params}


def mcp_over(http, era, **options):
    """An MCP client on top of an HTTP client."""
    transport = streamable_http_client("http://127.0.0.1:8000/mcp", http_client=http)
    return Client(transport, mode=era, **options)


async def test_one_address_answers_both_eras(mcp_fakes, era, mounted_server):
    """A client of either era lists the tools and gets its answer at the same URL."""
    async with mounted_server() as http, mcp_over(http, era) as client:
        tools = (await client.list_tools()).tools
        result = await client.call_tool("oura_daily_summary", {"start": "today"})
    assert [tool.name for tool in tools] == list(mcp_fakes.FAKE_TOOLS)
    assert mcp_fakes.both_forms(result)["asked"] == {"start": "today"}


async def test_the_scope_says_whose_question_it_is(mcp_fakes, era, mounted_server):
    """Two people on one server each get their own context, and their own switches."""
    tools = frozenset({"oura_permissions"})
    async with (
        mounted_server(hint="the other one", tools=tools) as http,
        mcp_over(http, era) as client,
    ):
        tools = (await client.list_tools()).tools
        result = await client.call_tool("oura_permissions", {})
    assert [tool.name for tool in tools] == ["oura_permissions"]
    assert mcp_fakes.both_forms(result) == {"summary": "the other one"}


async def test_long_work_reports_progress(mcp_fakes, era, monkeypatch, mounted_server):
    """A client that asked hears that its question is being worked on, with rising figures."""
    monkeypatch.setattr("annulet.mcp_server.protocol.progress.FIRST_REPORT_S", 0.01)
    monkeypatch.setattr("annulet.mcp_server.protocol.progress.REPORT_INTERVAL_S", 0.01)
    heard = []

    async def on_progress(progress, _total, message):
        heard.append((progress, message))

    async with mounted_server() as http, mcp_over(http, era) as client:
        result = await client.call_tool(
            "oura_slow", {"seconds": 0.5}, progress_callback=on_progress
        )
    assert mcp_fakes.both_forms(result) == {"summary": "at last"}
    assert len(heard) >= 2
    assert heard == sorted(heard)
    assert heard[0][1] == "Reading from Oura"


@pytest.mark.parametrize("headers", [MODERN, LEGACY])
@pytest.mark.parametrize(
    ("forged", "status"),
    [
        ({"host": "evil.example"}, 421),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"host": "127.0.0.1.evil.example:80"}, 421),
    ],
)
async def test_a_forged_host_or_origin_is_refused(mounted_server, headers, forged, status):
    """A page that rebinds its name to this machine does not reach the server."""
    async with mounted_server() as http:
        answer = await http.post("/mcp", json=listing(), headers=headers | forged)
    assert answer.status_code == status


@pytest.mark.parametrize(
    "fine",
    [
        {"host": "annulet.example"},
        {"host": "annulet.example:443", "origin": "https://annulet.example"},
        {"host": "localhost:1234", "origin": "http://localhost:1234"},
        {"host": "[::1]:1234"},
    ],
)
async def test_the_named_hosts_pass(mounted_server, fine):
    """Loopback and the configured name are let in."""
    async with mounted_server() as http:
        answer = await http.post("/mcp", json=listing(), headers=MODERN | fine)
    assert answer.status_code == 200


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("headers", [MODERN, LEGACY])
async def test_there_is_nothing_to_get_or_delete(mounted_server, method, headers):
    """Without sessions only POST makes sense, and nothing waits for ever."""
    async with mounted_server() as http:
        answer = await http.request(method, "/mcp", headers=headers)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"


async def test_headers_must_match_the_body(mounted_server):
    """The newer era refuses a request whose headers tell another story."""
    async with mounted_server() as http:
        headers = MODERN | {"mcp-method": "prompts/list"}
        answer = await http.post("/mcp", json=listing(), headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == -32020


async def test_an_unknown_version_is_told_the_known_ones(mounted_server):
    """A client from the future learns what is spoken here."""
    headers = MODERN | {"mcp-protocol-version": "2031-01-01"}
    meta = META | {"io.modelcontextprotocol/protocolVersion": "2031-01-01"}
    async with mounted_server() as http:
        answer = await http.post("/mcp", json=listing(meta), headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == -32022
    assert "2026-07-28" in answer.json()["error"]["data"]["supported"]


async def test_a_removed_method_is_not_found(mounted_server):
    """The newer era answers a method it does not have with 404."""
    body = listing() | {"method": "logging/setLevel"}
    async with mounted_server() as http:
        answer = await http.post("/mcp", json=body, headers=MODERN | {"mcp-method": body["method"]})
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == -32601


async def test_an_enormous_request_is_refused(mounted_server):
    """One request cannot fill the memory."""
    async with mounted_server() as http:
        answer = await http.post("/mcp", content=b" " * 2_000_000, headers=MODERN)
    assert answer.status_code == 413


async def test_an_app_that_is_not_running_says_so(mcp_fakes):
    """Before its lifespan has begun the server answers instead of breaking."""
    server = mcp_fakes.make_server()
    async with mcp_fakes.http_client(McpApp(server, build_transport_security())) as http:
        answer = await http.post("/mcp", json=listing(), headers=MODERN)
    assert answer.status_code == 503


@asynccontextmanager
async def one_person(fakes, base="http://127.0.0.1:8000"):
    """The loopback application, started, and a client without a key."""

    @asynccontextmanager
    async def open_context():
        yield fakes.make_context()

    app = build_loopback_app(open_context, Secret("the-key"))
    async with app.router.lifespan_context(app), fakes.http_client(app, base) as http:
        yield http


async def test_the_loopback_server_wants_its_key(mcp_fakes):
    """Without the key: 401, a sentence on what to send, and no trace of OAuth."""
    async with one_person(mcp_fakes) as http:
        for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": "the-key"}):
            answer = await http.post("/mcp", json=listing(), headers=MODERN | headers)
            assert answer.status_code == 401
            assert "resource_metadata" not in answer.headers["www-authenticate"]
        discovery = await http.get("/.well-known/oauth-protected-resource")
        assert discovery.status_code == 404


async def test_the_loopback_server_answers_with_its_key(mcp_fakes, era):
    """With the key either era gets in."""
    async with one_person(mcp_fakes) as http:
        http.headers["authorization"] = "Bearer the-key"
        async with mcp_over(http, era) as client:
            names = [tool.name for tool in (await client.list_tools()).tools]
    assert "oura_daily_summary" in names


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", ""])
async def test_the_loopback_server_answers_loopback_only(mcp_fakes, host):
    """A name that is not this machine is refused before the key is looked at."""
    async with one_person(mcp_fakes) as http:
        answer = await http.get("/healthz", headers={"host": host})
    assert answer.status_code == 421


async def test_what_a_client_carries_between_two_rounds_is_sealed(mounted_server):
    """The newer era asks to open our page; the state is opaque, and a forged one is refused."""
    async with mounted_server(connect_url=CONNECT_URL, principal="anna") as http:
        first = await call_modern(http, {"elicitation": {"url": {}}})
        state = first["result"]["requestState"]
        asked = first["result"]["inputRequests"]["connect_ring"]["params"]
        answers = {"connect_ring": {"action": "accept"}}
        honest = await call_modern(http, {"elicitation": {"url": {}}}, answers, state)
        forged = await call_modern(http, {"elicitation": {"url": {}}}, answers, state[:-2] + "xx")
    assert first["result"]["resultType"] == "input_required"
    assert asked["url"] == CONNECT_URL
    assert "asked" not in state
    assert honest["result"]["structuredContent"]["error"]["code"] == "not_connected"
    assert forged["error"]["code"] == -32602


async def test_sealed_state_belongs_to_one_person(mounted_server):
    """What was sealed for one person is worth nothing in another's hands, on any replica."""
    keys = [b"k" * 32]
    able = {"elicitation": {"url": {}}}
    async with mounted_server(keys, connect_url=CONNECT_URL, principal="anna") as http:
        state = (await call_modern(http, able))["result"]["requestState"]
    answers = {"connect_ring": {"action": "accept"}}
    async with mounted_server(keys, connect_url=CONNECT_URL, principal="anna") as http:
        same = await call_modern(http, able, answers, state)
    async with mounted_server(keys, connect_url=CONNECT_URL, principal="bert") as http:
        of_bert = await call_modern(http, able, answers, state)
    assert same["result"]["isError"]
    assert of_bert["error"]["code"] == -32602


@pytest.mark.parametrize("able", [{}, {"elicitation": {}}, {"elicitation": {"form": {}}}])
async def test_a_client_that_cannot_open_pages_is_not_asked(mounted_server, able):
    """It gets the failure with the address in it."""
    async with mounted_server(connect_url=CONNECT_URL) as http:
        answer = await call_modern(http, able)
    error = answer["result"]["structuredContent"]["error"]
    assert error["hint"].endswith(CONNECT_URL)


async def call_modern(http, able, answers=None, state=None):
    """One raw call of the newer era to a tool that fails as not connected."""
    meta = META | {"io.modelcontextprotocol/clientCapabilities": able}
    params = {"name": "oura_failing", "arguments": {"how": "not_connected"}, "_meta": meta}
    if state is not None:
        params |= {"inputResponses": answers, "requestState": state}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    headers = MODERN | {"mcp-method": "tools/call", "mcp-name": "oura_failing"}
    return (await http.post("/mcp", json=body, headers=headers)).json()


async def test_closing_the_stream_cancels_the_question(mcp_fakes):
    """A client that hangs up in the newer era stops the work behind the answer."""
    ended = anyio.Event()

    async def endless(_name, _arguments, _context):
        try:
            await anyio.sleep_forever()
        finally:
            ended.set()

    app = McpApp(mcp_fakes.make_server(answer=endless), build_transport_security())
    meta = {"_meta": META, "name": "oura_permissions", "arguments": {}}
    body = listing() | {"method": "tools/call", "params": meta}
    extra = MODERN | {"mcp-method": "tools/call", "mcp-name": "oura_permissions"}
    headers = [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")]
    headers += [(name.encode(), value.encode()) for name, value in extra.items()]
    arriving = [{"type": "http.request", "body": json.dumps(body).encode(), "more_body": False}]

    async def receive():
        if arriving:
            return arriving.pop()
        await anyio.sleep(0.05)
        return {"type": "http.disconnect"}

    async def send(_message):
        return None

    scope = {"type": "http", "method": "POST", "path": "/mcp", "headers": headers}
    scope |= {"query_string": b"", "http_version": "1.1", "scheme": "http"}
    async with app.run():
        await app(scope, receive, send)
        await ended.wait()
