"""The control API does over HTTP what tests in process do by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from annulet.errors import UsageError
from annulet.simulator import SimulatedOura
from annulet.simulator.clock import Clock


async def test_requests(http, ask) -> None:
    """The log can be read, filtered and cleared; control itself is not in it."""
    await ask("plain", "sleep")
    await ask("newcomer", "daily_sleep")
    log = (await http.get("/_control/requests")).json()
    assert [entry["person"] for entry in log] == ["plain", "newcomer"]
    assert "authorization" not in str(log)
    only = (await http.get("/_control/requests", params={"person": "plain"})).json()
    assert [entry["path"] for entry in only] == ["/v2/usercollection/sleep"]
    await http.delete("/_control/requests")
    assert (await http.get("/_control/requests")).json() == []


async def test_faults(http, ask) -> None:
    """A fault by its words or its parts; all of them taken back."""
    await http.post("/_control/faults", json={"spec": "status:503@sleep,times=1"})
    await http.post("/_control/faults", json={"kind": "status", "value": 500, "path": "stress"})
    assert (await ask("plain", "sleep")).status_code == 503
    assert (await ask("plain", "daily_stress")).status_code == 500
    assert (await http.delete("/_control/faults")).json() == []
    wrong = await http.post("/_control/faults", json={"spec": "bang"})
    assert wrong.status_code == 400
    assert wrong.json()["hint"]


async def test_clock(http, cloud: SimulatedOura) -> None:
    """The clock can be set and advanced."""
    await http.post("/_control/clock", json={"now": "2026-05-21T09:00:00Z"})
    await http.post("/_control/clock", json={"advance": 60})
    assert cloud.clock() == datetime(2026, 5, 21, 9, 1, tzinfo=UTC)
    assert (await http.post("/_control/clock", json={"now": "2026-05-21"})).status_code == 400


async def test_tokens(http, cloud: SimulatedOura) -> None:
    """Tokens without a consent page, made to expire, revoked."""
    body = {"person": "plain", "scopes": ["daily"], "expires_in": 100}
    issued = (await http.post("/_control/tokens", json=body)).json()
    assert issued["scope"] == "daily"
    assert cloud.issue("fewscopes").access.grant.scopes == ("daily", "workout")
    expired = (await http.post("/_control/tokens/expire", json={"person": "plain"})).json()
    assert expired == {"expired": 1}
    gone = (await http.delete("/_control/tokens", params={"person": "plain"})).json()
    assert gone == {"revoked": 1}
    nobody = await http.post("/_control/tokens", json={"person": "nobody"})
    assert nobody.status_code == 400


async def test_people(http, cloud: SimulatedOura) -> None:
    """People can be listed, changed, invited and asked for their truth."""
    body = {"name": "far", "zone": "Pacific/Kiritimati", "days": 30}
    body["episodes"] = [{"kind": "fever", "first_days_ago": 5, "nights": 4}]
    made = (await http.post("/_control/people", json=body)).json()
    assert made["zone"] == "Pacific/Kiritimati"
    truth = (await http.get("/_control/people/far/truth")).json()
    day = cloud.people["far"].truth.today
    night = cloud.people["far"].truth.nights[day]
    assert truth["days"][day.isoformat()]["night"]["total_sleep_duration"] == night.total
    assert len(truth["illness"]) == 1
    until = (cloud.clock() - timedelta(days=2)).isoformat()
    change = {"member": False, "grants": ["daily"], "synced_until": until}
    changed = (await http.post("/_control/people/far", json=change)).json()
    assert changed["member"] is False
    assert changed["grants"] == ["daily"]
    assert cloud.people["far"].last_sync().isoformat() == until
    assert "far" in [person["name"] for person in (await http.get("/_control/people")).json()]


async def test_options_and_applications(http, cloud: SimulatedOura) -> None:
    """Switches are set by name; an unknown one is refused; applications are registered."""
    await http.post("/_control/options", json={"latency": 0.01, "token_limit": [5, 10]})
    assert cloud.options.token_limit == (5, 10)
    wrong = await http.post("/_control/options", json={"nonsense": 1})
    assert wrong.status_code == 400
    body = {"kind": "legacy", "client_id": "x", "client_secret": "y"}
    found = (await http.post("/_control/applications", json=body)).json()
    assert "x" in [item["client_id"] for item in found]
    bad = await http.post("/_control/applications", json={**body, "kind": "odd"})
    assert bad.status_code == 400
    overview = (await http.get("/_control")).json()
    assert "plain" in overview["people"]


def test_a_clock_that_runs() -> None:
    """A clock runs with its source, stops where it is set, and runs on from there."""
    ticks = iter(datetime(2026, 1, 1, 0, 0, k, tzinfo=UTC) for k in range(10))
    clock = Clock(lambda: next(ticks))
    assert clock().second == 0
    clock.advance(timedelta(hours=1))
    assert clock() == datetime(2026, 1, 1, 1, 0, 1, tzinfo=UTC)
    clock.set(datetime(2026, 6, 1, tzinfo=UTC))
    assert clock() == clock()
    clock.run()
    assert clock() == datetime(2026, 6, 1, 0, 0, 1, tzinfo=UTC)


def test_nobody_of_that_name() -> None:
    """An unknown name is refused with the names there are."""
    with pytest.raises(UsageError) as caught:
        SimulatedOura(["nobody"])
    assert "plain" in caught.value.hint
    with pytest.raises(UsageError):
        SimulatedOura(["plain"]).issue_token("newcomer")
    with pytest.raises(UsageError):
        SimulatedOura([]).register_application("odd")
