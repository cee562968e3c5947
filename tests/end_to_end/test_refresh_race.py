"""Many processes, one single-use refresh token, and kill -9 wherever it hurts most."""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from annulet.oauth import application
from annulet.oauth.grant import Grant
from annulet.oauth.grant_store import StoredGrant
from annulet.oauth.vault_grants import VaultGrants
from annulet.simulator import SimulatedOura
from annulet.simulator.server import ThreadedServer
from annulet.vault.key_sources import ProvidedKeys
from annulet.vault.secret import Secret
from annulet.vault.store import Vault

KEY = "7c" * 32

# Asks for tokens until it is told that it is enough and tries each at Oura; kills itself where it
# is told to. A token that lives a second may end on its way: then the next one has to work.
WORKER = """
import asyncio, json, os, signal, sys, time, urllib.request, urllib.error
from pathlib import Path
from annulet.errors import AnnuletError
from annulet.oauth.application import client_secret_lookup
from annulet.oauth.vault_grants import VaultGrants
from annulet.oauth.session import TokenSession
from annulet.vault.secret import Secret
from annulet.vault.key_sources import ProvidedKeys
from annulet.vault.store import Vault

home, url, step, enough = sys.argv[1:]

TRIES = 10

def die(here):
    if here == step:
        os.kill(os.getpid(), signal.SIGKILL)

class Store(VaultGrants):
    async def record_intent(self, generation, intent):
        die("locked")
        await super().record_intent(generation, intent)
        die("intent written")
    async def save(self, generation, grant):
        die("answer received")
        row = await super().save(generation, grant)
        die("saved")
        return row

def works(token):
    asked = urllib.request.Request(
        url + "/v2/usercollection/personal_info", headers={"Authorization": "Bearer " + token})
    try:
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return answer.status == 200
    except urllib.error.HTTPError as error:
        error.close()
        return False

async def main():
    vault = Vault(Path(home), clock=time.time, provided_keys=ProvidedKeys(Secret("7c" * 32)))
    session = TokenSession(
        Store(vault, "default"),
        client_secret_lookup(vault, "default", application=None),
        clock=time.time,
    )
    good = bad = 0
    why = ""
    while not (good + bad and (not enough or os.path.exists(enough))):
        try:
            token = await session.access_token()
            for _ in range(TRIES):
                fine = works(token)
                if fine:
                    break
                token = await session.renew(token)
        except AnnuletError as error:
            fine, why = False, error.message
        good, bad = good + fine, bad + (not fine)
        await asyncio.sleep(0.02)
    await session.aclose()
    print(json.dumps({"good": good, "bad": bad, "why": why}))

asyncio.run(main())
"""


