"""The opening of a conversation: recorded replies, every order of both eras, the same answers.

The handshakes are those that clients were seen to send. Each is answered twice, once with the
record in front of the server and once by the server alone, and the replies must be equal.
"""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

sys.path.insert(0, str(Path(__file__).parent))
import handshake_record
from handshake_record import META, initialize

from annulet.errors import NotConnected
from annulet.mcp_server.protocol.both_eras import serve_both_eras
from annulet.mcp_server.protocol.catalogue_bundle import build_catalogue_bundle
from annulet.mcp_server.protocol.server import build_server
from annulet.mcp_server.protocol.stdio import read_replayed
from annulet.mcp_server.protocol.stdio_lines import BoundedLines
from annulet.mcp_server.protocol.stdio_stream import StdioStreams
from annulet.mcp_server.recorded_handshake import FILE, Opening, RecordedHandshake
from annulet.mcp_server.request_person import RequestPerson

OLDER = "2025-11-25"
INITIALIZED = {"method": "notifications/initialized"}
NEWER_META = {"_meta": META}
CLAUDE_CAPABILITIES = {"roots": {"listChanged": True}, "elicitation": {"form": {}, "url": {}}}
CLAUDE_CLIENT = {
    "name": "claude-code",
    "title": "Claude Code",
    "version": "2.1.329",
    "description": "A coding tool",
    "websiteUrl": "https://claude.com/claude-code",
}
CLAUDE_META = {
    "_meta": META
    | {
        "io.modelcontextprotocol/clientCapabilities": CLAUDE_CAPABILITIES,
        "io.modelcontextprotocol/clientInfo": CLAUDE_CLIENT,
    }
}
CALL = {"name": "oura_device", "arguments": {"profile": "no"}}


def asked(number, method, params=None):
    """A request."""
    body = {"id": number, "method": method}
    return body if params is None else body | {"params": params}


CODEX = [
    asked(0, "initialize", initialize("2025-06-18")),
    INITIALIZED,
    asked(1, "tools/list", {"_meta": {"progressToken": 0}}),
    asked(2, "tools/call", CALL),
]
HANDSHAKES = {
    "Codex": CODEX,
    "Claude Code": [
        asked(0, "server/discover", CLAUDE_META),
        asked(1, "tools/list", CLAUDE_META),
        asked(2, "prompts/list", CLAUDE_META),
        asked(3, "resources/list", CLAUDE_META),
        asked(4, "tools/call", CALL | CLAUDE_META),
    ],
    "Vercel AI SDK 2: discover, then initialize": [
        asked(0, "server/discover", NEWER_META),
        asked(1, "initialize", initialize(OLDER)),
        INITIALIZED,
        asked(2, "tools/list", {}),
        asked(3, "tools/call", CALL),
    ],
    "a bare discover, then initialize": [
        asked(0, "server/discover"),
        asked(1, "initialize", initialize(OLDER)),
        INITIALIZED,
        asked(2, "tools/list"),
    ],
    "discover after initialize": [*CODEX, asked(3, "server/discover", NEWER_META)],
    "both eras in turn": [
        asked(0, "server/discover", NEWER_META),
        asked(1, "initialize", initialize(OLDER)),
        INITIALIZED,
        asked(2, "tools/list", NEWER_META),
        asked(3, "tools/list"),
        asked(4, "tools/call", CALL | NEWER_META),
        asked(5, "tools/call", CALL),
    ],
    "an unknown version": [asked("a", "initialize", initialize("2031-01-01")), *CODEX[1:]],
    "an unknown version of the newer era": [
        asked(0, "server/discover", {"_meta": META | {next(iter(META)): "2031-01-01"}}),
        *CODEX,
    ],
    "no version": [asked(0, "initialize", {"capabilities": {}, "clientInfo": {}}), *CODEX],
    "without capabilities in the envelope": [
        asked(0, "server/discover", {"_meta": {next(iter(META)): "2026-07-28"}})
    ],
    "more fields than known": [
        asked(0, "initialize", initialize(OLDER) | {"icons": []}),
        INITIALIZED,
        asked(1, "tools/list", {"cursor": None}),
        asked(2, "tools/list", {"cursor": "x"}),
    ],
    "capabilities that are none": [
        asked(0, "initialize", initialize(OLDER) | {"capabilities": {"roots": "yes"}}),
        asked(1, "tools/list"),
    ],
    "ping before and after": [
        asked(0, "ping"),
        asked(1, "initialize", initialize(OLDER)),
        asked(2, "ping", {}),
        INITIALIZED,
        asked(3, "ping"),
        asked(4, "ping", NEWER_META),
    ],
    "no handshake at all": [asked(0, "tools/list"), asked(1, "tools/call", CALL)],
    "initialize twice": [*CODEX, asked(3, "initialize", initialize(OLDER)), asked(4, "tools/list")],
    "never initialized": [asked(0, "initialize", initialize(OLDER)), asked(1, "prompts/list")],
    "initialized first": [INITIALIZED, asked(0, "tools/list"), *CODEX[2:]],
    "other notifications": [
        CODEX[0],
        {"method": "notifications/initialized", "params": {}},
        {"method": "notifications/cancelled", "params": {"requestId": 0}},
        {"method": "notifications/roots/list_changed"},
        *CODEX[2:],
    ],
    "texts as ids": [asked("a-1", "server/discover", NEWER_META), asked("", "tools/list")],
    "levels, templates, completion": [
        *CODEX[:2],
        asked(1, "resources/templates/list"),
        asked(2, "logging/setLevel", {"level": "debug"}),
        asked(3, "completion/complete", {"ref": {}, "argument": {}}),
        asked(4, "resources/subscribe", {"uri": "oura://today"}),
        asked(5, "no/such/method"),
        asked(6, "tasks/list"),
    ],
}


