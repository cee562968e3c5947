"""Subscriptions at Oura: what is planned, what each answer means, and what is said of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from annulet.errors import UsageError
from annulet.hosted.webhooks.plan import KINDS, plan
from annulet.hosted.webhooks.subscription_reconciler import SubscriptionReconciler
from annulet.hosted.webhooks.subscription_settings import DesiredState, Report, SubscriptionSettings
from annulet.hosted.webhooks.subscription_status import State, check_possible, standing
from annulet.hosted.webhooks.subscriptions import Subscription, Subscriptions

HERE = "http://127.0.0.1:8080/webhooks/oura"
ELSEWHERE = "https://other.example/told"
DAY = 86_400


@dataclass
class FakeOura:
    """The subscription routes, with answers to order."""

    now: datetime
    listed: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    bodies: list[dict[str, str]] = field(default_factory=list)
    instead: dict[str, tuple[int, dict[str, str]]] = field(default_factory=dict)
    hook: Any = None
    made: int = 0

    def add(self, kind: tuple[str, str], url: str = HERE, **left: float) -> str:
        self.made += 1
        name = f"s-{self.made}"
        ends = self.now + timedelta(**(left or {"days": 90}))
        self.listed[name] = {
            "id": name,
            "callback_url": url,
            "data_type": kind[0],
            "event_type": kind[1],
            "expiration_time": ends.replace(tzinfo=None).isoformat(),
        }
        return name

    def kinds(self, url: str = HERE) -> set[tuple[str, str]]:
        found = [one for one in self.listed.values() if one["callback_url"] == url]
        return {(one["data_type"], one["event_type"]) for one in found}

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path.removeprefix("/v2/webhook/subscription")
        self.asked.append((request.method, path))
        assert request.headers["x-client-id"] == "annulet-simulator"
        assert request.headers["x-client-secret"]
        assert "authorization" not in request.headers
        if self.hook is not None:
            await self.hook(request.method)
        if request.method in self.instead:
            status, headers = self.instead[request.method]
            return httpx2.Response(status, headers=headers, text="<html>not JSON</html>")
        return self.answer(request, path.rsplit("/", 1)[-1])

    def answer(self, request: httpx2.Request, name: str) -> httpx2.Response:
        if request.method == "GET":
            return httpx2.Response(200, json=list(self.listed.values()))
        if request.method == "POST":
            body = json.loads(request.content)
            self.bodies.append(body)
            kind = (body["data_type"], body["event_type"])
            if any((o["data_type"], o["event_type"]) == kind for o in self.listed.values()):
                return httpx2.Response(409, json={"detail": "There is one."})
            made = self.add(kind, body["callback_url"])
            return httpx2.Response(201, json=self.listed[made])
        if name not in self.listed:
            return httpx2.Response(403, json={"detail": "unknown"})
        if request.method == "DELETE":
            del self.listed[name]
            return httpx2.Response(204)
        ends = (self.now + timedelta(days=90)).replace(tzinfo=None)
        self.listed[name]["expiration_time"] = ends.isoformat()
        return httpx2.Response(200, json=self.listed[name])

    def count(self, method: str) -> int:
        return sum(asked == method for asked, _ in self.asked)


class ConnectionService:
    """A keeper before a fake Oura."""

    def __init__(self, hosted: Any) -> None:
        self.hosted = hosted
        self.oura = FakeOura(hosted.clock())
        self.switch: SubscriptionSettings = hosted.service.webhooks.settings
        self.http = httpx2.AsyncClient(transport=httpx2.MockTransport(self.oura))
        self.keeper = self.new_keeper(self.switch)

    def new_keeper(self, switch: SubscriptionSettings) -> SubscriptionReconciler:
        service = self.hosted.service
        return SubscriptionReconciler(
            settings=service.settings,
            clock=service.clock,
            keys=service.stored_keys,
            switch=switch,
            subscriptions=Subscriptions(service.settings, self.http),
        )

    async def on(self) -> Report:
        await self.switch.turn(on=True)
        return await self.keeper.settle()

    async def standing(self) -> Any:
        return await self.hosted.service.updates()


@pytest.fixture
async def desk(hosted):
    """A service whose keeper asks a fake Oura."""
    made = ConnectionService(hosted)
    yield made
    await made.http.aclose()


def one(kind: tuple[str, str], url: str = HERE, days: float | None = 90) -> Subscription:
    ends = None if days is None else int(days * DAY)
    return Subscription(f"{kind[0]}-{kind[1]}", url, *kind, expires_at=ends)


def test_every_kind_annulet_can_read() -> None:
    """Sixteen data types and three kinds of event; meals cannot be read."""
    assert len(KINDS) == len(set(KINDS)) == 48
    assert "meal" not in {data_type for data_type, _ in KINDS}


def test_the_plan() -> None:
    """Missing ones are made, ending ones renewed, those of others left alone."""
    fresh = plan([], on=True, callback=HERE, now=0)
    assert (fresh.create, fresh.renew, fresh.end) == (KINDS, (), ())
    listed = [one(KINDS[0]), one(KINDS[1], days=6.9), one(KINDS[2], days=None)]
    listed += [one(KINDS[3], days=7.1), one(KINDS[4], ELSEWHERE, days=1)]
    later = plan(listed, on=True, callback=HERE, now=0)
    assert later.create == KINDS[5:]
    assert later.renew == (listed[1], listed[2])
    assert later.end == ()


def test_the_plan_of_switching_off() -> None:
    """Only what leads here ends, kinds unknown to annulet included."""
    listed = [one(KINDS[0]), one(("meal", "create")), one(KINDS[1], ELSEWHERE)]
    todo = plan(listed, on=False, callback=HERE, now=0)
    assert (todo.create, todo.renew, todo.end) == ((), (), tuple(listed[:2]))


def test_the_plan_of_moving() -> None:
    """What leads to the address before moves; what leads elsewhere does not."""
    old = "https://old.example/webhooks/oura"
    listed = [one(KINDS[0], old), one(KINDS[1], ELSEWHERE)]
    todo = plan(listed, on=True, callback=HERE, now=0, before=old)
    assert todo.end == (listed[0],)
    assert KINDS[0] in todo.create
    assert KINDS[1] not in todo.create


async def test_nothing_happens_by_itself(desk) -> None:
    """Nobody has switched updates on, so Oura is asked nothing."""
    assert (await desk.standing()).state is State.OFF
    assert not await desk.keeper.due()
    assert desk.oura.asked == []


async def test_on_and_off(desk) -> None:
    """Everything is subscribed with one token; off ends it and leaves the others."""
    desk.oura.add(("meal", "create"), ELSEWHERE)
    counted: list[int] = []
    await desk.switch.turn(on=True)
    assert (await desk.standing()).state is State.STARTING
    report = await desk.keeper.settle(lambda now: counted.append(now.active))
    assert (report.active, report.trouble, report.elsewhere) == (48, "", 0)
    assert counted == list(range(49))
    assert desk.oura.kinds() == set(KINDS)
    (token,) = {body["verification_token"] for body in desk.oura.bodies}
    assert len(token) == 64
    assert (await desk.standing()).state is State.ON
    await desk.switch.turn(on=False)
    assert (await desk.standing()).state is State.STOPPING
    assert (await desk.keeper.settle()).active == 0
    assert desk.oura.kinds() == set()
    assert desk.oura.kinds(ELSEWHERE) == {("meal", "create")}
    assert (await desk.standing()).state is State.OFF


async def test_renewed_in_the_last_week(desk) -> None:
    """Eight days before the end nothing changes; six days before it is renewed."""
    await desk.on()
    for days, renewed in ((82, 0), (84, 48)):
        desk.hosted.clock.advance(days=days - (desk.hosted.clock() - desk.oura.now).days)
        desk.oura.asked.clear()
        assert await desk.keeper.due()
        moment = desk.oura.now
        desk.oura.now = desk.hosted.clock()
        assert (await desk.keeper.settle()).active == 48
        assert desk.oura.count("PUT") == renewed
        desk.oura.now = moment
    assert desk.oura.count("POST") == 0


async def test_looked_at_every_six_hours(desk) -> None:
    """Not at every turn, and soon again where there was trouble."""
    await desk.on()
    assert not await desk.keeper.due()
    desk.hosted.clock.advance(hours=6)
    assert await desk.keeper.due()
    desk.oura.instead = {"GET": (503, {})}
    await desk.keeper.settle()
    assert await desk.keeper.due()


@pytest.mark.parametrize("status", [403, 404])
async def test_gone_ones_are_made_again(desk, status: int) -> None:
    """An unknown id is 403 or 404: the subscription is gone, and another takes its place."""
    for kind in KINDS:
        desk.oura.add(kind, days=3)
    gone = [name for name in desk.oura.listed if name.endswith("7")]
    await desk.switch.turn(on=True)

    async def vanish(method: str) -> None:
        for name in gone if method == "PUT" else []:
            desk.oura.listed.pop(name, None)

    desk.oura.hook = vanish
    if status == 404:
        desk.oura.answer = _with_404(desk.oura.answer)
    report = await desk.keeper.settle()
    assert (report.active, report.trouble) == (48, "")
    assert desk.oura.count("POST") == len(gone)


def _with_404(answer: Any) -> Any:
    def other(request: httpx2.Request, name: str) -> httpx2.Response:
        found = answer(request, name)
        return httpx2.Response(404) if found.status_code == 403 else found

    return other


async def test_looking_again(desk) -> None:
    """An admin who asks sees that somebody looks, and then what was found."""
    await desk.on()
    await desk.switch.look_again()
    told = await desk.standing()
    assert (told.state, told.working) == (State.CHECKING, True)
    desk.oura.listed.popitem()
    await desk.keeper.look()
    assert (await desk.standing()).state is State.ON
    assert desk.oura.kinds() == set(KINDS)
    desk.oura.instead = {"DELETE": (503, {})}
    await desk.switch.turn(on=False)
    await desk.keeper.look()
    told = await desk.standing()
    assert (told.state, told.on) == (State.TROUBLE, False)
    assert "48 subscriptions are left" in told.said
    await desk.switch.look_again()
    assert (await desk.standing()).state is State.STOPPING


async def test_one_that_vanishes_while_it_is_ended(desk) -> None:
    """Somebody else ended it: that is what was wanted."""
    await desk.on()
    await desk.switch.turn(on=False)

    async def vanish(method: str) -> None:
        if method == "DELETE":
            desk.oura.listed.clear()

    desk.oura.hook = vanish
    assert (await desk.keeper.settle()).trouble == ""
    assert (await desk.standing()).state is State.OFF


async def test_a_race_is_no_trouble(desk) -> None:
    """Another process made one in the meantime (409): the list tells that it is ours."""
    await desk.switch.turn(on=True)

    async def quicker(method: str) -> None:
        if method == "POST" and not desk.oura.listed:
            desk.oura.add(KINDS[0])

    desk.oura.hook = quicker
    report = await desk.keeper.settle()
    assert (report.active, report.trouble) == (48, "")


async def test_taken_by_another_address(desk) -> None:
    """An application has each kind once: whoever has it is named, and is left alone."""
    for kind in KINDS[:3]:
        desk.oura.add(kind, ELSEWHERE)
    await desk.on()
    told = await desk.standing()
    assert told.state is State.TROUBLE
    assert "3 of 48" in told.said
    assert "other.example" in told.said
    assert "an application of its own" in told.hint
    assert len(desk.oura.kinds(ELSEWHERE)) == 3


@pytest.mark.parametrize(
    ("method", "status", "words"),
    [
        ("GET", 401, "client id and secret"),
        ("GET", 403, "does not allow"),
        ("GET", 429, "limits"),
        ("GET", 500, "did not answer"),
        ("GET", 200, "refused"),
        ("POST", 400, "could not reach http://127.0.0.1:8080/webhooks/oura"),
        ("POST", 504, "could not reach"),
        ("POST", 502, "did not answer"),
        ("POST", 403, "does not allow"),
        ("POST", 422, "refused"),
        ("PUT", 500, "did not answer"),
        ("PUT", 422, "refused"),
    ],
)
async def test_trouble_is_told_in_plain_words(desk, method: str, status: int, words: str) -> None:
    """What is wrong, what to do next, and no storm of requests; it works as soon as Oura does."""
    if method == "PUT":
        for kind in KINDS:
            desk.oura.add(kind, days=1)
    desk.oura.instead = {method: (status, {})}
    report = await desk.on()
    told = await desk.standing()
    assert (told.state, told.on) == (State.TROUBLE, True)
    assert words in told.said
    assert told.hint
    assert report.trouble
    assert desk.oura.count(method) == 1
    desk.oura.instead = {}
    assert (await desk.keeper.settle()).active == 48
    assert (await desk.standing()).state is State.ON


async def test_an_outage_is_no_crash(desk) -> None:
    """A broken connection is told like any other silence."""

    async def cut(_method: str) -> None:
        raise httpx2.ConnectError("cut")

    desk.oura.hook = cut
    assert (await desk.on()).trouble == "silent"


async def test_oura_says_when(desk) -> None:
    """After a 429 nobody asks before the time Oura named, unless an admin does."""
    desk.oura.instead = {"GET": (429, {"retry-after": "1800"})}
    await desk.on()
    desk.hosted.clock.advance(minutes=29)
    assert not await desk.keeper.due()
    desk.keeper.wake()
    assert await desk.keeper.due()
    await desk.keeper.settle()
    desk.hosted.clock.advance(minutes=31)
    assert await desk.keeper.due()


async def test_switching_off_stops_switching_on(desk) -> None:
    """In the middle of it nothing more is made."""
    await desk.switch.turn(on=True)

    async def off(method: str) -> None:
        if method == "POST" and desk.oura.count("POST") == 5:
            await desk.switch.turn(on=False)

    desk.oura.hook = off
    await desk.keeper.settle()
    assert desk.oura.count("POST") == 5
    assert await desk.keeper.due()
    await desk.keeper.settle()
    assert desk.oura.listed == {}


async def test_a_copy_elsewhere_leaves_the_original_alone(desk) -> None:
    """The same database under another address does nothing, until an admin says so there."""
    await desk.on()
    desk.oura.asked.clear()
    service, there = desk.hosted.service, "https://new.example/webhooks/oura"
    copy = SubscriptionSettings(service.database, service.clock, there)
    keeper = desk.new_keeper(copy)
    await keeper.settle()
    assert desk.oura.asked == []
    assert not await copy.listens()
    seen = standing(await copy.wish(), await copy.report(), callback=there, now=0)
    assert seen.state is State.MOVED
    assert HERE in seen.said
    assert there in seen.said
    await copy.turn(on=True)
    report = await keeper.settle()
    assert (report.active, report.elsewhere) == (48, 0)
    assert desk.oura.kinds() == set()
    assert (await copy.wish()).before == ""


def test_neglect_is_seen() -> None:
    """A service that does not run renews nothing, and the shell says so."""
    wish = DesiredState(on=True, since=1, callback=HERE)
    report = Report(done_at=1, active=48, expires_at=90 * DAY)
    assert standing(wish, report, callback=HERE, now=DAY // 2).state is State.ON
    late = standing(wish, report, callback=HERE, now=2 * DAY)
    assert late.state is State.TROUBLE
    assert "annulet serve" in late.hint


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"client_id": ""}, "no application"),
        ({"client_secret": None}, "no application"),
        ({"oura_api_url": "https://api.ouraring.com"}, "cannot reach"),
        ({"public_url": "https://192.168.1.5"}, "cannot reach"),
        ({"public_url": "https://localhost", "oura_api_url": "https://x.example"}, "cannot reach"),
        ({"public_url": "https://ring.example.org"}, ""),
        ({}, ""),
    ],
)
def test_what_cannot_work_is_refused(make_hosted, changed, words: str) -> None:
    """Without an application, or where Oura could never reach the service."""
    settings = make_hosted(**changed).settings
    if words:
        with pytest.raises(UsageError, match=words):
            check_possible(settings)
    else:
        check_possible(settings)


async def test_odd_lists_are_read(desk) -> None:
    """No zone is UTC; other zones, no time at all, and entries that are none."""
    name, plain = desk.oura.add(KINDS[0]), desk.oura.add(KINDS[2])
    ends = datetime(2026, 6, 1, 2, tzinfo=UTC)
    desk.oura.listed[plain]["expiration_time"] = "2026-06-01T02:00:00"
    desk.oura.listed[name]["expiration_time"] = "2026-06-01T04:00:00+02:00"
    desk.oura.listed["odd"] = {"callback_url": HERE}
    other = desk.oura.add(KINDS[1])
    desk.oura.listed[other]["expiration_time"] = ""
    found = await Subscriptions(desk.hosted.settings, desk.http).everything()
    assert [one.expires_at for one in found] == [int(ends.timestamp())] * 2 + [None]
