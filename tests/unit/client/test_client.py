"""The client as a person meets it: where it sends tokens, what it opens and closes."""

import inspect
import subprocess
import sys
from datetime import UTC, date, datetime

import httpx2
import pytest

from annulet.client import OuraClient
from annulet.client.collections import Collections
from annulet.contract.collections import COLLECTIONS
from annulet.errors import UsageError

DAY = date(2026, 5, 6)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.ouraring.com",
        "http://192.168.0.2:8080",
        "http://127.0.0.1.example.com",
        "ftp://127.0.0.1",
        "https://",
        "",
        "api.ouraring.com",
        "https://user:pw@api.ouraring.com",
        "https://api.ouraring.com/?x=1",
        "http://[::1",
        "https://api.ouraring.com:port",
    ],
)
def test_a_token_is_sent_to_no_unsafe_address(url):
    """Plain http is refused for every address but this machine."""
    with pytest.raises(UsageError):
        OuraClient("token", api_url=url)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.ouraring.com/",
        "http://127.0.0.1:8000",
        "http://localhost:1",
        "http://[::1]:9/",
        "http://127.0.0.1:8080/oura/",
    ],
)
async def test_https_and_this_machine_are_asked(oura, connect, url):
    """A simulator or a proxy on this machine may speak plain http, also below a path."""
    async with connect(api_url=url) as client:
        await client.personal_info()
    asked = str(oura.requests[0].url)
    assert asked == url.rstrip("/") + "/v2/usercollection/personal_info"


async def test_a_lent_http_client_stays_open(oura, connect):
    """Only what was opened here is closed here."""
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(oura)) as http:
        async with connect(http=http) as client:
            await client.daily_sleep(DAY, DAY)
        assert not http.is_closed
    assert http.is_closed


async def test_a_client_of_its_own_is_closed(monkeypatch):
    """The own HTTP client is closed, and uses no proxy of the environment towards this machine."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    client = OuraClient("token", api_url="http://127.0.0.1:1")
    own = client._transport._http()
    assert not own.trust_env
    async with client:
        pass
    assert own.is_closed


async def test_a_closed_client_says_so(oura, connect):
    """Nothing is opened again."""
    async with connect() as client:
        await client.aclose()
        await client.aclose()
        with pytest.raises(UsageError, match="closed"):
            await client.daily_sleep(DAY, DAY)


async def test_paths_and_range_parameters_are_oura_s(oura, connect):
    """The capital O of vO2_max, dates for days, datetimes for series."""
    noon = datetime(2026, 5, 6, 12, tzinfo=UTC)
    async with connect() as client:
        await client.vo2_max(DAY, DAY)
        await client.heartrate(noon, noon)
    first, second = oura.requests
    assert first.url.path == "/v2/usercollection/vO2_max"
    assert dict(first.url.params) == {"start_date": "2026-05-04", "end_date": "2026-05-08"}
    assert dict(second.url.params) == {
        "start_datetime": "2026-05-06T12:00:00Z",
        "end_datetime": "2026-05-06T12:00:01Z",
    }


def test_every_collection_has_a_method():
    """One method a collection, in Oura's name."""
    methods = {name.lower() for name, _ in inspect.getmembers(Collections, inspect.isfunction)}
    assert {name.lower() for name in COLLECTIONS} <= methods


def test_a_repr_holds_no_token():
    """A client in a log line shows no token."""
    assert "made-up" not in repr(OuraClient("made-up")) + repr(vars(OuraClient("made-up")))


def test_importing_the_client_loads_no_http_stack():
    """The HTTP stack is loaded by the first request."""
    code = "import annulet.client, sys; print('httpx2' in sys.modules, 'asyncio' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
