"""Real assistants sign in to a running service by their own commands; nobody helps but a person."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from annulet.simulator import SimulatedOura

sys.path.insert(0, str(Path(__file__).with_name("hosted")))
sys.path.insert(0, str(Path(__file__).parents[1] / "protocol" / "conformance"))
import suite
from service import PASSWORD, Person, Service

pytestmark = pytest.mark.full

PROGRAMS = Path(__file__).parents[2] / ".tools" / "clients"
NPM = {
    "mcp-remote-client": "mcp-remote@0.15.1",
    "claude": "@anthropic-ai/claude-code@2.1.329",
    "codex": "@openai/codex@0.169.0",
    "opencode": "opencode-ai@1.18.33",
}
COLOURS = re.compile(r"\x1b\][^\x07]*\x07|\x1b\[[0-9;?]*[a-zA-Z]")
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/authorize\?[\w&=%.~+-]+")
LIMIT = 120


@pytest.fixture(scope="module")
def node() -> Path:
    """The folder of a Node that is new enough."""
    found = suite.find_node()
    if found is None and shutil.which("npm"):
        suite.install(suite.NODE)
        found = suite.find_node()
    if found is None:
        pytest.skip(f"needs Node {suite.LEAST_NODE} or newer, from npm")
    return Path(found).parent


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    oura = SimulatedOura(["plain"])
    with oura.serve() as cloud:
        running = Service(tmp_path, cloud.url, oura)
        running.start()
        yield running
        running.stop()


@pytest.fixture
def anna(service: Service) -> Iterator[Person]:
    person = Person(service.url)
    person.get("/sign-up")
    person.submit("/sign-up", login="anna@example.net", password=PASSWORD, timezone="UTC")
    person.connect("plain")
    yield person
    person.close()


def program(name: str) -> Path:
    """Where npm has put a client."""
    found = PROGRAMS / "node_modules" / ".bin" / name
    if not found.exists():
        PROGRAMS.mkdir(parents=True, exist_ok=True)
        command = [
            "npm",
            "install",
            "--prefix",
            str(PROGRAMS),
            "--no-audit",
            "--no-fund",
            NPM[name],
        ]
        got = subprocess.run(command, check=False, capture_output=True, timeout=900)
        if got.returncode or not found.exists():
            pytest.skip(f"{NPM[name]} could not be got from npm")
    return found


class Terminal:
    """A terminal of its own with a fresh home; a person allows what is asked."""

    def __init__(self, node: Path, home: Path, anna: Person) -> None:
        self.home, self.anna = home, anna
        path = [node, PROGRAMS / "node_modules" / ".bin", "/usr/bin", "/bin"]
        self.environment = {
            "HOME": str(home),
            "PATH": os.pathsep.join(map(str, path)),
            "BROWSER": "/bin/true",
            "TERM": "xterm",
            "NO_COLOR": "1",
            "MCP_REMOTE_CONFIG_DIR": str(home / "remote"),
        }

    def run(self, *command: str, until: str = "") -> str:
        """Run to the end, or until a word appears; whatever address is shown is visited once."""
        child, screen = pty.fork()
        if child == 0:
            os.chdir(self.home)
            os.execvpe(command[0], list(command), self.environment)  # noqa: S606 - no shell wanted
        said, allowed, end = "", False, time.monotonic() + LIMIT
        while time.monotonic() < end and not (until and until in said):
            ready, _, _ = select.select([screen], [], [], 0.3)
            if ready:
                part = self._read(screen)
                if not part:
                    break
                said += COLOURS.sub("", part)
            elif not allowed and (asked := ADDRESS.search(said)):
                allowed = True
                self._allow(asked.group(0))
        os.close(screen)
        with contextlib.suppress(ProcessLookupError):  # it may have ended by itself
            os.kill(child, signal.SIGTERM)
        os.waitpid(child, 0)
        return said

    @staticmethod
    def _read(screen: int) -> str:
        try:
            return os.read(screen, 65_536).decode(errors="replace")
        except OSError:
            return ""

    def _allow(self, address: str) -> None:
        self.anna.get(address)
        assert "Allow" in self.anna.page.text
        self.anna.submit("/authorize", decision="allow")


@pytest.fixture
def terminal(node: Path, tmp_path: Path, anna: Person) -> Terminal:
    home = tmp_path / "person"
    home.mkdir()
    return Terminal(node, home, anna)


def test_mcp_remote(service: Service, terminal: Terminal) -> None:
    """The bridge signs in and lists the tools."""
    program("mcp-remote-client")
    said = terminal.run("mcp-remote-client", f"{service.url}/mcp", "--allow-http", until="Exiting")
    assert "oura_daily_summary" in said


def test_claude_code(service: Service, terminal: Terminal) -> None:
    """``claude mcp login`` succeeds, and its own health check connects."""
    program("claude")
    terminal.run("claude", "mcp", "add", "--transport", "http", "annulet", f"{service.url}/mcp")
    assert "Authenticated" in terminal.run("claude", "mcp", "login", "annulet")
    assert "Connected" in terminal.run("claude", "mcp", "list")


def test_codex(service: Service, terminal: Terminal) -> None:
    """``codex mcp add`` finds OAuth by itself and signs in."""
    program("codex")
    said = terminal.run("codex", "mcp", "add", "annulet", "--url", f"{service.url}/mcp")
    assert "Successfully logged in" in said


def test_opencode(service: Service, terminal: Terminal) -> None:
    """``opencode mcp auth`` succeeds, and the server is connected."""
    program("opencode")
    folder = terminal.home / ".config" / "opencode"
    folder.mkdir(parents=True)
    entry = {"type": "remote", "url": f"{service.url}/mcp"}
    (folder / "opencode.json").write_text(json.dumps({"mcp": {"annulet": entry}}))
    assert "successful" in terminal.run("opencode", "mcp", "auth", "annulet")
    assert "connected" in terminal.run("opencode", "mcp", "list")


def test_the_authorization_scenarios_of_the_conformance_suite(
    service: Service, node: Path, anna: Person
) -> None:
    """Metadata and authorization code, as the protocol's own suite checks them."""
    if suite.find_suite() is None:
        suite.install(suite.SUITE)
    callback = "http://127.0.0.1:3999/callback"
    said = {"redirect_uris": [callback], "token_endpoint_auth_method": "none"}
    client = httpx2.post(f"{service.url}/register", json=said, trust_env=False).json()
    command = [
        *(str(node / "node"), str(suite.find_suite()), "authorization", "--url", service.url),
        *("--client-id", client["client_id"], "--resource", f"{service.url}/mcp", "-p", "3999"),
    ]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert running.stdout is not None
    lines, waiting = [], ""
    for line in running.stdout:
        lines.append(line)
        asked = ADDRESS.search(line)
        waiting = asked.group(0) if asked else waiting
        if waiting and "Callback server started" in line:
            anna.get(waiting)
            anna.submit("/authorize", decision="allow")
    running.stdout.close()
    assert running.wait(30) == 0, "".join(lines)
    assert "2 passed, 0 failed" in lines[-1] + "".join(lines[-3:])
