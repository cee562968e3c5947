"""Oura tells a running service of new data: switched on, told, renewed, refused, switched off."""

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


class Stage:
    """The service as a process, a simulated Oura behind it, and one person who runs it."""

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
        done = subprocess.run(
            [sys.executable, "-m", "annulet", "admin", "webhooks", *words],
            env=self.service.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return done.returncode, done.stdout, done.stderr

    def status(self) -> dict[str, Any]:
        code, out, _ = self.shell("status", "--json")
        assert code == 0
        return dict(json.loads(out))

    def requests(self) -> int:
        """How often Oura is asked for one question."""
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

    def deliver(self, **said: Any) -> list[int]:
        event = {"person": "plain", "data_type": "daily_sleep", "object_id": "o-1", **said}
        with httpx2.Client(trust_env=False, timeout=60) as http:
            tried = http.post(f"{self.oura_url}/_control/webhooks/deliver", json=event).json()
        return [made["status"] for made in tried]

    def subscriptions(self) -> list[dict[str, str]]:
        application = {
            "x-client-id": self.service.environment["ANNULET_CLIENT_ID"],
            "x-client-secret": self.service.environment["ANNULET_CLIENT_SECRET"],
        }
        with httpx2.Client(trust_env=False, headers=application, timeout=60) as http:
            return list(http.get(f"{self.oura_url}/v2/webhook/subscription").json())

    def told(self) -> bool:
        facts = self.person.get("/toolkits/oura/facts")
        return "Last data from Oura" in facts and "othing told yet" not in facts


def until(true: Callable[[], bool]) -> None:
    """Wait for what happens after the answer; the limit is there for a service that hangs."""
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    cloud = SimulatedOura(["plain"])
    with cloud.serve() as running:
        made = Stage(tmp_path, cloud, running.url)
        made.join()
        yield made
        made.person.close()
        if made.service.process is not None and made.service.process.poll() is None:
            made.service.stop()


def test_oura_tells_of_new_data(stage: Stage) -> None:
    """From off to on, an event, a forged one, renewal, and off again, all while it runs."""
    assert stage.status()["state"] == "off"
    assert stage.subscriptions() == []

    # as if it had been switched on 85 days ago: the subscriptions end in five days
    stage.cloud.clock.advance(-timedelta(days=85))
    code, out, said = stage.shell("on")
    assert (code, out) == (0, "On. Oura tells of new data, in 48 subscriptions.\n")
    assert "Subscribed: 48" in said
    stage.cloud.clock.advance(timedelta(days=85))
    assert {one["callback_url"] for one in stage.subscriptions()} == {stage.callback}
    assert len(stage.subscriptions()) == ALL

    assert stage.requests() > 0
    assert stage.requests() == 0
    assert stage.deliver(forged=True) == [401]
    assert stage.deliver(age=3 * 3600) == [401]
    assert stage.requests() == 0
    assert not stage.told()
    assert stage.deliver() == [200]
    until(stage.told)
    assert stage.requests() > 0

    first = min(one["expiration_time"] for one in stage.subscriptions())
    stage.person.get("/admin")
    stage.person.submit("/admin/updates/check")
    until(lambda: stage.cloud.requests.count("/renew/", status=200) == ALL)
    until(lambda: stage.status()["state"] == "on")
    assert min(one["expiration_time"] for one in stage.subscriptions()) > first

    assert stage.service.stop() is not None
    stage.service.start()
    assert stage.deliver(object_id="o-2") == [200]
    assert stage.shell("off")[:2] == (
        0,
        "Off. annulet asks Oura only when somebody asks a question.\n",
    )
    assert stage.subscriptions() == []
    only_what_is_allowed(stage)


def only_what_is_allowed(stage: Stage) -> None:
    """Towards Oura: reading, signing in, and the one exception, subscriptions of our application.

    Only the last changes anything there, and it never carries anybody's token.
    """
    browser = {"/oauth/v2/ext/oauth-authorize", "/oauth/authorize"}
    for request in stage.cloud.requests:
        if request.path.startswith(("/_control", *browser)):
            continue  # the test and the person's browser
        if request.path.startswith("/v2/webhook/subscription"):
            assert request.method in {"GET", "POST", "PUT", "DELETE"}
            assert "authorization" not in request.headers
            assert request.client_id == stage.service.environment["ANNULET_CLIENT_ID"]
        elif request.method != "GET":
            assert (request.method, request.path) in {("POST", path) for path in OAUTH}
        else:
            assert request.path.startswith(("/v2/usercollection/", "/oauth/v2/ext/"))


@pytest.mark.full
def test_what_oura_refuses_is_told(stage: Stage) -> None:
    """Nobody home, another owner, an outage at the end: each in words, and it mends itself."""
    process = stage.service
    process.stop()
    code, out, said = stage.shell("on")
    assert (code, out) == (5, "")
    assert f"Oura could not reach {stage.callback}" in said
    assert stage.subscriptions() == []
    process.start()
    until(lambda: len(stage.subscriptions()) == ALL)

    subscriptions = stage.cloud.webhooks.subscriptions.by_id
    name = next(iter(subscriptions))
    taken = replace(subscriptions[name], callback_url="http://127.0.0.2:9/told")
    subscriptions[name] = taken
    code, _, said = stage.shell("on")
    assert code == 5
    assert "1 of 48" in said
    assert "127.0.0.2" in said
    assert subscriptions[name] == taken

    stage.cloud.faults.add("status:503@/v2/webhook/subscription")
    assert stage.shell("off")[0] == 5
    stage.cloud.faults.clear()
    assert stage.status()["on"] is False
    left = len(stage.subscriptions())
    assert stage.deliver(data_type="workout", event_type="delete") == [410]
    assert len(stage.subscriptions()) == left - 1
    assert stage.shell("off")[0] == 0
    assert [one["callback_url"] for one in stage.subscriptions()] == [taken.callback_url]
