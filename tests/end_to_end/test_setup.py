"""``annulet setup`` and ``annulet doctor`` as a newcomer meets them."""

import json
import os
import pty
import re
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest

from annulet.simulator import SimulatedOura
from ports import default_ports

BROWSER = """#!{python}
import sys, urllib.request
if "developer.ouraring.com" not in sys.argv[1]:
    urllib.request.urlopen(sys.argv[1], timeout=60).read()
"""


@pytest.fixture
def cloud() -> Iterator[tuple[SimulatedOura, str]]:
    oura = SimulatedOura(["newcomer"], auto_approve="newcomer")
    with oura.serve() as running:
        yield oura, running.url


@pytest.fixture
def environ(tmp_path: Path, cloud: tuple[SimulatedOura, str]) -> Iterator[dict[str, str]]:
    browser = tmp_path / "browser"
    browser.write_text(BROWSER.format(python=sys.executable))
    browser.chmod(0o700)
    with default_ports():
        yield {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "TERM": "dumb",
            "BROWSER": str(browser),
            "ANNULET_HOME": str(tmp_path / "data"),
            "ANNULET_KEY": "made-up-key-of-a-test-with-enough-letters",
            "ANNULET_OURA_API_URL": cloud[1],
        }


class Terminal:
    """A person at a terminal: reads until a question comes, then types."""

    def __init__(self, environ: dict[str, str], *words: str) -> None:
        self._own, terminal = pty.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "annulet", *words],
            env=environ,
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            start_new_session=True,
        )
        os.close(terminal)
        self.seen = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        os.close(self._own)

    def answers(self, question: str, typed: str) -> None:
        """Wait for a question, which must come after what was read before, and answer it."""
        already = len(self.seen)
        while question not in self.seen[already:]:
            self._read()
        os.write(self._own, f"{typed}\n".encode())

    def leaves(self) -> int:
        """Read to the end; the exit code."""
        try:
            while True:
                self._read()
        except EOFError:
            return self._process.wait(60)

    def _read(self) -> None:
        ready, _, _ = select.select([self._own], [], [], 60)
        if not ready:
            raise TimeoutError(self.seen)
        try:
            part = os.read(self._own, 65_536)
        except OSError:
            part = b""
        if not part:
            raise EOFError(self.seen)
        self.seen += part.decode(errors="replace").replace("\r\n", "\n")


def run(environ: dict[str, str], *words: str) -> tuple[int, str]:
    """A command without a terminal."""
    done = subprocess.run(
        [sys.executable, "-m", "annulet", *words],
        env=environ,
        input="",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout


def test_a_newcomer_is_led_from_the_form_to_an_assistant(environ: dict[str, str]) -> None:
    """Form, a mistake that is caught, consent, check, and an entry in the assistant's file."""
    cursor = Path(environ["HOME"]) / ".cursor"
    cursor.mkdir()
    with Terminal(environ, "setup") as person:
        person.answers("Client id:", "me@example.com")
        person.answers("(not shown):", "wrong")
        person.answers("Client id:", "no-such-application")
        person.answers("(not shown):", "simulated-secret")
        person.answers("Client id:", "annulet-simulator")
        person.answers("(not shown):", "simulated-secret")
        person.answers("Add annulet to Cursor?", "y")
        assert person.leaves() == 0
        seen = person.seen
    assert "http://localhost:8765/callback\n" in seen
    assert "it is an address" in seen
    assert "does not know this application" in seen
    assert "simulated-secret" not in seen
    assert re.search(r"ok\s+token\s+Oura accepts it", seen)
    assert json.loads((cursor / "mcp.json").read_text())["mcpServers"]["annulet"]["args"] == ["mcp"]

    code, out = run(environ, "setup", "--json")
    assert (code, json.loads(out)["connected"]) == (0, True)


def test_without_a_terminal_it_waits_for_nothing(environ: dict[str, str]) -> None:
    """It says the form and the next step, and leaves as a tool would."""
    code, out = run(environ, "setup", "--json")
    report = json.loads(out)
    assert code == 3
    assert report["error"]["code"] == "not_connected"
    assert report["page"].startswith("https://developer.ouraring.com")
    assert any(each["field"] == "Redirect URIs" for each in report["form"])

    known = {"ANNULET_CLIENT_ID": "annulet-simulator", "ANNULET_CLIENT_SECRET": "simulated-secret"}
    code, out = run(environ | known, "setup", "--json")
    assert code == 3
    assert "form" not in json.loads(out)
    assert any("--no-browser" in step for step in json.loads(out)["next"])


def doctor(environ: dict[str, str]) -> tuple[int, dict[str, dict], dict]:
    code, out = run(environ, "doctor", "--json")
    body = json.loads(out)
    return code, {step["step"]: step for step in body["steps"]}, body


def test_the_doctor_through_a_life(
    environ: dict[str, str], cloud: tuple[SimulatedOura, str]
) -> None:
    """Connected, with permissions missing, renewed, limited, revoked, without its key."""
    oura, _ = cloud
    known = {"ANNULET_CLIENT_ID": "annulet-simulator", "ANNULET_CLIENT_SECRET": "simulated-secret"}
    code, _ = run(environ | known, "connect", "--json", "--scopes", "daily,heartrate")
    assert code == 0

    code, steps, _ = doctor(environ)
    assert code == 0
    assert steps["application"]["found"].endswith("from the vault.")
    assert "Blood oxygen" in steps["permissions"]["found"]
    assert steps["renewal"]["found"].startswith("Renewed last at")
    issued = len(oura.tokens.access_tokens)

    oura.expire_tokens()
    code, steps, _ = doctor(environ)
    assert code == 0
    assert len(oura.tokens.access_tokens) > issued

    oura.faults.add("status", 503, path="usercollection")
    code, steps, body = doctor(environ)
    assert (code, body["error"]["code"]) == (5, "oura_unavailable")
    assert body["ok"] is False
    oura.faults.clear()

    assert doctor(environ | {"ANNULET_KEY": "another-key-with-enough-letters"})[0] == 6

    oura.revoke_grants()
    code, steps, body = doctor(environ)
    assert (code, body["error"]["code"]) == (3, "needs_reconnect")
    assert "revoked" in steps["connection"]["found"]
    assert "annulet connect" in steps["connection"]["do"]
    # And once more, now that the end of the connection is written down.
    assert doctor(environ)[0] == 3


def test_the_doctor_sees_a_lapsed_membership(tmp_path: Path) -> None:
    """It leaves with 4, as every question does."""
    oura = SimulatedOura(["lapsed"])
    with oura.serve() as running:
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "ANNULET_HOME": str(tmp_path / "data"),
            "ANNULET_OURA_API_URL": running.url,
            "ANNULET_ACCESS_TOKEN": oura.issue_token("lapsed"),
        }
        code, _, body = doctor(environ)
    assert (code, body["error"]["code"]) == (4, "membership_inactive")
    assert not (tmp_path / "data").exists()
