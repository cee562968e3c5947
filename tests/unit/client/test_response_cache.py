"""The same question costs no second request; errors and old responses are not cached."""

from datetime import UTC, date, datetime, timedelta

import anyio
import httpx2
import pytest

from annulet.client.response_cache import CachedResponse, CollectionRequest, ResponseCache
from annulet.contract.collections import DAILY_SLEEP, SLEEP
from annulet.contract.documents import DailySleep
from annulet.errors import AnnuletError, OuraUnavailable

DAY = date(2026, 5, 6)


def days(count):
    return [
        {"id": str(n), "day": str(DAY - timedelta(days=n)), "score": 60 + n} for n in range(count)
    ]


async def test_the_same_question_costs_no_request(oura, connect):
    """Every kind of collection is cached."""
    noon = datetime(2026, 5, 6, 12, tzinfo=UTC)
    async with connect() as client:
        for _ in range(3):
            await client.daily_sleep(DAY, DAY)
            await client.heartrate(noon, noon + timedelta(hours=2))
            await client.latest_heartrate()
            await client.personal_info()
            await client.ring_configuration()
    assert len(oura.requests) == 5


async def test_a_part_of_a_cached_range_costs_no_request(oura, connect):
    """Thirty days of three fields hold the last week of two of them."""
    oura.stock["daily_sleep"] = days(60)
    async with connect() as client:
        month = await client.daily_sleep(DAY - timedelta(days=29), DAY, fields=["score", "id"])
        week = await client.daily_sleep(DAY - timedelta(days=6), DAY, fields=["score"])
    assert len(oura.requests) == 1
    assert week == month[-7:]


async def test_more_days_or_more_fields_are_asked(oura, connect):
    """A wider range or a further field is a new request."""
    oura.stock["daily_sleep"] = days(60)
    async with connect() as client:
        await client.daily_sleep(DAY, DAY, fields=["score"])
        await client.daily_sleep(DAY - timedelta(days=1), DAY, fields=["score"])
        await client.daily_sleep(DAY, DAY, fields=["score", "contributors"])
        await client.daily_sleep(DAY, DAY)
    assert len(oura.requests) == 4
    async with connect() as client:
        await client.daily_sleep(DAY, DAY)
        await client.daily_sleep(DAY, DAY, fields=["contributors"])
    assert len(oura.requests) == 5


async def test_a_response_expires(oura, connect, clock):
    """After five minutes Oura is asked again."""
    async with connect() as client:
        await client.daily_sleep(DAY, DAY)
        clock.now += 299
        await client.daily_sleep(DAY, DAY)
        assert len(oura.requests) == 1
        clock.now += 2
        await client.daily_sleep(DAY, DAY)
    assert len(oura.requests) == 2


async def test_the_cache_can_be_switched_off(oura, connect):
    """cache_s=0 asks every time."""
    async with connect(cache_s=0) as client:
        await client.daily_sleep(DAY, DAY)
        await client.daily_sleep(DAY, DAY)
    assert len(oura.requests) == 2


async def test_errors_are_not_cached(oura, connect):
    """The next question after an outage is asked."""
    oura.stock["daily_sleep"] = days(1)
    oura.script = [httpx2.Response(500)] * 4
    async with connect() as client:
        with pytest.raises(OuraUnavailable):
            await client.daily_sleep(DAY, DAY)
        assert len(await client.daily_sleep(DAY, DAY)) == 1


async def test_a_caller_may_change_its_list(oura, connect):
    """The list is the caller's own; the next caller gets another one."""
    oura.stock["daily_sleep"] = days(1)
    oura.stock["ring_configuration"] = [{"id": "r"}]
    async with connect() as client:
        (await client.daily_sleep(DAY, DAY)).clear()
        (await client.ring_configuration()).clear()
        assert len(await client.daily_sleep(DAY, DAY)) == 1
        assert len(await client.ring_configuration()) == 1


async def test_clear_empties_the_cache(oura, connect):
    """After clear everything is asked again."""
    async with connect() as client:
        await client.daily_sleep(DAY, DAY)
        client.clear()
        await client.daily_sleep(DAY, DAY)
    assert len(oura.requests) == 2


class Gate:
    """Answers only once opened."""

    def __init__(self, oura):
        self.opened = anyio.Event()
        self.oura = oura

    async def __call__(self, request):
        answer = self.oura(request)
        await self.opened.wait()
        return answer


