"""What the server tells an observer: every request that can reach a person's data, once."""

import json

import anyio
import pytest
from mcp.client import Client
from mcp.shared.exceptions import MCPError
from mcp_types import (
    CLIENT_CAPABILITIES_META_KEY,
    PROTOCOL_VERSION_META_KEY,
    PromptReference,
    ResourceTemplateReference,
)

from annulet.mcp_server.apps import APP_RESOURCES
from annulet.mcp_server.request_observer import ObservedMethod
from annulet.mcp_server.resources.addresses import DOCUMENTS_TEMPLATE

MODERN_META = {PROTOCOL_VERSION_META_KEY: "2026-07-28", CLIENT_CAPABILITIES_META_KEY: {}}
SERIES_DAYS = "2026-05-01/2026-05-02"


class Recorder:
    """An observer that keeps what it is told."""

    def __init__(self):
        self.requests = []

    def observe(self, request):
        self.requests.append(request)

    def take(self):
        """The one request since the last time, as method, name, outcome and read health."""
        (request,) = self.requests
        self.requests.clear()
        return (
            str(request.target.method),
            request.target.name,
            request.outcome,
            request.read_health,
        )


async def call(client, tool, **arguments):
    await client.call_tool(tool, arguments)


async def read(client, uri):
    await client.read_resource(uri)


async def prompt(client, name, **arguments):
    await client.get_prompt(name, arguments)


async def complete(client, ref, argument):
    await client.complete(ref, {"name": argument, "value": "last"})


REQUESTS = [
    (call, ("oura_daily_summary",), ("tools/call", "oura_daily_summary", "ok", "ok")),
    (call, ("oura_permissions",), ("tools/call", "oura_permissions", "ok", None)),
    (call, ("oura_never_heard_of",), ("tools/call", "unknown", "bad_input", "bad_input")),
    (call, ("oura_broken",), ("tools/call", "oura_broken", "internal", "internal")),
    (call, ("oura_unencodable",), ("tools/call", "oura_unencodable", "internal", "internal")),
    (read, ("oura://today",), ("resources/read", "oura://today", "ok", "ok")),
    (read, ("oura://connection",), ("resources/read", "oura://connection", "ok", None)),
    (read, ("oura://glossary",), ("resources/read", "oura://glossary", "ok", None)),
    (read, (APP_RESOURCES[0].uri,), ("resources/read", APP_RESOURCES[0].uri, "ok", None)),
    (read, (f"oura://daily/{SERIES_DAYS}",), ("resources/read", "oura://daily", "ok", "ok")),
    (read, ("oura://nothing",), ("resources/read", "unknown", "bad_input", "bad_input")),
    (
        read,
        (f"oura://documents/diary/{SERIES_DAYS}",),
        ("resources/read", "oura://documents", "bad_input", "bad_input"),
    ),
    (prompt, ("morning_briefing",), ("prompts/get", "morning_briefing", "ok", None)),
    (prompt, ("nonsense",), ("prompts/get", "unknown", "bad_input", "bad_input")),
    (prompt, ("tag_experiment",), ("prompts/get", "tag_experiment", "bad_input", "bad_input")),
    (
        complete,
        (PromptReference(name="weekly_review"), "week"),
        ("completion/complete", "weekly_review", "ok", None),
    ),
    (
        complete,
        (ResourceTemplateReference(uri=DOCUMENTS_TEMPLATE), "collection"),
        ("completion/complete", "oura://documents", "ok", None),
    ),
    (
        complete,
        (PromptReference(name="nonsense"), "week"),
        ("completion/complete", "unknown", "ok", None),
    ),
]


async def test_every_request_is_observed_once_with_its_outcome(era, mcp_fakes):
    """Tools, resources, prompts and suggestions; answers, failures and names that are unknown."""
    observer = Recorder()
    server = mcp_fakes.make_server(observer=observer, apps=APP_RESOURCES)
    async with Client(server, mode=era) as client:
        for ask, arguments, expected in REQUESTS:
            try:
                await ask(client, *arguments)
            except MCPError:
                assert expected[2] != "ok", arguments
            assert observer.take() == expected, arguments
    assert {expected[0] for _, _, expected in REQUESTS} == set(ObservedMethod)


async def test_every_failure_is_observed_by_its_code(era, mcp_fakes):
    """The observer learns the code of the error, and nothing was answered."""
    observer = Recorder()
    async with Client(mcp_fakes.make_server(observer=observer), mode=era) as client:
        for how, failure in mcp_fakes.FAILURES.items():
            await client.call_tool("oura_failing", {"how": how})
            assert [request.answer_bytes for request in observer.requests] == [0]
            code = failure.as_dict()["error"]["code"]
            assert observer.take() == ("tools/call", "oura_failing", code, code)


