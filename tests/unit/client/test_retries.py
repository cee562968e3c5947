"""What is tried again, how often, and within which time."""

from datetime import date

import httpx2
import pytest

from annulet.errors import OuraRateLimited, OuraRejectedRequest, OuraUnavailable

DAY = date(2026, 5, 6)
DOCUMENT = {"id": "a", "day": "2026-05-06", "score": 80, "timestamp": "2026-05-06T00:00:00Z"}


def limited(retry_after=None):
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return httpx2.Response(429, headers=headers)


def broken(request):
    raise httpx2.ConnectError("no route", request=request)


def cut(request):
    raise httpx2.RemoteProtocolError("peer closed connection", request=request)


def slow(request):
    raise httpx2.ReadTimeout("slow", request=request)


@pytest.mark.parametrize("fault", [broken, cut, slow, httpx2.Response(503), httpx2.Response(500)])
async def test_a_short_outage_is_waited_out(oura, connect, fault):
    """Two failures and then an answer are an answer."""
    oura.stock["daily_sleep"] = [DOCUMENT]
    oura.script = [fault, fault]
    async with connect() as client:
        assert [d.score for d in await client.daily_sleep(DAY, DAY)] == [80]
    assert len(oura.requests) == 3


@pytest.mark.parametrize("fault", [broken, cut, slow, httpx2.Response(502)])
async def test_a_long_outage_is_an_error_after_a_few_attempts(oura, connect, fault):
    """Attempts are bounded."""
    oura.script = [fault] * 50
    async with connect() as client:
        with pytest.raises(OuraUnavailable):
            await client.daily_sleep(DAY, DAY)
    assert len(oura.requests) == 4


@pytest.mark.parametrize("status", [400, 404, 422])
async def test_our_own_mistakes_are_not_repeated(oura, connect, status):
    """The same wrong request would be refused again."""
    oura.script = [httpx2.Response(status)] * 5
    async with connect() as client:
        with pytest.raises(OuraRejectedRequest):
            await client.daily_sleep(DAY, DAY)
    assert len(oura.requests) == 1


@pytest.mark.parametrize(("retry_after", "least"), [("0", 0), ("1", 1), ("30", 30), (None, 0.5)])
async def test_a_limit_is_waited_out_as_oura_says(oura, connect, clock, retry_after, least):
    """The next attempt comes when Oura allows it, and answers."""
    oura.stock["daily_sleep"] = [DOCUMENT]
    oura.script = [limited(retry_after)]
    async with connect() as client:
        assert await client.daily_sleep(DAY, DAY)
    assert len(oura.requests) == 2
    assert sum(clock.slept) >= least


async def test_a_limit_beyond_the_deadline_is_told_at_once(oura, connect, clock):
    """A wait of five minutes is reported instead of made; the person learns when to ask again."""
    oura.script = [limited("300")]
    async with connect() as client:
        with pytest.raises(OuraRateLimited) as caught:
            await client.daily_sleep(DAY, DAY)
        assert caught.value.retry_after == 300
        assert "300 seconds" in caught.value.hint
        assert clock.slept == []
        oura.stock["daily_sleep"] = [DOCUMENT]
        assert await client.daily_sleep(DAY, DAY)


async def test_an_endless_limit_ends(oura, connect):
    """Retry-After 0 without end is not repeated without end."""
    oura.script = [limited("0")] * 50
    async with connect() as client:
        with pytest.raises(OuraRateLimited):
            await client.daily_sleep(DAY, DAY)
    assert len(oura.requests) <= 8


async def test_the_deadline_bounds_all_attempts_together(oura, connect, clock):
    """Waiting again and again never exceeds the time a question may take."""
    oura.script = [limited("9")] * 50
    before = clock.now
    async with connect(deadline_s=20.0) as client:
        with pytest.raises(OuraRateLimited):
            await client.daily_sleep(DAY, DAY)
    assert clock.now - before <= 20


async def test_a_request_that_hangs_ends_at_the_deadline(connect):
    """A silent peer does not hang the question."""
    import anyio

    async def hang(request):
        await anyio.sleep_forever()

    async with (
        httpx2.AsyncClient(transport=httpx2.MockTransport(hang)) as http,
        connect(http=http, timing=None, deadline_s=0.05) as client,
    ):
        with pytest.raises(OuraUnavailable):
            await client.daily_sleep(DAY, DAY)


async def test_every_request_says_who_asks_and_is_a_get(oura, connect):
    """Method, bearer and User-Agent of every request."""
    async with connect("secret-token") as client:
        await client.daily_sleep(DAY, DAY)
        await client.personal_info()
        await client.latest_heartrate()
    for request in oura.requests:
        assert request.method == "GET"
        assert request.headers["authorization"] == "Bearer secret-token"
        assert request.headers["user-agent"].startswith("annulet/")
        assert "secret-token" not in str(request.url)
