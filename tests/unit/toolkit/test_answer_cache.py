"""The same question again, and questions whose zone has to be looked up, cost what they must."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx2
import pytest

from annulet.client import OuraClient
from annulet.simulator import SimulatedOura
from annulet.toolkit.answers import answer
from annulet.toolkit.context import Connection, Context, Zone

NOW = datetime(2026, 5, 6, 15, 2, tzinfo=UTC)
PLACES = ("Pacific/Honolulu", "Pacific/Kiritimati")


@pytest.fixture(scope="module")
def cloud():
    simulated = SimulatedOura([], now=NOW)
    for place, zone in enumerate(PLACES):
        simulated.add_person(zone, zone, 240, 40 + place)
    return simulated


@pytest.fixture
async def make_context(cloud):
    """A context of a person on a machine that runs on UTC."""
    http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=cloud.app))

    async def connection():
        return Connection("me")

    def make(name, *, assumed=True, **options):
        zone = Zone(UTC, "UTC", assumed=True) if assumed else Zone(ZoneInfo(name), name)
        client = OuraClient(cloud.issue_token(name), http=http, **options)
        return Context(client, cloud.clock, zone, connection)

    cloud.requests.clear()
    yield make
    cloud.clock.set(NOW)
    await http.aclose()


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("daily_summary", {"start": "last 7 days"}),
        ("daily_summary", {"start": "last 30 days", "sections": ["readiness"]}),
        ("sleep_sessions", {}),
        ("trends", {"window_days": 90}),
        ("anomalies", {"start": "last 90 days"}),
        ("compare", {"period": "this week", "against": "last week"}),
    ],
)
async def test_looking_up_the_zone_reads_no_collection_twice(
    cloud, make_context, name, tool, arguments
):
    """What was read ahead, wherever in the world the person is, is what the answer needs."""
    context = make_context(name)
    first = await answer(f"oura_{tool}", arguments, context)
    asked = [
        (e.path, e.query["start_date"], e.query["end_date"], e.query.get("fields"))
        for e in cloud.requests
        if "start_date" in e.query
    ]
    assert len(asked) == len(set(asked))
    paths = [path for path, *_ in asked]
    assert all(paths.count(path) <= 1 + path.endswith("/sleep") for path in paths)
    named = await answer(f"oura_{tool}", arguments, make_context(name, assumed=False))
    assert (
        first["table" if "table" in first else "episodes"]
        == named["table" if "table" in named else "episodes"]
    )


async def test_an_answer_is_cached_and_the_caller_may_change_it(cloud, make_context):
    """The second answer costs no request, equals the first and may be changed."""
    context = make_context(PLACES[0], assumed=False)
    first = await answer("oura_anomalies", {}, context)
    count = len(cloud.requests)
    second = await answer("oura_anomalies", {}, context)
    assert second == first
    second["summary"] = "something else"
    assert await answer("oura_anomalies", {}, context) == first
    assert len(cloud.requests) == count


async def test_an_answer_ends_with_its_documents(cloud, make_context):
    """After the client has forgotten, or the quarter of an hour is over, Oura is asked."""
    context = make_context(PLACES[0], assumed=False)
    await answer("oura_trends", {}, context)
    context.client.clear()
    cloud.requests.clear()
    await answer("oura_trends", {}, context)
    assert len(cloud.requests) > 0
    known = dict(context.memory.answers)
    cloud.clock.set(NOW + timedelta(minutes=3))
    await answer("oura_trends", {}, context)
    assert dict(context.memory.answers) != known


async def test_an_answer_with_a_part_missing_is_not_kept(cloud, make_context):
    """Once Oura is well again, the same question gets the whole answer."""
    context = make_context(PLACES[0], assumed=False)
    cloud.faults.add("status:503@/daily_stress")
    partial = await answer("oura_trends", {}, context)
    cloud.faults.clear()
    whole = await answer("oura_trends", {}, context)
    assert len(whole["table"]["rows"]) > len(partial["table"]["rows"])


async def test_nothing_is_given_again_where_nothing_is_remembered(cloud, make_context):
    """A client that remembers nothing asks each time."""
    context = make_context(PLACES[0], assumed=False, cache_s=0)
    await answer("oura_trends", {"metrics": ["steps"]}, context)
    count = len(cloud.requests)
    await answer("oura_trends", {"metrics": ["steps"]}, context)
    assert len(cloud.requests) == 2 * count