async def test_the_same_question_at_the_same_time_is_one_request(oura, connect):
    """Five callers, one of whom wants only a part."""
    oura.stock["daily_sleep"] = days(10)
    gate, lengths = Gate(oura), []

    async def ask(client, back):
        lengths.append(len(await client.daily_sleep(DAY - timedelta(days=back), DAY)))

    async with (
        httpx2.AsyncClient(transport=httpx2.MockTransport(gate)) as http,
        connect(http=http) as client,
        anyio.create_task_group() as group,
    ):
        for back in (6, 6, 6, 6, 2):
            group.start_soon(ask, client, back)
        await anyio.wait_all_tasks_blocked()
        gate.opened.set()
    assert sorted(lengths) == [3, 7, 7, 7, 7]
    assert len(oura.requests) == 1


async def test_a_cancelled_caller_does_not_cancel_the_others(oura, connect):
    """The first caller is cancelled; the second still gets an answer."""
    oura.stock["daily_sleep"] = days(1)
    gate, documents = Gate(oura), []

    async def ask(client):
        documents.append(await client.daily_sleep(DAY, DAY))

    async with (
        httpx2.AsyncClient(transport=httpx2.MockTransport(gate)) as http,
        connect(http=http) as client,
        anyio.create_task_group() as group,
    ):
        leaving = anyio.CancelScope()

        async def leave():
            with leaving:
                await ask(client)

        group.start_soon(leave)
        await anyio.wait_all_tasks_blocked()
        group.start_soon(ask, client)
        await anyio.wait_all_tasks_blocked()
        leaving.cancel()
        await anyio.wait_all_tasks_blocked()
        gate.opened.set()
    assert [len(answer) for answer in documents] == [1]
    assert len(oura.requests) == 2


async def test_a_response_that_arrives_after_clear_is_not_cached(oura, connect):
    """After a disconnect no late response is cached, and no new caller waits for it."""
    gate = Gate(oura)
    async with (
        httpx2.AsyncClient(transport=httpx2.MockTransport(gate)) as http,
        connect(http=http) as client,
    ):
        async with anyio.create_task_group() as group:
            group.start_soon(client.daily_sleep, DAY, DAY)
            await anyio.wait_all_tasks_blocked()
            client.clear()
            group.start_soon(client.daily_sleep, DAY, DAY)
            await anyio.wait_all_tasks_blocked()
            assert len(oura.requests) == 2
            gate.opened.set()
        await client.daily_sleep(DAY, DAY)
    assert len(oura.requests) == 2


async def test_one_failing_chunk_fails_the_question_and_stops_the_others(oura, connect):
    """A range is whole or an error, and the error is the plain one."""
    oura.script = [oura.serve, *[httpx2.Response(403)] * 9]
    async with connect() as client:
        with pytest.raises(AnnuletError) as caught:
            await client.daily_sleep(date(2023, 1, 1), DAY)
    assert caught.value.code == "membership_inactive"


async def test_a_403_of_one_collection_is_about_that_collection(oura, connect):
    """Only where the profile is refused too is the membership over."""
    oura.script = [httpx2.Response(403)]
    async with connect() as client:
        with pytest.raises(AnnuletError) as caught:
            await client.daily_sleep(DAY, DAY)
        assert caught.value.code == "missing_scope"
        assert "membership" not in caught.value.message
        assert await client.daily_readiness(DAY, DAY) is not None


async def test_426_asks_for_an_update_of_the_app(oura, connect):
    """It says nothing about a membership."""
    oura.script = [httpx2.Response(426)]
    async with connect() as client:
        with pytest.raises(AnnuletError) as caught:
            await client.daily_sleep(DAY, DAY)
    assert (caught.value.code, caught.value.exit_code) == ("app_update_needed", 4)
    assert "Update the Oura app" in caught.value.hint


async def test_parallel_requests_are_bounded(connect, oura):
    """Ten years in ten chunks are never more than eight requests at the same time."""
    now, most = 0, 0

    async def count(request):
        nonlocal now, most
        now += 1
        most = max(most, now)
        await anyio.sleep(0.005)
        now -= 1
        return oura(request)

    async with (
        httpx2.AsyncClient(transport=httpx2.MockTransport(count)) as http,
        connect(http=http) as client,
    ):
        await client.daily_sleep(date(2010, 1, 1), DAY)
    assert len(oura.requests) > 12
    assert 1 < most <= 8


