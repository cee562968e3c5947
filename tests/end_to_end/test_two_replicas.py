"""Two processes on one database: what is changed on one, the next request to the other obeys."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from annulet.simulator import SimulatedOura

sys.path.insert(0, str(Path(__file__).with_name("hosted")))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from service import PASSWORD, Person, Service

from pgbouncer import running_pooled_postgresql
from postgresql import running_postgresql

SUMMARY = "oura_daily_summary"


class Replicas:
    """Two replicas of one service, and the simulated Oura behind both."""

    def __init__(self, folder: Path, oura: SimulatedOura, oura_url: str, database: str) -> None:
        (folder / "first").mkdir()
        (folder / "second").mkdir()
        self.oura, self.oura_url = oura, oura_url
        # each registers the application, and the last registration counts
        self.second = Service(folder / "second", oura_url, oura)
        self.first = Service(folder / "first", oura_url, oura)
        if database:
            self.first.environment["ANNULET_DATABASE_URL"] = database
            command = [sys.executable, "-m", "annulet", "admin", "migrate"]
            subprocess.run(command, env=self.first.environment, check=True, timeout=120)
        # the same keys, the same application, the same public address, another port
        port = self.second.environment["ANNULET_PORT"]
        self.second.environment = {
            **self.first.environment,
            "ANNULET_PORT": port,
            "ANNULET_PUBLIC_URL": self.first.url,
        }
        self.first.start()
        self.second.start()
        self.http = httpx2.Client(trust_env=False, timeout=60)

    def stop(self) -> None:
        self.http.close()
        for replica in (self.first, self.second):
            if replica.process is not None and replica.process.poll() is None:
                replica.stop()


class Asker:
    """A person with one browser on the first replica, and an assistant on the second."""

    def __init__(self, replicas: Replicas, login: str, ring: str) -> None:
        self.replicas, self.login = replicas, login
        self.person = Person(replicas.first.url)
        self.person.get("/sign-up")
        fields = {"login": login, "password": PASSWORD, "timezone": "UTC"}
        self.person.submit("/sign-up", **fields)
        assert "Successful connection" in self.person.connect(ring)
        self.new_endpoint()

    def new_endpoint(self) -> None:
        person = self.person
        person.get("/endpoints/new")
        person.submit("/endpoints", kind="other", auth="key", name="Shell")
        self.endpoint = str(person.page.url).rsplit("/", 1)[1]
        person.submit(f"/endpoints/{self.endpoint}/keys", lifetime="90", scope="oura:read")
        self.key = re.search(r"annulet_[\w-]{43}", person.page.text).group(0)

    def send(self, replica: Service, tool: str = SUMMARY) -> httpx2.Response:
        call = {"name": tool, "arguments": {}}
        return self.replicas.http.post(
            f"{replica.url}/mcp/{self.endpoint}",
            json={"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call},
            headers={
                "authorization": f"Bearer {self.key}",
                "accept": "application/json, text/event-stream",
                "host": self.replicas.first.url.removeprefix("http://"),
            },
        )

    def ask(self, tool: str = SUMMARY) -> dict[str, Any]:
        """Ask the second replica; its answer, which must be one of health data."""
        response = self.send(self.replicas.second, tool)
        answer = read_answer(response)
        assert "summary" in answer, response.text
        return answer

    def ask_for_error(self) -> str:
        """Ask the second replica; the code of its failure."""
        return str(read_answer(self.send(self.replicas.second))["error"]["code"])


def read_answer(response: httpx2.Response) -> dict[str, Any]:
    line = next(part for part in response.text.splitlines() if part.startswith(("data:", "{")))
    return dict(json.loads(line.removeprefix("data:"))["result"]["structuredContent"])


@contextmanager
def no_server() -> Iterator[str]:
    """SQLite in the folder of the service."""
    yield ""


SERVERS = {
    "sqlite": no_server,
    "postgresql": running_postgresql,
    "pgbouncer": running_pooled_postgresql,
}


@pytest.fixture(
    scope="module",
    params=["sqlite", "postgresql", pytest.param("pgbouncer", marks=pytest.mark.full)],
)
def replicas(request, tmp_path_factory) -> Iterator[Replicas]:
    oura = SimulatedOura(["plain", "shift"])
    with oura.serve() as cloud:
        folder = tmp_path_factory.mktemp("replicas")
        with SERVERS[request.param]() as address:
            running = Replicas(folder, oura, cloud.url, address)
            yield running
            running.stop()


@pytest.fixture(scope="module")
def admin(replicas) -> Iterator[Asker]:
    """The first account of the service, which is its admin."""
    asker = Asker(replicas, "admin@example.net", "plain")
    yield asker
    asker.person.close()


@pytest.fixture
def anna(replicas, admin, request) -> Iterator[Asker]:
    """A member whose data the second replica has in memory."""
    name = re.sub(r"\W+", "-", request.node.name)
    asker = Asker(replicas, f"{name}@example.net"[:64], "plain")
    asker.ask()
    yield asker
    asker.person.close()


def test_a_disconnection_and_another_ring(replicas, anna) -> None:
    """No answer after a disconnection; after another consent, the other person's nights alone."""
    before = anna.ask()
    anna.person.get("/dashboard")
    anna.person.submit("/toolkits/oura/disconnect")
    assert anna.ask_for_error() == "not_connected"
    anna.person.get("/dashboard")
    anna.person.submit("/connect/oura")
    answer = {"person": "shift", "decision": "allow", "scopes_shown": "1"}
    anna.person.post(str(anna.person.page.url), {**answer, "scope": ["daily", "personal"]})
    after = anna.ask()
    assert after == read_answer(anna.send(replicas.first))
    assert after["table"] != before["table"]


