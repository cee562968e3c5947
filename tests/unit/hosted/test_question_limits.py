"""How much one person may ask, and how much all of them may ask of Oura together."""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from annulet.hosted.database.engine import ServiceDatabase, database_url
from annulet.hosted.limits.fair_turns import FairTurns, NoTurnError, TurnLimits
from annulet.hosted.limits.oura_gate import OuraGate
from annulet.hosted.limits.shared_bucket import BucketSize, SharedBucket
from annulet.hosted.migrations.upgrade import upgrade
from annulet.oura_http.sending import NoResponse, Response
from annulet.settings import ServiceLimits

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from postgresql import running_postgresql


class Time:
    """A monotonic clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Oura:
    """Answers with the statuses of a list, and with 200 after them."""

    def __init__(self, *statuses: int, **headers: str) -> None:
        self.statuses = list(statuses)
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.asked = 0

    async def __call__(self) -> Response:
        self.asked += 1
        status = self.statuses.pop(0) if self.statuses else 200
        if not status:
            raise NoResponse(is_sent=True)
        return Response(status, self.headers if status == 429 else {}, b"{}")


async def ask(turns: FairTurns, person: str, order: list[str], done: asyncio.Event) -> None:
    """Hold a turn until the end, and note the order in which turns were had."""
    async with turns.turn(person):
        order.append(person)
        await done.wait()


async def test_a_person_who_asks_much_waits_for_themselves() -> None:
    """Of two turns one is the greedy person's at most, and those who came later go first."""
    turns = FairTurns(TurnLimits(at_once=2, at_once_a_person=1))
    order: list[str] = []
    events = [asyncio.Event() for _ in range(6)]
    people = ["greedy", "greedy", "greedy", "anna", "ben", "greedy"]
    async with asyncio.TaskGroup() as group:
        for person, event in zip(people, events, strict=True):
            group.create_task(ask(turns, person, order, event))
            await asyncio.sleep(0)
        assert order == ["greedy", "anna"]
        events[3].set()
        await asyncio.sleep(0.01)
        assert order == ["greedy", "anna", "ben"]
        for event in events:
            event.set()
    assert sorted(order) == sorted(people)


async def test_people_who_wait_get_turns_in_rotation() -> None:
    """Twenty waiting questions of one person are not before the one of another."""
    turns = FairTurns(TurnLimits(at_once=1, at_once_a_person=1))
    order: list[str] = []
    first, rest = asyncio.Event(), asyncio.Event()
    rest.set()
    async with asyncio.TaskGroup() as group:
        group.create_task(ask(turns, "anna", order, first))
        await asyncio.sleep(0)
        for person in ["greedy"] * 20 + ["ben"] * 2:
            group.create_task(ask(turns, person, order, rest))
        await asyncio.sleep(0)
        first.set()
    assert order[:5] == ["anna", "greedy", "ben", "greedy", "ben"]


@pytest.mark.parametrize(("own", "is_own"), [(True, True), (False, False)])
async def test_more_than_can_wait_is_refused_at_once(own: bool, is_own: bool) -> None:
    """The reason is named: one's own questions, or everybody's."""
    limits = TurnLimits(at_once=1, at_once_a_person=1, waiting=3, waiting_a_person=2)
    turns = FairTurns(limits)
    done = asyncio.Event()
    waiting = ["anna", "anna", "anna"] if own else ["anna", "ben", "cem", "dora"]
    async with asyncio.TaskGroup() as group:
        for person in waiting:
            group.create_task(ask(turns, person, [], done))
        await asyncio.sleep(0)
        with pytest.raises(NoTurnError) as refusal:
            async with turns.turn("anna" if own else "eve"):
                pass
        done.set()
    assert refusal.value.is_own is is_own


async def test_who_waits_too_long_or_leaves_holds_no_turn() -> None:
    """After a refusal and a cancellation every turn can be had again."""
    limits = TurnLimits(at_once=2, at_once_a_person=1, longest_wait_s=0.01)
    turns = FairTurns(limits)
    async with turns.turn("anna"):
        with pytest.raises(NoTurnError):
            async with turns.turn("anna"):
                pass
        waiting = asyncio.create_task(ask(turns, "anna", [], asyncio.Event()))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    async with AsyncExitStack() as stack:
        for person in ("anna", "ben"):
            await asyncio.wait_for(stack.enter_async_context(turns.turn(person)), 5)