class Gate:
    """Stands before the cloud; while it is shut, no answer of the token endpoint comes out."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._free = threading.Event()
        self._free.set()

    def shut(self) -> None:
        self._free.clear()

    def open(self) -> None:
        self._free.set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def let_out(message: Any) -> None:
            await asyncio.to_thread(self._free.wait)
            await send(message)

        held = "oauth-token" in scope["path"] and not self._free.is_set()
        await self._app(scope, receive, let_out if held else send)


@dataclass
class Here:
    """A connected home folder and the simulated cloud it is connected to."""

    cloud: SimulatedOura
    gate: Gate
    url: str
    home: Path

    @property
    def vault(self) -> Vault:
        return Vault(self.home, clock=time.time, provided_keys=ProvidedKeys(Secret(KEY)))

    def connect(self, *, left: float = -1.0) -> None:
        """Put a grant there whose access token has so many seconds left."""
        issued = self.cloud.issue("newcomer", expires_in=max(left, 0.001))
        now = time.time()
        grant = Grant(
            client_id=self.cloud.application.client_id,
            token_url=f"{self.url}/oauth/v2/ext/oauth-token",
            revoke_url="",
            access_token=Secret(issued.access.value),
            refresh_token=Secret(issued.refresh.value),
            issued_at=now - 100.0,
            expires_at=now + left,
        )
        vault = self.vault
        registered = application.Application(
            self.cloud.application.client_id, Secret(self.cloud.application.client_secret)
        )
        application.store_application(vault, "default", registered)
        asyncio.run(VaultGrants(vault, "default").replace(grant))

    def row(self) -> StoredGrant:
        row = asyncio.run(VaultGrants(self.vault, "default").load())
        assert row is not None
        return row

    @property
    def enough(self) -> Path:
        """The file that ends the workers."""
        return self.home.with_name("enough")

    def worker(self, step: str = "-", *, until_enough: bool = False) -> subprocess.Popen[str]:
        """One that asks once, or again and again until it is enough."""
        enough = str(self.enough) if until_enough else ""
        return subprocess.Popen(
            [sys.executable, "-c", WORKER, str(self.home), self.url, step, enough],
            stdout=subprocess.PIPE,
            text=True,
        )

    def command(self, *words: str) -> subprocess.Popen[str]:
        environ = {name: os.environ[name] for name in ("PATH",)}
        environ.update(ANNULET_HOME=str(self.home), ANNULET_OURA_API_URL=self.url, ANNULET_KEY=KEY)
        return subprocess.Popen(
            [sys.executable, "-m", "annulet", *words],
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ask(self) -> tuple[int, str]:
        """One ordinary command; its exit code and output."""
        process = self.command("device", "--json")
        out, err = process.communicate(timeout=60)
        return process.returncode, out + err

    def renewals(self) -> list[str]:
        """The outcomes of every request that wanted to renew."""
        return [
            str(request.outcome)
            for request in self.cloud.requests
            if request.grant_type == "refresh_token"
        ]


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Here]:
    cloud = SimulatedOura(["newcomer"])
    gate = Gate(cloud.app)
    with ThreadedServer(gate) as running:
        yield Here(cloud, gate, running.url, tmp_path / "home")
        gate.open()


def test_six_commands_at_once_with_an_expired_token(here: Here) -> None:
    """Exactly one renewal, and every command is answered."""
    here.connect()
    asked = [here.command("device", "--json") for _ in range(6)]
    answers = [process.communicate(timeout=60) for process in asked]
    assert [process.returncode for process in asked] == [0] * 6, answers
    assert here.renewals() == ["refreshed"]


def test_six_processes_with_tokens_that_live_a_second(here: Here) -> None:
    """Renewal after renewal under load: no failed call, no refresh token used twice."""
    race(here, renewals=4)


@pytest.mark.full
def test_six_processes_through_twenty_renewals(here: Here) -> None:
    """The long race: not one failed call."""
    race(here, renewals=20)


def race(here: Here, *, renewals: int) -> None:
    """Six workers; every call must work, and Oura must never see a used refresh token."""
    here.cloud.options.expires_in = 1
    here.connect()
    workers = [here.worker(until_enough=True) for _ in range(6)]
    try:
        while len(here.renewals()) < renewals:
            assert [worker.poll() for worker in workers] == [None] * 6
            time.sleep(0.02)
    finally:
        here.enough.touch()
        told = [json.loads(worker.communicate(timeout=60)[0]) for worker in workers]
    assert all(worker_result["good"] for worker_result in told)
    assert [worker_result["why"] for worker_result in told if worker_result["bad"]] == []
    assert set(here.renewals()) == {"refreshed"}


@pytest.mark.parametrize("step", ["locked", "intent written", "saved"])
def test_killed_where_nothing_is_lost(here: Here, step: str) -> None:
    """Before the request and after the save, the next command just works."""
    here.connect()
    worker = here.worker(step)
    worker.communicate(timeout=60)
    assert worker.returncode == -signal.SIGKILL
    code, output_text = here.ask()
    assert code == 0, output_text
    assert set(here.renewals()) == {"refreshed"}
    assert here.row().intent is None


def test_killed_between_oura_and_the_disk(here: Here) -> None:
    """The window no client can close: the next command says what happened, and keeps the grant."""
    here.connect()
    worker = here.worker("answer received")
    worker.communicate(timeout=60)
    assert worker.returncode == -signal.SIGKILL
    for _ in range(2):
        code, output_text = here.ask()
        assert code == 3
        assert "needs_reconnect" in output_text
        assert "interrupted" in output_text
    assert here.row().needs_reconnect == "interrupted"
    assert len(here.renewals()) == 2
    here.connect(left=50.0)
    assert here.ask()[0] == 0


def test_a_revoked_grant_is_called_revoked(here: Here) -> None:
    """Revoked at Oura is not the same story as interrupted."""
    here.connect(left=80.0)
    here.cloud.revoke_grants()
    code, output_text = here.ask()
    assert code == 3
    assert "revoked" in output_text
    assert here.row().needs_reconnect == "revoked"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_wait_for_the_save(here: Here, number: signal.Signals) -> None:
    """Ended by the system or by Ctrl-C while Oura answers: the new pair is saved first."""
    here.connect()
    here.gate.shut()
    process = here.command("device", "--json")
    while not here.renewals():
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    process.send_signal(number)
    here.gate.open()
    out, err = process.communicate(timeout=60)
    assert process.returncode in {-number, 130}, out + err
    row = here.row()
    assert row.intent is None
    assert row.grant.is_alive(time.time())
    assert here.ask()[0] == 0
    assert here.renewals() == ["refreshed"]


def test_an_outage_with_an_expired_token(here: Here) -> None:
    """Exit code 5 and nothing lost; when Oura is back, so is the connection."""
    here.connect()
    here.cloud.faults.add("status:503@oauth-token")
    code, output_text = here.ask()
    assert code == 5
    assert "Nothing is lost" in output_text
    here.cloud.faults.clear()
    while code == 5:  # as long as it says to try again in some seconds
        assert re.search(r"Try again in \d+ s", output_text)
        code, output_text = here.ask()
    assert code == 0, output_text


def test_an_outage_with_a_living_token(here: Here) -> None:
    """The old token is used, and the person notices nothing."""
    here.connect(left=30.0)
    here.cloud.faults.add("cut@oauth-token")
    assert here.ask()[0] == 0
    assert here.row().intent is not None


@pytest.mark.full
def test_killed_fifty_times_at_random_moments(here: Here) -> None:
    """No grant is lost, but inside the window between Oura and the disk; then it is said so."""
    here.cloud.options.expires_in = 1
    here.connect()
    rng = random.Random(7)
    interrupted = 0
    for _ in range(50):
        workers = [here.worker(until_enough=True) for _ in range(2)]
        time.sleep(0.6 + rng.random())
        for worker in workers:
            worker.kill()
            worker.communicate()
        code, output_text = here.ask()
        if code == 3:
            assert "interrupted" in output_text
            assert here.row().needs_reconnect == "interrupted"
            interrupted += 1
            here.connect()
        else:
            assert code == 0, output_text
    assert interrupted < 25