async def open_without_ring():
    """There is no connection."""
    raise NotConnected("No ring is connected yet.", hint="Run: annulet connect")


async def converse(messages, *, recorded):
    """Every reply to some messages written at once, in the order of their ids."""
    lines = [json.dumps({"jsonrpc": "2.0"} | message).encode() + b"\n" for message in messages]
    incoming, outgoing = io.BytesIO(b"".join(lines)), io.BytesIO()
    opening = RecordedHandshake.read().answer(incoming, outgoing) if recorded else Opening()
    replies = [json.loads(line) for line in outgoing.getvalue().splitlines()]
    write, written = anyio.create_memory_object_stream(len(lines) + 1)
    streams = StdioStreams(BoundedLines(incoming, opening.pending), write)
    person = RequestPerson(open_without_ring)
    server = build_server(find_person=lambda _ctx: person, **build_catalogue_bundle())
    async with write, written:
        first = [*read_replayed(opening)]
        await serve_both_eras(server, streams.messages(first), streams.send)
        while written.statistics().current_buffer_used:
            message = (await written.receive()).message
            replies.append(message.model_dump(by_alias=True, exclude_unset=True, mode="json"))
    return sorted(replies, key=lambda reply: str(reply["id"]))


@pytest.mark.parametrize("name", HANDSHAKES)
async def test_every_order_of_opening_gets_the_servers_own_replies(name):
    """With the record in front of the server nothing is different, and nothing unanswered."""
    messages = HANDSHAKES[name]
    replies = await converse(messages, recorded=True)
    assert replies == await converse(messages, recorded=False)
    assert len(replies) == len([message for message in messages if "id" in message])


@pytest.mark.parametrize(
    "name", ["Vercel AI SDK 2: discover, then initialize", "both eras in turn"]
)
async def test_initialize_after_discover_is_served(name):
    """The client asked in one era and then spoke the other: both get answers."""
    replies = {reply["id"]: reply for reply in await converse(HANDSHAKES[name], recorded=False)}
    assert all("result" in reply for reply in replies.values())
    assert replies[1]["result"]["protocolVersion"] == OLDER
    assert len(replies[2]["result"]["tools"]) == 11


async def test_the_record_is_what_the_server_replies():
    """After a change of lists or texts run ``python tests/protocol/tool_list.py``."""
    assert json.loads(FILE.read_text(encoding="utf-8")) == await handshake_record.record()


def test_the_first_replies_do_not_wait_for_the_sdk(tmp_path):
    """The program answers the opening while the SDK's import has not come to an end."""
    (tmp_path / "mcp.py").write_text("import time\nwhile True: time.sleep(1)\n")
    environment = os.environ | {"PYTHONPATH": str(tmp_path), "ANNULET_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "annulet", "mcp"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
    ) as program:
        for message in HANDSHAKES["both eras in turn"][:5]:
            program.stdin.write(json.dumps({"jsonrpc": "2.0"} | message) + "\n")
        program.stdin.flush()
        replies = [json.loads(program.stdout.readline()) for _ in range(4)]
        program.kill()
    assert [reply["id"] for reply in replies] == [0, 1, 2, 3]
    assert len(replies[3]["result"]["tools"]) == 11


def test_a_client_that_describes_itself_gets_its_first_reply_from_the_record():
    """Claude Code names its website, gives up its probe after a second, and then shakes hands."""
    shaking = initialize(OLDER) | {"clientInfo": CLAUDE_CLIENT, "capabilities": CLAUDE_CAPABILITIES}
    messages = [asked("probe", "server/discover", CLAUDE_META), asked(0, "initialize", shaking)]
    lines = [json.dumps({"jsonrpc": "2.0"} | message).encode() + b"\n" for message in messages]
    replies = io.BytesIO()
    opening = RecordedHandshake.read().answer(io.BytesIO(b"".join(lines)), replies)
    assert not opening.pending
    assert [json.loads(line)["id"] for line in replies.getvalue().splitlines()] == ["probe", 0]


def test_the_program_goes_on_where_the_record_ends(tmp_path):
    """Its first question is answered by the server, which knows the recorded handshake."""
    lines = [
        json.dumps({"jsonrpc": "2.0"} | message) for message in HANDSHAKES["both eras in turn"]
    ]
    done = subprocess.run(
        [sys.executable, "-m", "annulet", "mcp"],
        input="\n".join(lines) + "\n",
        env=os.environ | {"ANNULET_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    replies = {reply["id"]: reply for reply in map(json.loads, done.stdout.splitlines())}
    assert sorted(replies) == [0, 1, 2, 3, 4, 5]
    for number in (4, 5):
        assert replies[number]["result"]["structuredContent"]["error"]["code"] == "not_connected"