def cached(cache, request, size_bytes):
    """Store one document as the response to a request; whether it was stored."""
    document = request.collection.document(id=str(request.start))
    return cache.store(request, CachedResponse([document], 0.0, size_bytes), generation=0)


def test_the_cache_is_bounded():
    """The least recently used response is dropped first; one over the limit is not stored."""
    cache = ResponseCache(lambda: 0.0, max_age_s=300, max_bytes=100)
    requests = [
        CollectionRequest(SLEEP, DAY + timedelta(days=n), DAY + timedelta(days=n)) for n in range(4)
    ]
    assert cached(cache, requests[0], 45)
    assert cached(cache, requests[1], 45)
    assert cache.find(requests[0])
    assert cached(cache, requests[2], 45)
    assert cache.find(requests[0])
    assert cache.find(requests[1]) is None
    assert not cached(cache, requests[3], 101)
    assert cache.find(requests[3]) is None


def test_a_wider_response_replaces_a_narrower_one():
    """The same days are not cached twice."""
    cache = ResponseCache(lambda: 0.0, max_age_s=300, max_bytes=100)
    narrow = CollectionRequest(DAILY_SLEEP, DAY, DAY, frozenset({"day"}))
    wide = CollectionRequest(DAILY_SLEEP, DAY - timedelta(days=9), DAY)
    cached(cache, narrow, 40)
    cached(cache, wide, 80)
    assert cache.find(narrow) == [DailySleep(id=str(wide.start))]


async def test_only_the_days_that_are_not_cached_are_asked(oura, connect):
    """A longer history asks for its older part and is whole, in order, each document once."""
    oura.by_date_rule = True
    oura.stock["daily_sleep"] = days(60)
    async with connect() as client:
        await client.daily_sleep(DAY - timedelta(days=9), DAY)
        documents = await client.daily_sleep(DAY - timedelta(days=49), DAY, fields=["score"])
        again = await client.daily_sleep(DAY - timedelta(days=49), DAY, fields=["score"])
    assert [document.day for document in documents] == [
        DAY - timedelta(days=n) for n in range(49, -1, -1)
    ]
    assert documents == again
    assert len(oura.requests) == 2
    newest = max(params["end_date"] for params in oura.asked[1:])
    assert date.fromisoformat(newest) < DAY - timedelta(days=5)


async def test_a_history_is_as_old_as_its_oldest_part(oura, connect, clock):
    """A response put together from two expires when its older part does."""
    oura.stock["daily_sleep"] = days(20)
    async with connect() as client:
        await client.daily_sleep(DAY, DAY)
        await clock.sleep(200)
        await client.daily_sleep(DAY - timedelta(days=9), DAY)
        await clock.sleep(200)
        await client.daily_sleep(DAY, DAY)
    assert len(oura.requests) == 3


async def test_tags_are_never_put_together(oura, connect):
    """A tag that spans days would come twice, so the whole time is asked again."""
    oura.stock["enhanced_tag"] = [
        {"id": "t", "start_day": str(DAY - timedelta(days=2)), "end_day": str(DAY)}
    ]
    async with connect() as client:
        await client.enhanced_tag(DAY, DAY)
        documents = await client.enhanced_tag(DAY - timedelta(days=9), DAY)
    assert [document.id for document in documents] == ["t"]
    assert oura.asked[1]["end_date"] == oura.asked[0]["end_date"]


async def test_the_revision_counts_what_the_cache_dropped(oura, connect, clock):
    """Reading more drops nothing; time and clear do, and a failure is counted beside them."""
    async with connect() as client:
        await client.daily_sleep(DAY, DAY)
        begun = client.revision
        await client.daily_sleep(DAY - timedelta(days=3), DAY)
        await client.daily_readiness(DAY, DAY)
        assert client.revision == begun
        oura.script = [httpx2.Response(500)] * 9
        with pytest.raises(OuraUnavailable):
            await client.daily_stress(DAY, DAY)
        assert client.revision == (begun[0], begun[1] + 1)
        await clock.sleep(301)
        assert client.revision[0] > begun[0]
        before = client.revision
        client.clear()
        assert client.revision != before
