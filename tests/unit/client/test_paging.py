"""Pages: all of them, each once, or an error."""

import itertools
from datetime import UTC, date, datetime, timedelta

import httpx2
import pytest

from annulet.errors import OuraUnavailable

DAY = date(2026, 5, 6)
NOON = datetime(2026, 5, 6, 12, tzinfo=UTC)


def beats(count, step=70):
    start = datetime(2026, 5, 6, tzinfo=UTC)
    return [
        {
            "timestamp": (start + timedelta(seconds=step * n)).isoformat(),
            "bpm": 50 + n % 40,
            "source": "awake",
        }
        for n in range(count)
    ]


async def test_a_day_of_two_pages_is_a_whole_day(oura, connect):
    """1,231 rows come on two pages; the newest sample is the day's last."""
    oura.stock["heartrate"] = beats(1231)
    oura.page = 1000
    async with connect() as client:
        documents = await client.heartrate(NOON.replace(hour=0), NOON.replace(hour=23, minute=59))
    assert len(documents) == 1231
    assert documents[-1].timestamp == datetime.fromisoformat(
        oura.stock["heartrate"][-1]["timestamp"]
    )


async def test_the_next_page_is_asked_with_the_same_parameters(oura, connect):
    """Some servers forget the range between pages."""
    oura.stock["daily_sleep"] = [
        {"id": str(n), "day": f"2026-05-{n:02}", "timestamp": f"2026-05-{n:02}T00:00:00Z"}
        for n in range(1, 10)
    ]
    oura.page = 4
    async with connect() as client:
        documents = await client.daily_sleep(date(2026, 5, 1), date(2026, 5, 9), fields=["score"])
    assert len(documents) == 9
    first, *others = oura.asked
    assert len(others) == 2
    for answer in others:
        assert answer.pop("next_token")
        assert answer == first


async def test_a_page_that_fails_fails_the_question(oura, connect):
    """Half a day is not a day."""
    oura.stock["heartrate"] = beats(1231)
    oura.page = 1000
    oura.script = [oura.serve, oura.serve, *[httpx2.Response(500)] * 8]
    async with connect() as client:
        with pytest.raises(OuraUnavailable):
            await client.heartrate(NOON.replace(hour=0), NOON.replace(hour=23))
        assert len(await client.heartrate(NOON.replace(hour=0), NOON.replace(hour=23))) > 1000


@pytest.mark.parametrize(
    "pages",
    [
        [{"data": [{"id": "a"}], "next_token": "1"}],
        [{"data": [{"id": "a"}], "next_token": "1"}, {"data": [{"id": "b"}], "next_token": "2"}],
        [{"data": [], "next_token": "1"}],
    ],
)
async def test_pages_that_repeat_are_an_error(oura, connect, pages):
    """A repeated token is reported, and not followed for ever."""
    answers = [httpx2.Response(200, json=page) for page in pages]
    oura.script = answers * 20
    async with connect() as client:
        with pytest.raises(OuraUnavailable, match="same page twice"):
            await client.daily_sleep(DAY, DAY)
    assert len(oura.requests) <= 4


@pytest.mark.parametrize("status", [400, 404, 422])
async def test_a_page_that_was_announced_and_is_refused_is_an_outage(oura, connect, status):
    """The token came from Oura: refusing it is no bug of ours."""
    first = httpx2.Response(200, json={"data": [{"id": "a"}], "next_token": "1"})
    oura.script = [first, httpx2.Response(status), httpx2.Response(status)]
    async with connect() as client:
        with pytest.raises(OuraUnavailable, match="further page"):
            await client.daily_sleep(DAY, DAY)
    assert len(oura.requests) == 3


@pytest.mark.parametrize("status", [400, 422])
async def test_a_token_that_must_travel_alone_is_sent_alone(oura, connect, status):
    """Where the range may not be sent again, the pages after the first are asked without it."""
    oura.stock["daily_sleep"] = [
        {"id": str(n), "day": f"2026-05-{n:02}", "timestamp": f"2026-05-{n:02}T00:00:00Z"}
        for n in range(1, 10)
    ]
    oura.page = 3
    oura.script = [oura.serve, httpx2.Response(status)]
    async with connect() as client:
        documents = await client.daily_sleep(date(2026, 5, 1), date(2026, 5, 9))
    assert len(documents) == 9
    assert [set(asked) for asked in oura.asked[2:]] == [{"next_token"}] * 2