async def test_a_person_is_told_when_to_ask_again(make_hosted) -> None:
    """Beyond the burst a question is refused with the time to wait; another person is answered."""
    hosted = make_hosted(limits=ServiceLimits(questions_burst=3, questions_per_second=1))
    async with hosted.running():
        anna, ben = hosted.browser(), hosted.browser()
        keys = []
        for person, login in ((anna, "anna@example.org"), (ben, "ben@example.org")):
            await person.sign_up(login)
            keys.append(await person.new_key())
        (endpoint, key), (other_endpoint, other_key) = keys
        answers = [await anna.ask(key, f"/mcp/{endpoint}") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[-1].headers["retry-after"] == "1"
        assert "Ask again in 1 s" in answers[-1].json()["error_description"]
        assert (await ben.ask(other_key, f"/mcp/{other_endpoint}")).status_code == 200


async def test_what_oura_refuses_to_one_it_refuses_to_all() -> None:
    """After a 429 no person of this application asks until the time that Oura names."""
    time, database = Time(), ServiceDatabase("sqlite+aiosqlite://")
    budget = SharedBucket(database, "oura", BucketSize(100, 10, 10), monotonic=time)
    gate, oura = OuraGate(budget, monotonic=time), Oura(429, retry_after="30")
    assert (await gate(oura, "sleep")).status == 429
    refused = await gate(oura, "sleep")
    assert (refused.status, refused.headers["retry-after"], oura.asked) == (429, "30", 1)
    time.now += 31
    assert (await gate(oura, "sleep")).status == 200
    await database.close()


async def test_the_budget_of_the_application_ends_before_ouras_own() -> None:
    """What is beyond it is refused here, with the time until the next request."""
    time, database = Time(), ServiceDatabase("sqlite+aiosqlite://")
    budget = SharedBucket(database, "oura", BucketSize(3, 0.5, 3), monotonic=time)
    gate, oura = OuraGate(budget, monotonic=time), Oura()
    assert [(await gate(oura, "sleep")).status for _ in range(4)] == [200, 200, 200, 429]
    assert oura.asked == 3
    time.now += 2
    assert (await gate(oura, "sleep")).status == 200
    await database.close()


async def test_an_outage_is_tried_by_one_request_at_a_time() -> None:
    """While Oura is down nearly nothing is sent, and one success lets everything through."""
    time, oura = Time(), Oura(*[503, 0] * 10, 503)
    gate = OuraGate(None, monotonic=time)
    for _ in range(10):
        assert (await gate(oura, "sleep")).status == 503
        with pytest.raises(NoResponse):
            await gate(oura, "sleep")
    assert oura.asked == 20
    assert [(await gate(oura, "sleep")).status for _ in range(5)] == [503] * 5
    assert oura.asked == 20
    time.now += 2
    assert [(await gate(oura, "sleep")).status for _ in range(3)] == [503] * 3
    assert oura.asked == 21
    time.now += 2
    assert [(await gate(oura, "sleep")).status for _ in range(3)] == [200] * 3
    assert oura.asked == 24


@pytest.mark.full
async def test_replicas_share_a_bucket() -> None:
    """Two of them get no more together than the bucket holds, and both obey a wait."""
    with running_postgresql() as address:
        databases = [ServiceDatabase(database_url(address, Path())) for _ in range(2)]
        await upgrade(databases[0])
        size = BucketSize(40, 0.001, 10)
        replicas = [SharedBucket(each, "person:anna", size) for each in databases]
        taken = await asyncio.gather(*(replicas[n % 2].take() for n in range(60)))
        assert taken.count(0) == 40
        times = [Time(), Time()]
        fresh = [
            SharedBucket(each, "oura", BucketSize(40, 10.0, 10), monotonic=time)
            for each, time in zip(databases, times, strict=True)
        ]
        assert [await each.take() for each in fresh] == [0, 0]
        await fresh[0].hold(30)
        times[1].now += 61
        assert all([await each.take() for each in fresh])
        for each in databases:
            await each.close()