def test_switches_of_the_account(anna) -> None:
    """The zone, the tools, the name and the end of an endpoint hold for the next question."""
    assert anna.ask()["period"]["timezone"] == "UTC"
    anna.person.get("/account")
    anna.person.submit("/account/profile", name="Anna", timezone="Asia/Tokyo")
    assert anna.ask()["period"]["timezone"] == "Asia/Tokyo"
    anna.person.get(f"/endpoints/{anna.endpoint}")
    anna.person.submit(f"/endpoints/{anna.endpoint}/tools", tool=["oura_trends"])
    assert anna.ask_for_error() == "bad_input"
    anna.person.get(f"/endpoints/{anna.endpoint}")
    anna.person.submit(f"/endpoints/{anna.endpoint}/tools", tool=[SUMMARY])
    anna.ask()
    anna.person.get(f"/endpoints/{anna.endpoint}")
    anna.person.submit(f"/endpoints/{anna.endpoint}/delete")
    assert anna.send(anna.replicas.second).status_code in {401, 404}


def test_the_end_of_a_key_and_of_a_browser_session(replicas, anna) -> None:
    """A revoked key opens nothing; a session that was signed out opens no page elsewhere."""
    anna.person.get("/keys")
    anna.person.submit(re.search(r"/keys/[0-9a-f]+/revoke", anna.person.page.text).group(0))
    assert anna.send(replicas.second).status_code == 401
    cookies = "; ".join(f"{c.name}={c.value}" for c in anna.person.http.cookies.jar)
    headers = {"host": replicas.first.url.removeprefix("http://"), "cookie": cookies}
    page = f"{replicas.second.url}/keys"
    assert replicas.http.get(page, headers=headers).status_code == 200
    anna.person.get("/account")
    anna.person.submit("/sign-out")
    assert replicas.http.get(page, headers=headers).status_code == 303


@pytest.mark.parametrize("end", ["disable", "delete"])
def test_the_end_of_an_account(admin, anna, end) -> None:
    """An account that the admin disables or deletes reads nothing more."""
    row = admin.person.get("/admin").split(anna.login, 1)[1]
    path = re.search(rf"/admin/people/[0-9a-f]+/{end}", row).group(0)
    admin.person.submit(path)
    status = {"disable": 401, "delete": 404}[end]
    assert anna.send(anna.replicas.second).status_code == status


def test_a_consent_that_oura_has_ended(replicas, anna) -> None:
    """Once one replica has learned that the grant is revoked, none answers from memory."""
    replicas.oura.revoke_grants("plain")
    response = anna.send(replicas.first, "oura_sleep_sessions")
    assert read_answer(response)["error"]["code"] == "needs_reconnect"
    assert anna.ask_for_error() == "needs_reconnect"


def test_an_event_of_oura(replicas, admin, anna) -> None:
    """What Oura has announced to one replica, the other asks for, however many events come."""
    admin.person.get("/admin")
    admin.person.submit("/admin/updates/on")
    end = time.monotonic() + 60
    while "Oura sends events" not in admin.person.get("/admin/updates"):
        assert time.monotonic() < end
        time.sleep(0.1)
    for number in range(3):
        before = replicas.oura.requests.count("usercollection")
        anna.ask()
        assert replicas.oura.requests.count("usercollection") == before, "answered from memory"
        event = {"person": "plain", "data_type": "daily_sleep", "object_id": f"o-{number}"}
        deliver = f"{replicas.oura_url}/_control/webhooks/deliver"
        (delivery,) = replicas.http.post(deliver, json=event).json()
        assert delivery["status"] == 200
        before = replicas.oura.requests.count("usercollection")
        anna.ask()
        assert replicas.oura.requests.count("usercollection") > before


def test_an_answer_that_takes_long(replicas, anna) -> None:
    """An answer that is still being read when the person disconnects is never sent."""
    replicas.oura.faults.add("delay", 3, path="daily_readiness")
    responses: list[httpx2.Response] = []
    anna.person.get("/account")  # another zone: nothing is in memory
    anna.person.submit("/account/profile", name="Anna", timezone="Asia/Tokyo")
    call = threading.Thread(target=lambda: responses.append(anna.send(replicas.second)))
    began = replicas.oura.requests.count("daily_readiness")
    call.start()
    while replicas.oura.requests.count("daily_readiness") == began and call.is_alive():
        time.sleep(0.05)
    anna.person.get("/dashboard")
    anna.person.submit("/toolkits/oura/disconnect")
    call.join()
    replicas.oura.faults.clear()
    assert "table" not in responses[0].text
    assert responses[0].status_code == 503 or "not_connected" in responses[0].text