@pytest.mark.parametrize("rows", [[], [{"id": "a"}]])
async def test_ever_new_tokens_for_the_same_page_are_an_error(oura, connect, rows):
    """A server that counts up its tokens and shows the same page is found out."""
    count = iter(range(10_000))

    def answer(request):
        return httpx2.Response(200, json={"data": rows, "next_token": f"t{next(count)}"})

    oura.script = [answer] * 1000
    async with connect() as client:
        with pytest.raises(OuraUnavailable, match="same page twice"):
            await client.daily_sleep(DAY, DAY)
    assert len(oura.requests) < 10


@pytest.mark.parametrize("envelope", [{}, {"next_token": None}, {"next_token": ""}, {"meta": {}}])
async def test_the_last_page_may_say_so_in_several_ways(oura, connect, envelope):
    """No token, null, empty, and an unknown key."""
    oura.script = [httpx2.Response(200, json={"data": beats(3), **envelope})]
    async with connect() as client:
        assert len(await client.heartrate(NOON.replace(hour=0), NOON)) == 3


async def test_samples_come_once_per_instant_and_source(oura, connect):
    """Repeated rows go, two sources at one instant stay, rows outside the time go."""
    row = {"timestamp": "2026-05-06T12:00:00Z", "bpm": 60, "source": "awake"}
    oura.stock["heartrate"] = [
        row,
        {**row, "timestamp": "2026-05-06T12:00:00.000+00:00"},
        {**row, "source": "workout"},
        {**row, "timestamp": "2026-05-06T11:59:59Z"},
        {**row, "timestamp": "2026-05-06T13:00:00Z"},
        {**row, "timestamp": "2026-05-06T13:00:01Z"},
        {**row, "timestamp": "soon"},
    ]
    async with connect() as client:
        documents = await client.heartrate(NOON, NOON + timedelta(hours=1))
    assert [(s.timestamp.hour, s.source) for s in documents] == [
        (12, "awake"),
        (12, "workout"),
        (13, "awake"),
    ]


async def test_a_long_time_of_heart_rate_is_whole_over_chunks(oura, connect):
    """Ninety days come in order and once, also where chunks meet."""
    oura.by_date_rule = True
    oura.stock["heartrate"] = beats(90 * 24, step=3600)
    start = datetime(2026, 5, 6, tzinfo=UTC)
    async with connect() as client:
        documents = await client.heartrate(start, start + timedelta(days=90))
    assert [s.timestamp for s in documents] == [start + timedelta(hours=n) for n in range(2160)]
    assert len(oura.requests) == 4


async def test_the_newest_sample_is_asked_for_where_oura_knows_how(oura, connect):
    """Latest goes to the two series and nowhere else."""
    oura.stock["heartrate"] = list(reversed(beats(3)))
    async with connect() as client:
        assert (await client.latest_heartrate()).bpm == 52
        assert await client.latest_battery_level() is None
        await client.daily_sleep(DAY, DAY)
    assert [asked.get("latest") for asked in oura.asked] == ["true", "true", None]


async def test_rings_come_oldest_first(oura, connect):
    """The current ring is the last one."""
    oura.stock["ring_configuration"] = [
        {"id": "new", "set_up_at": "2026-01-01T00:00:00Z"},
        {"id": "unknown", "set_up_at": None},
        {"id": "old", "set_up_at": "2023-01-01T00:00:00+00:00"},
    ]
    async with connect() as client:
        rings = await client.ring_configuration()
    assert [ring.id for ring in rings] == ["unknown", "old", "new"]


async def test_one_document_is_asked_by_its_id(oura, connect):
    """Whatever stands in an id stays inside its path segment."""
    oura.script = [httpx2.Response(200, json={"id": "a/b", "score": 7})]
    async with connect() as client:
        assert (await client.document("daily_sleep", "a/../b?c")).score == 7
    assert oura.requests[0].url.raw_path.endswith(b"/daily_sleep/a%2F..%2Fb%3Fc")


async def test_pages_without_end_are_an_error(oura, connect):
    """Each page is new and announces another one."""
    pages = itertools.count(1)

    def endless(_):
        rows = [{"timestamp": "2026-05-06T12:00:00+00:00", "bpm": 50, "page": next(pages)}]
        return httpx2.Response(200, json={"data": rows, "next_token": str(next(pages))})

    oura.serve = endless
    async with connect() as client:
        with pytest.raises(OuraUnavailable, match="500 pages"):
            await client.heartrate(NOON.replace(hour=0), NOON)
    assert len(oura.requests) == 500
