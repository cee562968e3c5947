"""Subscriptions at Oura: what the reconciler changes, and what the status says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from annulet.hosted.webhooks.oura_webhook_api import OuraWebhookApi
from annulet.hosted.webhooks.subscription_reconciler import (
    KINDS,
    SUBSCRIPTIONS_JOB,
    SubscriptionReconciler,
)
from annulet.hosted.webhooks.subscription_settings import SubscriptionSettings
from annulet.hosted.webhooks.subscription_status import SubscriptionStatus, describe_status

HERE = "http://127.0.0.1:8080/webhooks/oura"
ELSEWHERE = "https://other.example/events"


@dataclass
class FakeOura:
    """The subscription routes, with answers to order."""

    now: datetime
    listed: dict[str, dict[str, str]] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    bodies: list[dict[str, str]] = field(default_factory=list)
    failing: dict[str, int] = field(default_factory=dict)
    vanishing: set[str] = field(default_factory=set)
    unknown_status: int = 403
    hook: Any = None
    created: int = 0

    def add(self, kind: tuple[str, str], url: str = HERE, days: float = 90) -> str:
        self.created += 1
        name = f"s-{self.created}"
        self.listed[name] = {
            "id": name,
            "callback_url": url,
            "data_type": kind[0],
            "event_type": kind[1],
            "expiration_time": (self.now + timedelta(days=days)).replace(tzinfo=None).isoformat(),
        }
        return name

    def kinds(self, url: str = HERE) -> set[tuple[str, str]]:
        listed = [entry for entry in self.listed.values() if entry["callback_url"] == url]
        return {(entry["data_type"], entry["event_type"]) for entry in listed}

    def count(self, method: str) -> int:
        return sum(requested == method for requested, _ in self.requests)

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path.removeprefix("/v2/webhook/subscription")
        self.requests.append((request.method, path))
        assert request.headers["x-client-id"] == "annulet-simulator"
        assert request.headers["x-client-secret"]
        assert "authorization" not in request.headers
        if self.hook is not None:
            await self.hook(request.method)
        if request.method in self.failing:
            return httpx2.Response(self.failing[request.method], text="<html>not JSON</html>")
        return self.answer(request, path.rsplit("/", 1)[-1])

    def answer(self, request: httpx2.Request, name: str) -> httpx2.Response:
        if request.method == "GET":
            return httpx2.Response(200, json=list(self.listed.values()))
        if request.method == "POST":
            body = json.loads(request.content)
            self.bodies.append(body)
            kind = (body["data_type"], body["event_type"])
            if kind in self.kinds(HERE) | self.kinds(ELSEWHERE):
                return httpx2.Response(409, json={"detail": "There is one."})
            return httpx2.Response(201, json=self.listed[self.add(kind, body["callback_url"])])
        if name in self.vanishing:
            self.listed.pop(name, None)
        if name not in self.listed:
            return httpx2.Response(self.unknown_status, json={"detail": "unknown"})
        if request.method == "DELETE":
            del self.listed[name]
            return httpx2.Response(204)
        ends = (self.now + timedelta(days=90)).replace(tzinfo=None)
        self.listed[name]["expiration_time"] = ends.isoformat()
        return httpx2.Response(200, json=self.listed[name])


class Setup:
    """A reconciler in front of a fake Oura."""

    def __init__(self, hosted: Any) -> None:
        self.hosted = hosted
        self.oura = FakeOura(hosted.clock())
        self.settings: SubscriptionSettings = hosted.service.webhooks.settings
        self.http = httpx2.AsyncClient(transport=httpx2.MockTransport(self.oura))
        self.api = OuraWebhookApi(hosted.settings, self.http)
        self.reconciler = self.new_reconciler(self.settings)

    def new_reconciler(self, settings: SubscriptionSettings) -> SubscriptionReconciler:
        return SubscriptionReconciler(clock=self.hosted.clock, settings=settings, api=self.api)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Setup]:
        async with self.http:
            yield self

    async def switch(self, *, on: bool) -> SubscriptionStatus:
        await self.settings.decide(on=on)
        await self.reconciler.reconcile()
        return await self.status()

    async def status(self) -> SubscriptionStatus:
        return await self.hosted.service.webhooks.read_status()

    async def requests_when_due(self) -> int:
        """How many requests the loop sends at its next turn."""
        self.oura.requests.clear()
        await self.reconciler.reconcile_if_due()
        return len(self.oura.requests)


@pytest.fixture
async def setup(hosted):
    """A service whose reconciler asks a fake Oura."""
    # the job of the service itself has looked, and does not look again while a test runs
    for _ in range(2000):
        if any(run.name == SUBSCRIPTIONS_JOB for run in await hosted.service.job_runs.read_all()):
            break
        await asyncio.sleep(0.005)
    async with Setup(hosted).open() as opened:
        yield opened


def test_every_kind_annulet_can_read() -> None:
    """Sixteen data types with three kinds of event each; meals cannot be read."""
    assert len(KINDS) == len(set(KINDS)) == 48
    assert "meal" not in {data_type for data_type, _ in KINDS}


async def test_nothing_happens_before_an_admin_decides(setup) -> None:
    """Updates are off, and Oura is asked nothing."""
    assert (await setup.status()).state == "off"
    assert await setup.requests_when_due() == 0


async def test_on_and_off(setup) -> None:
    """On creates every kind with one token; off deletes those that lead here and no others."""
    setup.oura.add(("meal", "create"), ELSEWHERE)
    setup.oura.add(("meal", "update"))
    await setup.settings.decide(on=True)
    assert (await setup.status()).state == "changing"
    await setup.reconciler.reconcile()
    status = await setup.status()
    assert (status.state, status.observed.active) == ("on", 49)
    assert setup.oura.kinds() == {*KINDS, ("meal", "update")}
    (token,) = {body["verification_token"] for body in setup.oura.bodies}
    assert len(token) == 64
    assert await setup.requests_when_due() == 0
    await setup.settings.decide(on=False)
    assert (await setup.status()).state == "changing"
    await setup.reconciler.reconcile()
    assert (await setup.status()).state == "off"
    assert setup.oura.kinds() == set()
    assert setup.oura.kinds(ELSEWHERE) == {("meal", "create")}


async def test_subscriptions_are_renewed_in_their_last_week(setup) -> None:
    """Eight days before the end nothing is renewed, six days before it everything is."""
    await setup.switch(on=True)
    for days, renewed in ((82, 0), (2, 48)):
        setup.hosted.clock.advance(days=days)
        setup.oura.now = setup.hosted.clock()
        setup.oura.requests.clear()
        await setup.reconciler.reconcile_if_due()
        assert setup.oura.count("PUT") == renewed
        assert setup.oura.count("POST") == 0
    assert (await setup.status()).observed.active == 48


async def test_a_missing_end_is_renewed(setup) -> None:
    """A subscription of which Oura does not say when it ends is renewed; a zone is converted."""
    names = [setup.oura.add(kind) for kind in KINDS]
    setup.oura.listed[names[0]]["expiration_time"] = ""
    setup.oura.listed[names[1]]["expiration_time"] = "2026-06-01T04:00:00+02:00"
    setup.oura.listed["odd"] = {"callback_url": HERE}
    status = await setup.switch(on=True)
    assert setup.oura.count("PUT") == 1
    ends = datetime(2026, 6, 1, 2, tzinfo=UTC)
    assert status.observed.expires_at == int(ends.timestamp())


async def test_compared_every_six_hours_and_sooner_after_a_problem(setup) -> None:
    """While all is well Oura is asked every six hours."""
    await setup.switch(on=True)
    assert await setup.requests_when_due() == 0
    setup.hosted.clock.advance(hours=6)
    setup.oura.failing = {"GET": 503}
    assert await setup.requests_when_due() > 0
    assert (await setup.status()).state == "problem"
    setup.oura.failing = {}
    assert await setup.requests_when_due() > 0
    assert (await setup.status()).state == "on"


async def test_vanished_subscriptions_are_created_again(hosted) -> None:
    """Oura answers an unknown id with 403 or 404: the subscription is created again."""
    for status in (403, 404):
        async with Setup(hosted).open() as setup:
            for kind in KINDS:
                setup.oura.add(kind, days=3)
            setup.oura.vanishing = {name for name in setup.oura.listed if name.endswith("7")}
            setup.oura.unknown_status = status
            result = await setup.switch(on=True)
            assert (result.state, result.observed.active) == ("on", 48)
            assert setup.oura.count("POST") == len(setup.oura.vanishing)


async def test_a_deletion_by_another_process_is_no_problem(setup) -> None:
    """A subscription that is gone already is what was wanted."""
    await setup.switch(on=True)

    async def vanish(method: str) -> None:
        if method == "DELETE":
            setup.oura.listed.clear()

    setup.oura.hook = vanish
    assert (await setup.switch(on=False)).state == "off"


async def test_a_creation_by_another_process_is_no_problem(setup) -> None:
    """Oura answers 409, and its list then shows that the subscription leads here."""

    async def create_first(method: str) -> None:
        if method == "POST" and not setup.oura.listed:
            setup.oura.add(KINDS[0])

    setup.oura.hook = create_first
    status = await setup.switch(on=True)
    assert (status.state, status.observed.active) == ("on", 48)


async def test_subscriptions_of_another_address_are_named_and_not_touched(setup) -> None:
    """An application has each kind once, so the other address is a problem to be solved there."""
    for kind in KINDS[:3]:
        setup.oura.add(kind, ELSEWHERE)
    status = await setup.switch(on=True)
    assert status.state == "problem"
    assert "3 of 48" in status.summary
    assert ELSEWHERE in status.summary
    assert "an application of its own" in status.hint
    assert len(setup.oura.kinds(ELSEWHERE)) == 3


async def test_problems_are_explained(hosted) -> None:
    """The status says what is wrong and what to do; one failure ends the attempt."""
    for method, status, words in (
        ("GET", 401, "client id and secret"),
        ("GET", 403, "does not allow"),
        ("GET", 429, "limits"),
        ("GET", 500, "did not answer"),
        ("GET", 200, "refused"),
        ("POST", 400, f"could not reach {HERE}"),
        ("POST", 504, "could not reach"),
        ("POST", 502, "did not answer"),
        ("POST", 422, "refused"),
        ("PUT", 500, "did not answer"),
    ):
        async with Setup(hosted).open() as setup:
            for kind in KINDS if method == "PUT" else ():
                setup.oura.add(kind, days=1)
            setup.oura.failing = {method: status}
            result = await setup.switch(on=True)
            assert (result.state, result.on) == ("problem", True), (method, status)
            assert words in result.summary, (method, status)
            assert result.hint, (method, status)
            assert setup.oura.count(method) == 1, (method, status)
            setup.oura.failing = {}
            await setup.reconciler.reconcile_if_due()
            assert (await setup.status()).state == "on", (method, status)


async def test_a_broken_connection_is_a_problem_and_no_crash(setup) -> None:
    """A connection that breaks is told like any other silence."""

    async def cut(_method: str) -> None:
        raise httpx2.ConnectError("cut")

    setup.oura.hook = cut
    assert "did not answer" in (await setup.switch(on=True)).summary


async def test_a_failed_switch_off_says_what_may_be_left(setup) -> None:
    """While Oura does not answer, the admin learns how many subscriptions may be left."""
    await setup.switch(on=True)
    setup.oura.failing = {"DELETE": 503}
    status = await setup.switch(on=False)
    assert (status.state, status.on) == ("problem", False)
    assert "48 subscriptions may be left" in status.summary
    setup.oura.failing = {}
    await setup.reconciler.reconcile_if_due()
    assert (await setup.status()).state == "off"


async def test_a_decision_during_the_work_is_obeyed_next(setup) -> None:
    """Switching off while subscriptions are being created ends them at the next turn."""

    async def switch_off(method: str) -> None:
        if method == "POST" and setup.oura.count("POST") == 5:
            await setup.settings.decide(on=False)

    setup.oura.hook = switch_off
    await setup.switch(on=True)
    assert (await setup.status()).state == "changing"
    setup.oura.hook = None
    await setup.reconciler.reconcile_if_due()
    assert setup.oura.listed == {}
    assert (await setup.status()).state == "off"


async def test_a_copy_of_the_database_leaves_the_original_alone(setup) -> None:
    """Under another address nothing happens until an admin decides there; then all moves."""
    await setup.switch(on=True)
    setup.oura.requests.clear()
    service, there = setup.hosted.service, "https://new.example/webhooks/oura"
    copy = SubscriptionSettings(service.database, service.stored_keys, "annulet-simulator", there)
    reconciler = setup.new_reconciler(copy)
    await reconciler.reconcile()
    assert setup.oura.requests == []
    assert not await copy.is_listening()
    desired, observed = await copy.read_desired(), await copy.read_observed()
    status = describe_status(desired, observed, callback=there, now=0)
    assert status.state == "problem"
    assert HERE in status.summary
    assert there in status.summary
    await copy.decide(on=True)
    await reconciler.reconcile()
    assert setup.oura.kinds() == set()
    assert setup.oura.kinds(there) == set(KINDS)
    assert (await copy.read_observed()).elsewhere == 0


async def test_neglect_is_a_problem(setup) -> None:
    """When the service does not run, the status says that nothing was compared for a day."""
    await setup.switch(on=True)
    setup.hosted.clock.advance(hours=23)
    assert (await setup.status()).state == "on"
    setup.hosted.clock.advance(hours=2)
    status = await setup.status()
    assert status.state == "problem"
    assert "annulet serve" in status.hint
