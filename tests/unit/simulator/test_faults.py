"""Faults on demand: what fails, where and how often."""

import httpx2
import pytest

from annulet.errors import UsageError
from annulet.simulator import SimulatedOura
from annulet.simulator.faults import FAULT_KINDS, Fault, parse_fault


async def test_a_status_a_number_of_times(get, cloud: SimulatedOura) -> None:
    """A fault hits the requests with its path, as often as it says, and counts them."""
    fault = cloud.faults.add("status:503@/sleep,times=2,retry_after=7")
    first = await get("plain", "sleep")
    assert first.status_code == 503
    assert first.headers["retry-after"] == "7"
    assert (await get("plain", "daily_stress")).status_code == 200
    assert (await get("plain", "sleep")).status_code == 503
    assert (await get("plain", "sleep")).status_code == 200
    assert fault.hits == 2
    assert [entry.fault for entry in cloud.requests] == ["status", None, "status", None]


async def test_one_person_only(get, cloud: SimulatedOura) -> None:
    """A fault of one person does not hit the requests of others."""
    cloud.faults.add("status", 500, person="plain")
    assert (await get("plain", "sleep")).status_code == 500
    assert (await get("newcomer", "sleep")).status_code == 200
    cloud.faults.clear()
    assert (await get("plain", "sleep")).status_code == 200


async def test_a_later_page(get, cloud: SimulatedOura) -> None:
    """A fault of the second page lets the first one pass."""
    cloud.faults.add("status", 502, path="heartrate", page=2)
    window = {"start_datetime": "2026-05-17T00:00:00Z"}
    first = await get("plain", "heartrate", **window)
    assert first.status_code == 200
    token = first.json()["next_token"]
    assert (await get("plain", "heartrate", **window, next_token=token)).status_code == 502


async def test_a_token_that_repeats(get, cloud: SimulatedOura) -> None:
    """With ``repeat_token`` every page points to itself."""
    cloud.faults.add("repeat_token", path="heartrate")
    window = {"start_datetime": "2026-05-17T00:00:00Z"}
    token = (await get("plain", "heartrate", **window)).json()["next_token"]
    second = (await get("plain", "heartrate", **window, next_token=token)).json()
    assert second["next_token"] == token


async def test_bodies_without_json(get, cloud: SimulatedOura) -> None:
    """The body can be a gateway's HTML or empty, also with a status of success."""
    cloud.faults.add("html:502,times=1")
    cloud.faults.add("empty:200,skip=1,times=1")
    assert (await get("plain", "sleep")).text.startswith("<!DOCTYPE")
    empty = await get("plain", "sleep")
    assert empty.status_code == 200
    assert empty.content == b""


async def test_a_cut_connection(get, cloud: SimulatedOura, http: httpx2.AsyncClient) -> None:
    """In process a cut raises an error; with ``after`` the request has been processed."""
    cloud.faults.add("cut@daily_sleep,times=1")
    with pytest.raises(ConnectionResetError):
        await get("plain", "daily_sleep")
    pair = cloud.issue("plain")
    cloud.faults.add("cut@oauth-token,after=1")
    form = {"grant_type": "refresh_token", "refresh_token": pair.refresh.value}
    form |= {"client_id": "annulet-simulator", "client_secret": "simulated-secret"}
    with pytest.raises(ConnectionResetError):
        await http.post("/oauth/v2/ext/oauth-token", data=form)
    assert pair.refresh.used
    assert cloud.requests[-1].outcome == "refreshed"
    assert cloud.requests[-1].status is None


async def test_a_given_body(http: httpx2.AsyncClient, cloud: SimulatedOura) -> None:
    """A fault can answer any JSON, also with a status of success."""
    cloud.faults.add("status", 200, path="oauth-token", body='{"access_token":7}')
    assert (await http.post("/oauth/v2/ext/oauth-token")).json() == {"access_token": 7}


def test_probability_is_seeded() -> None:
    """The same seed hits the same requests."""
    runs = []
    for _ in range(2):
        cloud = SimulatedOura(["plain"], seed=3)
        cloud.faults.add("status:500,probability=0.5")
        runs.append([bool(cloud.faults.hit("GET", "/x", None, 1)) for _ in range(20)])
    assert runs[0] == runs[1]
    assert True in runs[0]
    assert False in runs[0]


def test_faults_of_the_command_line() -> None:
    """Every kind and every option can be written in words."""
    for kind in FAULT_KINDS:
        assert parse_fault(kind).kind == kind
    spec = "delay:1.5@*/sleep,person=plain,method=get,page=2,skip=1,times=3,probability=0.5,after=1"
    assert parse_fault(spec) == Fault(
        "delay", 1.5, "*/sleep", "plain", "GET", 2, 1, 3, 0.5, after=True
    )


def test_words_that_are_not_a_fault() -> None:
    """A wrong kind, option or value is named, and the hint shows how to write a fault."""
    for spec, wrong in (
        ("", "''"),
        ("bang", "bang"),
        ("status:x", "value"),
        ("status,color=red", "color"),
        ("status,times=x", "times"),
    ):
        with pytest.raises(UsageError, match=wrong) as caught:
            parse_fault(spec)
        assert "status" in caught.value.hint
