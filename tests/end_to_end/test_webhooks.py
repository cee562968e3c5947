"""Events of Oura for a running service: switched on, sent, renewed, refused, switched off."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from annulet.simulator import SimulatedOura

sys.path.insert(0, str(Path(__file__).with_name("hosted")))
from service import PASSWORD, Person, Service

ALL = 48
OAUTH = {"/oauth/v2/ext/oauth-token", "/oauth/v2/ext/oauth-revoke"}


class Installation:
    """The service as a process, a simulated Oura behind it, and its only person, the admin."""

    def __init__(self, folder: Path, cloud: SimulatedOura, oura_url: str) -> None:
        self.cloud, self.oura_url = cloud, oura_url
        self.service = Service(folder, oura_url, cloud)
        self.service.start()
        self.person = Person(self.service.url)
        self.callback = f"{self.service.url}/webhooks/oura"

    def join(self) -> None:
        person = self.person
        person.get("/sign-up")
        person.submit("/sign-up", login="anna@example.net", password=PASSWORD, timezone="UTC")
        assert "Successful connection" in person.connect("plain")
        person.get("/endpoints/new")
        person.submit("/endpoints", kind="other", auth="key", name="Shell")
        self.endpoint = str(person.page.url).rsplit("/", 1)[1]
        person.submit(f"/endpoints/{self.endpoint}/keys", lifetime="90", scope="oura:read")
        self.key = re.search(r"annulet_[\w-]{43}", person.page.text).group(0)

    def shell(self, *words: str) -> tuple[int, str, str]:
        finished = subprocess.run(
            [sys.executable, "-m", "annulet", "admin", "webhooks", *words],
            env=self.service.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return finished.returncode, finished.stdout, finished.stderr

    def status(self) -> dict[str, Any]:
        code, out, _ = self.shell("status", "--json")
        assert code == 0
        return dict(json.loads(out))

    def requests(self) -> int:
        """How many requests to Oura one question needs."""
        before = self.cloud.requests.count("usercollection")
        call = {"name": "oura_daily_summary", "arguments": {"sections": ["sleep"]}}
        answer = httpx2.post(
            f"{self.service.url}/mcp/{self.endpoint}",
            json={"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call},
            headers={
                "authorization": f"Bearer {self.key}",
                "accept": "application/json, text/event-stream",
            },
            timeout=60,
            trust_env=False,
        )
        assert "sleep_score" in answer.text
        return self.cloud.requests.count("usercollection") - before

    def deliver(self, **fields: Any) -> list[int]:
        """Let the simulated Oura send an event; the statuses of the answers."""
        event = {"person": "plain", "data_type": "daily_sleep", "object_id": "o-1", **fields}
        with httpx2.Client(trust_env=False, timeout=60) as http:
            deliveries = http.post(f"{self.oura_url}/_control/webhooks/deliver", json=event).json()
        return [delivery["status"] for delivery in deliveries]

    def subscriptions(self) -> list[dict[str, str]]:
        application = {
            "x-client-id": self.service.environment["ANNULET_CLIENT_ID"],
            "x-client-secret": self.service.environment["ANNULET_CLIENT_SECRET"],
        }
        with httpx2.Client(trust_env=False, headers=application, timeout=60) as http:
            return list(http.get(f"{self.oura_url}/v2/webhook/subscription").json())

    def has_event(self) -> bool:
        facts = self.person.get("/toolkits/oura/facts")
        return "Last data from Oura" in facts and "no event yet" not in facts


def until(condition: Callable[[], bool]) -> None:
    """Wait for what the service does beside its answers; the limit ends a service that hangs."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    cloud = SimulatedOura(["plain"])
    with cloud.serve() as running:
        started = Installation(tmp_path, cloud, running.url)
        started.join()
        yield started
        started.person.close()
        if started.service.process is not None and started.service.process.poll() is None:
            started.service.stop()


