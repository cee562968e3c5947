"""Faults on demand: what, where, how often."""

import httpx2
import pytest

from annulet.errors import UsageError
from annulet.simulator import SimulatedOura
from annulet.simulator.faults import FAULT_KINDS, Fault, parse_fault


async def test_a_status_so_often(ask, cloud: SimulatedOura) -> None:
    """A fault strikes as often as it says, where it says, and is counted."""
    fault = cloud.faults.add("status:503@/sleep,times=2,retry_after=7")
    first = await ask("plain", "sleep")
    assert first.status_code == 503
    assert first.headers["retry-after"] == "7"
    assert (await ask("plain", "daily_stress")).status_code == 200
    assert (await ask("plain", "sleep")).status_code == 503
    assert (await ask("plain", "sleep")).status_code == 200
    assert fault.hits == 2
    assert [entry.fault for entry in cloud.requests] == ["status", None, "status", None]


async def test_one_person_only(ask, cloud: SimulatedOura) -> None:
    """A fault of one person leaves the others alone."""
    cloud.faults.add("status", 500, person="plain")
    assert (await ask("plain", "sleep")).status_code == 500
    assert (await ask("newcomer", "sleep")).status_code == 200
    cloud.faults.clear()
    assert (await ask("plain", "sleep")).status_code == 200


async def test_the_second_page(ask, cloud: SimulatedOura) -> None:
    """A later page fails, the first one comes."""
    cloud.faults.add("status", 502, path="heartrate", page=2)
    window = {"start_datetime": "2026-05-17T00:00:00Z"}
    first = await ask("plain", "heartrate", **window)
    assert first.status_code == 200
    token = first.json()["next_token"]
    assert (await ask("plain", "heartrate", **window, next_token=token)).status_code == 502


async def test_a_token_that_repeats(ask, cloud: SimulatedOura) -> None:
    """Every page points to itself."""
    cloud.faults.add("repeat_token", path="heartrate")
    window = {"start_datetime": "2026-05-17T00:00:00Z"}
    token = (await ask("plain", "heartrate", **window)).json()["next_token"]
    again = (await ask("plain", "heartrate", **window, next_token=token)).json()
    assert again["next_token"] == token


async def test_bodies_that_are_no_json(ask, cloud: SimulatedOura) -> None:
    """HTML of a gateway, and no body at all, also with a status of success."""
    cloud.faults.add("html:502,times=1")
    cloud.faults.add("empty:200,skip=1,times=1")
    assert (await ask("plain", "sleep")).text.startswith("<!DOCTYPE")
    nothing = await ask("plain", "sleep")
    assert nothing.status_code == 200
    assert nothing.content == b""


async def test_a_cut_connection(ask, cloud: SimulatedOura, http: httpx2.AsyncClient) -> None:
    """In process a cut is a broken connection; with ``after`` the work has been done."""
    cloud.faults.add("cut@daily_sleep,times=1")
    with pytest.raises(ConnectionResetError):
        await ask("plain", "daily_sleep")
    issued = cloud.issue("plain")
    cloud.faults.add("cut@oauth-token,after=1")
    form = {"grant_type": "refresh_token", "refresh_token": issued.refresh.value}
    form |= {"client_id": "annulet-simulator", "client_secret": "simulated-secret"}
    with pytest.raises(ConnectionResetError):
        await http.post("/oauth/v2/ext/oauth-token", data=form)
    assert issued.refresh.used
    assert cloud.requests[-1].outcome == "refreshed"
    assert cloud.requests[-1].status is None


async def test_a_body_of_ones_own(http: httpx2.AsyncClient, cloud: SimulatedOura) -> None:
    """Any JSON can be answered, also with a status of success."""
    cloud.faults.add("status", 200, path="oauth-token", body='{"access_token":7}')
    assert (await http.post("/oauth/v2/ext/oauth-token")).json() == {"access_token": 7}


async def test_probability_is_seeded(ask) -> None:
    """The same seed strikes the same requests."""
    runs = []
    for _ in range(2):
        cloud = SimulatedOura(["plain"], seed=3)
        cloud.faults.add("status:500,probability=0.5")
        runs.append([bool(cloud.faults.hit("GET", "/x", None, 1)) for _ in range(20)])
    assert runs[0] == runs[1]
    assert True in runs[0]
    assert False in runs[0]


def test_the_words_of_the_command_line() -> None:
    """Every kind and every option can be written."""
    for kind in FAULT_KINDS:
        assert parse_fault(kind).kind == kind
    spec = "delay:1.5@*/sleep,person=plain,method=get,page=2,skip=1,times=3,probability=0.5,after=1"
    assert parse_fault(spec) == Fault(
        "delay", 1.5, "*/sleep", "plain", "GET", 2, 1, 3, 0.5, after=True
    )


@pytest.mark.parametrize("spec", ["", "bang", "status:x", "status,color=red", "status,times=x"])
def test_words_that_make_no_fault(spec: str) -> None:
    """A wrong word is refused with the way to write it."""
    with pytest.raises(UsageError) as caught:
        parse_fault(spec)
    assert caught.value.hint
