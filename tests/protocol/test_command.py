"""The commands as a person types them: stdio through the front door, and loopback HTTP."""

import json
import os
import signal
import stat
import subprocess
import sys

import httpx2
import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

ANNULET = [sys.executable, "-m", "annulet"]
HEAVY = {"cyclopts", "rich", "keyring", "sqlalchemy", "numpy", "pandas", "matplotlib", "resvg_py"}


@pytest.fixture
def environment(tmp_path):
    """An empty home: no connection, and no keychain to ask."""
    inherited = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return inherited | {"ANNULET_HOME": str(tmp_path / "home"), "HOME": str(tmp_path)}


async def test_annulet_mcp_says_what_to_do_before_a_ring_is_connected(environment):
    """A fresh machine answers with a failure that names the next step."""
    parameters = StdioServerParameters(
        command=ANNULET[0], args=["-m", "annulet", "mcp"], env=environment
    )
    async with Client(parameters) as client:
        result = await client.call_tool("oura_daily_summary", {})
    error = result.structured_content["error"]
    assert result.is_error
    assert error["code"] == "not_connected"
    assert "annulet connect" in error["hint"]


async def test_a_mistake_in_the_settings_is_told_in_the_chat(environment):
    """The server starts, and the first question says which setting is wrong."""
    environment["ANNULET_TIMEZONE"] = "Mars/Olympus"
    parameters = StdioServerParameters(
        command=ANNULET[0], args=["-m", "annulet", "mcp"], env=environment
    )
    async with Client(parameters) as client:
        result = await client.call_tool("oura_daily_summary", {})
    assert result.structured_content["error"]["code"] == "bad_input"
    assert "ANNULET_TIMEZONE" in result.structured_content["error"]["message"]


@pytest.mark.parametrize("mode", ["legacy", "auto"])
@pytest.mark.parametrize("form", ["both", "text", "structured", "nonsense"])
async def test_the_form_of_answers_is_a_setting(environment, mode, form):
    """The list of tools agrees with it, also while the record of the opening answers."""
    environment["ANNULET_MCP_CONTENT"] = form
    parameters = StdioServerParameters(
        command=ANNULET[0], args=["-m", "annulet", "mcp"], env=environment
    )
    async with Client(parameters, mode=mode) as client:
        tools = (await client.list_tools()).tools
        result = await client.call_tool("oura_daily_summary", {})
    assert {tool.output_schema is None for tool in tools} == {form == "text"}
    assert (result.structured_content is None) == (form == "text")
    error = json.loads(result.content[0].text)["error"]
    assert error["code"] == ("bad_input" if form == "nonsense" else "not_connected")


def test_the_command_for_stdio_loads_nothing_heavy(environment):
    """From the command line to the end of input, only what stdio needs is imported."""
    code = (
        "import sys; from annulet.cli import run; run(['mcp']);"
        f"print(sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=b"", capture_output=True, env=environment, check=True
    )
    assert done.stdout == b""
    assert done.stderr.decode().strip() == "[]"


def test_ctrl_c_ends_the_server_at_once(environment):
    """A person who tries it in a terminal gets the prompt back."""
    server = subprocess.Popen(
        [*ANNULET, "mcp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    )
    server.stdin.write(b"not json\n")
    server.stdin.flush()
    assert b"-32700" in server.stdout.readline()
    server.send_signal(signal.SIGINT)
    assert server.wait(60) == -signal.SIGINT
    server.stdin.close()
    server.stdout.close()


@pytest.fixture
def http_server(environment):
    """`annulet mcp --http` on a free port; its address, its key and its home."""
    server = subprocess.Popen(
        [*ANNULET, "mcp", "--http", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
    )
    address = server.stdout.readline().split()[-1]
    key = server.stdout.readline().split()[-1]
    yield address, key, environment["ANNULET_HOME"]
    server.send_signal(signal.SIGINT)
    server.communicate(timeout=60)


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_the_http_server_answers_a_client_with_the_key(http_server, mode):
    """With the key that was shown, both eras are served; the key's file is the owner's alone."""
    address, key, home = http_server
    assert stat.S_IMODE(os.stat(f"{home}/mcp-http-key").st_mode) == 0o600  # noqa: PTH116 - anyio's tests
    headers = {"authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(headers=headers, timeout=60) as http:
        async with Client(streamable_http_client(address, http_client=http), mode=mode) as client:
            result = await client.call_tool("oura_daily_summary", {})
        refused = await http.post(address, json={}, headers={"authorization": "Bearer x"})
    assert json.loads(result.content[0].text)["error"]["code"] == "not_connected"
    assert refused.status_code == 401


def test_a_taken_port_is_told(http_server, environment):
    """The message names the port and the way out."""
    port = http_server[0].split(":")[2].split("/")[0]
    done = subprocess.run(
        [*ANNULET, "mcp", "--http", "--port", port],
        capture_output=True,
        env=environment,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert port in done.stderr
    assert "--port" in done.stderr


def test_install_prints_and_writes_and_takes_out(environment, tmp_path):
    """--print shows the entry alone on standard output and writes nothing."""

    def run(*options):
        command = [*ANNULET, "mcp", "install", "--client", "cursor", *options]
        return subprocess.run(command, capture_output=True, env=environment, text=True, check=True)

    file = tmp_path / ".cursor" / "mcp.json"
    shown = json.loads(run("--print").stdout)
    assert not file.exists()
    run()
    assert json.loads(file.read_text()) == shown
    entry = shown["mcpServers"]["annulet"]
    assert entry["args"][-1] == "mcp"
    assert entry["env"] == {"ANNULET_HOME": environment["ANNULET_HOME"]}
    run("--uninstall")
    assert json.loads(file.read_text()) == {"mcpServers": {}}
