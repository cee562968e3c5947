"""The stdio server as a subprocess: pure JSON-RPC, both eras, nothing heavy, a clean end."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters

SERVER = Path(__file__).with_name("stdio_server.py")
ERAS = {"legacy": "2025-11-25", "auto": "2026-07-28"}
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}


@pytest.fixture(autouse=True)
def patient_client(monkeypatch):
    """The SDK's client gives a server as long as it needs to end by itself."""
    monkeypatch.setattr("mcp.client.stdio.PROCESS_TERMINATION_TIMEOUT", 60.0)


@pytest.fixture
def journal(tmp_path):
    """Where the server under test notes that it opened the person's context."""
    return tmp_path / "journal"


@pytest.fixture
def parameters(journal):
    """How a client starts the server."""
    return StdioServerParameters(command=sys.executable, args=[str(SERVER), str(journal)])


def exchange(journal, *lines):
    """Write raw lines to a fresh server, and read everything it says."""
    done = subprocess.run(
        [sys.executable, str(SERVER), str(journal)],
        input="".join(f"{line}\n" for line in lines).encode(),
        capture_output=True,
        timeout=60,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.decode().splitlines()], done.stderr.decode()


def initialize(version):
    """The opening of the older era."""
    params = {
        "protocolVersion": version,
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    }
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params})


def request(number, method, **params):
    """One request as a line."""
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params})


@pytest.mark.parametrize("era", ERAS)
async def test_a_client_lists_and_calls(parameters, journal, era):
    """Tools, instructions and an answer arrive; the context is opened by the first question."""
    async with Client(parameters, mode=era) as client:
        tools = (await client.list_tools()).tools
        assert "oura_daily_summary" in [tool.name for tool in tools]
        assert client.instructions.startswith("annulet answers questions")
        assert client.protocol_version == ERAS[era]
        assert not journal.exists()
        result = await client.call_tool("oura_device", {"nonsense": 1})
        again = await client.call_tool("oura_permissions", {})
        assert result.structured_content["error"]["code"] == "bad_input"
        assert json.loads(again.content[0].text) == again.structured_content
        assert journal.read_text() == "opened\n"
    assert journal.read_text() == "opened\nclosed\n"


@pytest.mark.parametrize(
    "version", ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "1999-01-01"]
)
def test_every_older_version_is_spoken(journal, version):
    """What the client asks for is agreed on; an unknown version gets the newest of its era."""
    call = request(3, "tools/call", name="oura_device", arguments={"nonsense": 1})
    initialized = '{"jsonrpc":"2.0","method":"notifications/initialized"}'
    answers, _ = exchange(journal, initialize(version), initialized, call)
    by_id = {answer["id"]: answer for answer in answers}
    agreed = version if version != "1999-01-01" else "2025-11-25"
    assert by_id[1]["result"]["protocolVersion"] == agreed
    text = by_id[3]["result"]["content"][0]["text"]
    assert json.loads(text)["error"]["code"] == "bad_input"
    assert by_id[3]["result"]["isError"] is True


def test_standard_output_is_pure_json_rpc(journal):
    """Whatever is thrown at it, each line out is JSON-RPC and what a library prints is not."""
    lines = [
        "not json",
        '{"jsonrpc":"2.0","id":7}',
        "[]",
        "",
        request(1, "server/discover", _meta=META),
        request(2, "tools/call", _meta=META, name="oura_permissions", arguments={}),
        request(3, "tools/call", _meta=META, name="oura_none", arguments={}),
        request(4, "no/such/method", _meta=META),
        request(5, "tools/list"),
    ]
    answers, log = exchange(journal, *lines)
    assert all(answer["jsonrpc"] == "2.0" for answer in answers)
    by_id = {answer["id"]: answer for answer in answers if answer.get("id")}
    codes = [answer["error"]["code"] for answer in answers if answer.get("id") is None]
    assert codes == [-32700, -32600]
    assert by_id[7]["error"]["code"] == -32600
    assert "2026-07-28" in by_id[1]["result"]["supportedVersions"]
    assert by_id[3]["result"]["structuredContent"]["error"]["code"] == "bad_input"
    assert by_id[4]["error"]["code"] == -32601
    assert by_id[5]["error"]["code"] == -32602
    assert "stray output" in log


def test_it_ends_when_the_client_stops_writing(journal):
    """End of input ends the server at once, even before the first request."""
    answers, log = exchange(journal)
    assert answers == []
    assert "Traceback" not in log


def test_a_cancelled_question_is_never_answered(journal):
    """After `notifications/cancelled` its work ends; only the next question is answered."""
    cancel = {"requestId": 1, "reason": "changed my mind"}
    steps = {
        "waiting": request(1, "tools/call", _meta=META, name="oura_permissions", arguments={}),
        "given up": json.dumps(
            {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": cancel}
        ),
    }
    command = [sys.executable, str(SERVER), str(journal), "patient"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        for noted, line in steps.items():
            server.stdin.write(f"{line}\n")
            server.stdin.flush()
            while not journal.exists() or noted not in journal.read_text():
                assert server.poll() is None
                time.sleep(0.02)
        answered, _ = server.communicate(f"{request(2, 'prompts/list', _meta=META)}\n", timeout=60)
    assert [json.loads(line)["id"] for line in answered.splitlines()] == [2]


HEAVY = {
    "PIL",
    "aiosqlite",
    "alembic",
    "argon2",
    "asyncpg",
    "cyclopts",
    "jinja2",
    "keyring",
    "matplotlib",
    "numpy",
    "pandas",
    "pyarrow",
    "resvg_py",
    "rich",
    "secretstorage",
    "sqlalchemy",
}


def test_nothing_heavy_is_loaded_at_the_start():
    """A start loads nothing that only a question needs."""
    code = (
        "import sys, annulet.mcp_server.protocol.stdio;"
        "import annulet.mcp_server.protocol.catalogue_bundle as o;"
        "o.build_catalogue_bundle();"
        f"print(sorted({HEAVY!r} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.decode().strip() == "[]"


def test_a_line_that_is_too_long_is_refused_and_the_next_one_answered(journal):
    """However long it is, it is not kept."""
    lines = [request(1, "ping"), request(2, "ping", pad="a" * (12 * 2**20)), request(3, "ping")]
    answers, _ = exchange(journal, *lines)
    assert [answer["id"] for answer in answers] == [1, None, 3]
    assert "4 MB" in answers[1]["error"]["message"]
