"""Several connections on one machine: never replaced unasked, and all of them in sight."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from annulet.simulator import SimulatedOura
from machine import SECRET, Machine, decide
from ports import free_port


@pytest.fixture
def cloud() -> Iterator[tuple[SimulatedOura, str]]:
    oura = SimulatedOura(["newcomer"])
    oura.add_person("guest", zone="Europe/Paris", days=3)
    with oura.serve() as running:
        yield oura, running.url


@pytest.fixture
def machine(tmp_path: Path, cloud: tuple[SimulatedOura, str]) -> Machine:
    """The newcomer is connected on it."""
    oura, url = cloud
    port = free_port()
    back = [f"http://localhost:{port}/callback"]
    oura.register_application("new", "annulet-simulator", SECRET, back)
    home = Machine(tmp_path / "home", url, port)
    assert home.connect()[0] == 0
    return home


def decide_as_guest(url: str) -> str:
    """Another person sits at the browser."""
    return decide(url, person="guest")


def live_tokens(oura: SimulatedOura, person: str) -> int:
    """How many access tokens of a person still work."""
    accesses = [oura.tokens.find_valid(token) for token in oura.tokens.access_tokens]
    return sum(1 for access in accesses if access is not None and access.grant.person == person)


def test_the_consent_of_another_person_replaces_nothing_unasked(
    machine: Machine, cloud: tuple[SimulatedOura, str]
) -> None:
    """Without a terminal it is refused with both ways on, and the new grant ends at Oura."""
    oura, _ = cloud
    code, outcome, _ = machine.connect(visit=decide_as_guest)
    assert code == 2
    assert "newcomer" in outcome["error"]["message"]
    assert "guest" in outcome["error"]["message"]
    assert "--replace" in outcome["error"]["hint"]
    assert "--account NAME" in outcome["error"]["hint"]
    assert (live_tokens(oura, "newcomer"), live_tokens(oura, "guest")) == (1, 0)
    assert machine.run("device", "--json")[0] == 0


def test_replacing_on_purpose_revokes_what_was_there(
    machine: Machine, cloud: tuple[SimulatedOura, str]
) -> None:
    """--replace changes the person and leaves no unused grant alive."""
    oura, _ = cloud
    code, outcome, _ = machine.connect("--replace", visit=decide_as_guest)
    assert code == 0
    assert "newcomer" in outcome["replaced"]
    assert (live_tokens(oura, "newcomer"), live_tokens(oura, "guest")) == (0, 1)
    assert machine.connect(visit=decide_as_guest)[0] == 0  # the same person again needs no question
    assert live_tokens(oura, "guest") >= 1


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(("typed", "code"), [("y", 0), ("", 2)])
def test_a_person_at_a_terminal_is_asked(machine: Machine, typed: str, code: int) -> None:
    """Yes replaces; Enter alone does not."""
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
    with open(ours, "rb", buffering=0, closefd=False) as screen:
        lines = (line.decode().rstrip("\r\n") for line in iter(screen.readline, b""))
        decide_as_guest(next(word for line in lines for word in line.split() if "/oauth" in word))
        seen = b""
        while b"[y/N]" not in seen:
            seen += os.read(ours, 4096)
    os.write(ours, f"{typed}\n".encode())
    process.communicate(timeout=60)
    os.close(ours)
    assert process.returncode == code


def test_status_names_the_oura_account_and_every_connection(machine: Machine) -> None:
    """Whose ring this is, what else is connected, and what the hints must repeat."""
    assert machine.connect("--account", "anna", visit=decide_as_guest)[0] == 0
    code, out, _ = machine.run("status")
    assert code == 0
    assert "newcomer@" in out.split("permissions")[1]
    assert "“anna” of guest@" in out
    assert machine.run("grant", "--tool", "curl", "--account", "anna")[0] == 0
    health = json.loads(machine.run("status", "--account", "anna", "--json")[1])
    assert [entry["account"] for entry in health["connections"]] == ["default", "anna"]
    assert health["capabilities"] == 1

    code, _, err = machine.run("sleep", "--account", "nope")
    assert code == 3
    assert "Connected here: default, anna" in err
    assert "annulet connect --account nope" in err


def test_hints_repeat_the_account(machine: Machine, cloud: tuple[SimulatedOura, str]) -> None:
    """What to type after a revocation connects the same name, not the default one."""
    oura, _ = cloud
    assert machine.connect("--account", "anna", visit=decide_as_guest)[0] == 0
    oura.revoke_grants("guest")
    assert machine.run("sleep", "--account", "anna")[0] == 3
    code, _, err = machine.run("sleep", "--account", "anna")
    assert (code, "annulet connect --account anna" in err) == (3, True), err
    assert "annulet connect --account anna" in machine.run("doctor", "--account", "anna")[1]


def test_a_consent_that_fails_names_the_account(
    machine: Machine, cloud: tuple[SimulatedOura, str]
) -> None:
    """Followed to the letter, the hint connects anna and replaces no default connection."""
    oura, _ = cloud
    oura.faults.add("status:503@oauth-token")
    code, outcome, _ = machine.connect("--account", "anna")
    oura.faults.clear()
    assert code == 5
    assert outcome["error"]["hint"].endswith("annulet connect --account anna"), outcome