def test_events_while_the_service_runs(installation: Installation) -> None:
    """From off to on, a forged event, an event, renewal, a restart, and off again."""
    assert installation.status()["state"] == "off"
    assert installation.subscriptions() == []

    # as if it had been switched on 85 days ago: the subscriptions end in five days
    installation.cloud.clock.advance(-timedelta(days=85))
    assert installation.shell("on")[:2] == (0, "On. Oura sends events for 48 subscriptions.\n")
    installation.cloud.clock.advance(timedelta(days=85))
    assert {entry["callback_url"] for entry in installation.subscriptions()} == {
        installation.callback
    }
    assert len(installation.subscriptions()) == ALL

    assert installation.requests() > 0
    assert installation.requests() == 0
    assert installation.deliver(forged=True) == [401]
    assert installation.deliver(age=3 * 3600) == [401]
    assert installation.requests() == 0
    assert not installation.has_event()
    assert installation.deliver() == [200]
    assert installation.has_event()
    assert installation.requests() > 0

    first = min(entry["expiration_time"] for entry in installation.subscriptions())
    installation.person.get("/admin")
    installation.person.submit("/admin/updates/check")
    until(lambda: installation.cloud.requests.count("/renew/", status=200) == ALL)
    until(lambda: installation.status()["state"] == "on")
    assert min(entry["expiration_time"] for entry in installation.subscriptions()) > first

    assert installation.service.stop() is not None
    installation.service.start()
    assert installation.deliver(object_id="o-2") == [200]
    assert installation.shell("off")[:2] == (
        0,
        "Off. annulet reads from Oura only when a question is asked.\n",
    )
    assert installation.subscriptions() == []
    only_what_is_allowed(installation)


def only_what_is_allowed(installation: Installation) -> None:
    """Check every request to Oura: reads, sign-in, and subscriptions of the own application.

    Only the subscriptions change anything there, and they never carry the token of a person.
    """
    browser = {"/oauth/v2/ext/oauth-authorize", "/oauth/authorize"}
    for request in installation.cloud.requests:
        if request.path.startswith(("/_control", *browser)):
            continue  # the test and the person's browser
        if request.path.startswith("/v2/webhook/subscription"):
            assert request.method in {"GET", "POST", "PUT", "DELETE"}
            assert "authorization" not in request.headers
            assert request.client_id == installation.service.environment["ANNULET_CLIENT_ID"]
        elif request.method != "GET":
            assert (request.method, request.path) in {("POST", path) for path in OAUTH}
        else:
            assert request.path.startswith(("/v2/usercollection/", "/oauth/v2/ext/"))


@pytest.mark.full
def test_problems_at_oura(installation: Installation) -> None:
    """An unreachable service, another owner, an outage: each is explained, and ends by itself."""
    process = installation.service
    process.stop()
    code, out, err = installation.shell("on")
    assert (code, out) == (5, "")
    assert f"Oura could not reach {installation.callback}" in err
    assert installation.subscriptions() == []
    process.start()
    until(lambda: len(installation.subscriptions()) == ALL)

    subscriptions = installation.cloud.webhooks.subscriptions.by_id
    name = next(iter(subscriptions))
    taken = replace(subscriptions[name], callback_url="http://127.0.0.2:9/told")
    subscriptions[name] = taken
    code, _, err = installation.shell("on")
    assert code == 5
    assert "1 of 48" in err
    assert "127.0.0.2" in err
    assert subscriptions[name] == taken

    installation.cloud.faults.add("status:503@/v2/webhook/subscription")
    assert installation.shell("off")[0] == 5
    installation.cloud.faults.clear()
    assert installation.status()["on"] is False
    left = len(installation.subscriptions())
    assert installation.deliver(data_type="workout", event_type="delete") == [410]
    assert len(installation.subscriptions()) == left - 1
    assert installation.shell("off")[0] == 0
    assert [entry["callback_url"] for entry in installation.subscriptions()] == [taken.callback_url]