async def test_the_size_of_the_answer_is_observed(era, mcp_fakes):
    """It counts the whole result in bytes: both forms, and letters beyond ASCII by their bytes."""
    observer = Recorder()
    async with Client(mcp_fakes.make_server(observer=observer), mode=era) as client:
        result = await client.call_tool("oura_daily_summary", {"start": "yesterday"})
    (request,) = observer.requests
    text = result.content[0].text.encode()
    assert len(text) > len(result.content[0].text)
    assert 2 * len(text) < request.answer_bytes < 3 * len(text)


async def test_a_cancelled_request_is_observed(era, mcp_fakes):
    """A client that gives up leaves a trace all the same."""
    observer = Recorder()
    async with Client(mcp_fakes.make_server(observer=observer), mode=era) as client:
        with anyio.move_on_after(0.1):
            await client.call_tool("oura_slow", {"seconds": 60})
        await client.call_tool("oura_daily_summary", {})
    outcomes = {request.target.name: request.outcome for request in observer.requests}
    assert outcomes == {"oura_slow": "cancelled", "oura_daily_summary": "ok"}


async def test_asking_to_connect_is_observed_as_what_is_wrong(mcp_fakes):
    """A request to open our page is no answer: the observer learns why it was needed."""
    observer = Recorder()
    server = mcp_fakes.make_server(observer=observer, connect_url="https://annulet.example/connect")

    async def opens_pages(_context, _params):
        return {"action": "cancel"}

    async with Client(server, mode="2026-07-28", elicitation_callback=opens_pages) as client:
        await client.call_tool("oura_failing", {"how": "revoked"})
    assert {request.outcome for request in observer.requests} == {"needs_reconnect"}


async def test_a_scope_that_is_missing_is_observed(era, mcp_fakes):
    """Neither a tool nor a resource behind it answers, and the observer hears why."""
    observer = Recorder()
    person = {
        "tools": frozenset({"oura_permissions"}),
        "beyond_scope": frozenset({"oura_daily_summary"}),
    }
    server = mcp_fakes.make_server(observer=observer, **person)
    documents = f"oura://documents/heartrate/{SERIES_DAYS}"
    async with Client(server, mode=era) as client:
        assert (await client.call_tool("oura_daily_summary", {})).is_error
        assert observer.take()[2] == "insufficient_scope"
        for uri in ("oura://today", f"oura://daily/{SERIES_DAYS}", documents):
            with pytest.raises(MCPError):
                await client.read_resource(uri)
            assert observer.take()[2] == "insufficient_scope", uri


def spellings(method):
    """The same method as JSON may write it."""
    plain = json.dumps(method)
    return [plain, plain.replace("/", r"\/"), f'"\\u{ord(method[0]):04x}{method[1:]}"']


@pytest.mark.parametrize("era", ["legacy", "2026-07-28"])
async def test_no_spelling_of_the_method_escapes_the_observer(mcp_fakes, era, mounted_server):
    """An escaped method, name or address is the same request, and is observed as the same."""
    observer = Recorder()
    asked = {
        "tools/call": ("name", "oura_daily_summary"),
        "resources/read": ("uri", "oura://today"),
        "prompts/get": ("name", "morning_briefing"),
    }
    async with mounted_server(observer=observer) as http:
        for method, (key, name) in asked.items():
            for spelled in spellings(method):
                for spelled_name in spellings(name):
                    meta = {"_meta": MODERN_META} if era != "legacy" else {}
                    params = json.dumps({**meta, key: "NAME"}).replace('"NAME"', spelled_name)
                    body = f'{{"jsonrpc":"2.0","id":1,"method":{spelled},"params":{params}}}'
                    headers = {"accept": "application/json, text/event-stream"}
                    headers |= {"content-type": "application/json"}
                    if era != "legacy":
                        headers |= {"mcp-protocol-version": era, "mcp-method": method}
                        headers |= {"mcp-name": name}
                    answer = await http.post("/mcp", content=body, headers=headers)
                    assert answer.status_code == 200, body
                    assert observer.take()[:3] == (method, name, "ok"), body


@pytest.mark.parametrize("era", ["legacy", "2026-07-28"])
async def test_a_batch_reaches_no_data(mcp_fakes, era, mounted_server):
    """Neither era knows batches: one is refused whole, so nothing is left to observe."""
    observer = Recorder()
    request = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
    request |= {"params": {"name": "oura_daily_summary", "_meta": MODERN_META}}
    headers = {"accept": "application/json, text/event-stream"}
    if era != "legacy":
        headers |= {"mcp-protocol-version": era, "mcp-method": "tools/call"}
        headers |= {"mcp-name": "oura_daily_summary"}
    async with mounted_server(observer=observer) as http:
        answer = await http.post("/mcp", json=[request, request], headers=headers)
    assert answer.status_code == 400
    assert "Slept" not in answer.text
    assert observer.requests == []
