"""Connecting and disconnecting by the command line, against the simulated cloud."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from annulet.cli import run
from annulet.simulator import SimulatedOura
from machine import FORM, SECRET, Machine, addresses, decide
from ports import free_port


@pytest.fixture
def oura() -> Iterator[tuple[SimulatedOura, str]]:
    cloud = SimulatedOura(["newcomer"])
    with cloud.serve() as running:
        yield cloud, running.url


@pytest.fixture
def machine(tmp_path: Path, oura: tuple[SimulatedOura, str]) -> Machine:
    """With a port of its own, because other tests connect at the same time."""
    cloud, url = oura
    port = free_port()
    back = [f"http://localhost:{port}/callback"]
    for kind, name in (("new", "simulator"), ("legacy", "legacy"), ("mixed", "mixed")):
        cloud.register_application(kind, f"annulet-{name}", SECRET, back)
    return Machine(tmp_path / "home", url, port)


def test_connect_ask_disconnect(machine: Machine, oura: tuple[SimulatedOura, str]) -> None:
    """The whole way: honest pages, later commands without environment, everything sealed."""
    cloud, _ = oura
    pages: list[str] = []
    code, outcome, _ = machine.connect(visit=lambda url: pages.append(decide(url)))
    assert code == 0
    assert outcome["connected"]
    assert outcome["missing"] == []
    assert "/done" in pages[0]
    assert "Connected" in pages[0]
    assert "code=" not in pages[0].split()[0]

    del machine.more["ANNULET_CLIENT_SECRET"], machine.more["ANNULET_CLIENT_ID"]
    cloud.expire_tokens()
    code, out, err = machine.run("device", "--json")
    assert code == 0, out + err

    code, out, _ = machine.run("vault", "list", "--json")
    names = {entry["name"] for entry in json.loads(out)["credentials"]}
    assert names == {"oura", "application"}
    tokens = [*cloud.tokens.access_tokens, *cloud.tokens.refresh_tokens, SECRET]
    everything = out + err + "".join(pages)
    for path in machine.home.iterdir():
        everything += path.read_bytes().decode("latin-1")
    assert not [token for token in tokens if token in everything]

    code, out, _ = machine.run("disconnect", "--json")
    assert (code, json.loads(out)["grant_at_oura"]) == (0, "revoked")
    assert "Oura account" in out
    assert not any(cloud.tokens.find_valid(token) for token in cloud.tokens.access_tokens)
    assert machine.run("disconnect", "--json")[0] == 3
    assert machine.run("device", "--json")[0] == 3


@pytest.mark.parametrize("kind", ["legacy", "mixed"])
def test_applications_of_the_old_server_connect(machine: Machine, kind: str) -> None:
    """Where a first guess is refused, the browser is led to the second page by itself."""
    machine.more["ANNULET_CLIENT_ID"] = f"annulet-{kind}"
    code, outcome, _ = machine.connect()
    assert (code, outcome["connected"]) == (0, True)


def test_a_denial_a_wrong_secret_and_an_outage(
    machine: Machine, oura: tuple[SimulatedOura, str]
) -> None:
    """Each has its page, its exit code and its word; what was connected before stays connected."""
    cloud, _ = oura
    assert machine.connect()[0] == 0
    pages: list[str] = []

    def denied(url: str) -> None:
        pages.append(decide(url, decision="deny"))

    code, outcome, _ = machine.connect(visit=denied)
    assert (code, outcome["error"]["code"], outcome["error"]["reason"]) == (
        3,
        "not_connected",
        "denied",
    )
    assert "Not connected" in pages[-1]
    assert "not given" in pages[-1]

    code, outcome, output_text = machine.connect(
        secret="wrong-secret", visit=lambda url: pages.append(decide(url))
    )
    assert (code, outcome["error"]["reason"]) == (3, "exchange_failed")
    assert "client secret" in pages[-1]
    assert "wrong-secret" not in output_text + "".join(pages) + str(outcome)

    cloud.faults.add("status:503@oauth-token")
    code, outcome, _ = machine.connect()
    assert (code, outcome["error"]["code"]) == (5, "oura_unavailable")
    cloud.faults.clear()
    assert machine.run("device", "--json")[0] == 0


def test_no_callback_comes(machine: Machine) -> None:
    """It ends by itself, with the word for programs."""
    code, outcome, _ = machine.connect("--timeout", "1", visit=str)
    assert (code, outcome["error"]["reason"]) == (3, "timeout")


def test_the_pasted_address_is_accepted(machine: Machine, oura: tuple[SimulatedOura, str]) -> None:
    """Without a browser: wrong pastes are explained, the right one connects."""
    machine.more.update(ANNULET_CLIENT_ID="annulet-simulator", ANNULET_CLIENT_SECRET=SECRET)
    process = machine.start("connect", "--no-browser", "--json", "--port", str(machine.port))
    url = next(addresses(process))
    body = urllib.parse.urlencode(FORM).encode()

    class Stay(urllib.request.HTTPRedirectHandler):
        """A browser on another machine: the way back leads nowhere."""

        def redirect_request(self, *_: Any) -> None:
            return None

    with pytest.raises(urllib.error.HTTPError) as back:
        urllib.request.build_opener(Stay).open(url, body, timeout=60)
    target = back.value.headers["location"]
    back.value.close()
    assert process.stdin is not None
    process.stdin.write(f"what now?\n{target.replace('state=', 'state=x')}\n{target}\n")
    process.stdin.flush()
    assert process.stderr is not None
    assert process.stdout is not None
    err, out = process.stderr.read(), process.stdout.read()
    process.communicate(timeout=60)
    assert json.loads(out)["connected"], err
    assert process.returncode == 0
    assert "ssh -L" in err
    assert err.count("not the address") == 2


Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def typed(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Typed:
    """A command in this process: exit code, standard output, standard error."""

    def run_here(*words: str) -> tuple[int, str, str]:
        for name, value in machine.environ().items():
            monkeypatch.setenv(name, value)
        code = run([*words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run_here


BAD = {"ANNULET_KEY": "short"}
HALF = {"ANNULET_CLIENT_ID": "a"}
WHOLE = {**HALF, "ANNULET_CLIENT_SECRET": "b"}


@pytest.mark.parametrize(
    ("words", "more", "told"),
    [
        (["connect"], {}, (2, "client id")),
        (["connect"], HALF, (2, "client secret")),
        (["connect", "--scopes", "sleep"], {}, (2, "sleep")),
        (["connect", "--port", "99999"], {}, (2, "port")),
        (["connect", "--port", "many"], {}, (2, "")),
        (["connect", "--timeout", "nan"], {}, (2, "time")),
        (["connect", "--account", "../x"], {}, (2, "account")),
        (["connect", "--client-secret", "x"], {}, (2, "")),
        (["connect"], BAD, (2, "client id")),
        (["connect"], {**BAD, **WHOLE}, (6, "too short")),
        (["disconnect"], {}, (3, "not connected")),
        (["vault", "show"], {}, (2, "holds nothing")),
        (["vault", "forget", "anna"], {}, (2, "holds nothing")),
        (["vault", "rotate"], {}, (2, "nothing to reseal")),
    ],
)
def test_bad_input_is_told_and_nothing_is_touched(
    typed: Typed,
    machine: Machine,
    words: list[str],
    more: dict[str, str],
    told: tuple[int, str],
) -> None:
    """Every mistake: its exit code, a sentence, no consent page, and nothing on the disk."""
    machine.more = more
    code, out, err = typed(*words, "--json")
    error = json.loads(out)["error"]
    assert (code, told[1] in error["message"]) == (told[0], True), error
    assert error["hint"]
    assert "oauth" not in err
    assert not machine.home.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_id_and_secret_are_asked_for_and_the_secret_is_not_shown(machine: Machine) -> None:
    """At a terminal, without environment: typed once, connected, sealed, never echoed."""
    import pty

    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "annulet", "connect", "--port", str(machine.port)],
        env=machine.environ(),
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    screen = ""
    for until, typed in (("client id", "annulet-simulator"), ("Client secret", SECRET)):
        while until.casefold() not in screen.casefold():
            screen += os.read(ours, 4096).decode(errors="replace")
        os.write(ours, f"{typed}\n".encode())
        screen += f"[{until} typed]"
    while not (address := re.search(r"(http://\S+oauth\S+)\s", screen)):
        screen += os.read(ours, 4096).decode(errors="replace")
    decide(address.group(1))
    out, _ = process.communicate(timeout=60)
    os.close(ours)
    assert process.returncode == 0, screen
    assert b"Connected" in out
    assert SECRET not in screen
    assert machine.run("device", "--json")[0] == 0


def test_a_taken_port_is_told(machine: Machine) -> None:
    """The port that was asked for is in use: exit code 2 and its word."""
    import socket

    machine.more.update(ANNULET_CLIENT_ID="a", ANNULET_CLIENT_SECRET="b")
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        port = str(squatter.getsockname()[1])
        code, out, _ = machine.run("connect", "--json", "--port", port)
    error = json.loads(out)["error"]
    assert (code, error["code"], error["reason"]) == (2, "bad_input", "port_busy")
    assert port in error["message"]


def test_two_people_on_one_machine(machine: Machine) -> None:
    """Names choose; forgetting one leaves the other; rotation keeps both working."""
    for name in ("anna", "bob"):
        assert machine.connect("--account", name)[0] == 0
    assert machine.run("vault", "forget", "anna", "--json")[0] == 0
    assert machine.run("device", "--json")[0] == 0
    assert machine.run("device", "--account", "anna", "--json")[0] == 3
    machine.more["ANNULET_KEY"] = f"{'8d' * 32},{'7c' * 32}"
    code, out, _ = machine.run("vault", "rotate", "--json")
    assert code == 0, out
    machine.more["ANNULET_KEY"] = "8d" * 32
    assert machine.run("device", "--account", "bob", "--json")[0] == 0
    machine.more["ANNULET_KEY"] = "7c" * 32
    code, out, _ = machine.run("device", "--json")
    assert (code, json.loads(out)["error"]["code"]) == (6, "vault_locked")
