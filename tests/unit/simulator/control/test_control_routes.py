"""The control API does over HTTP what ``SimulatedOura`` does in process."""

from datetime import UTC, datetime, timedelta

import pytest

from annulet.errors import UsageError
from annulet.simulator import SimulatedOura
from annulet.simulator.clock import Clock


async def test_requests(http, get) -> None:
    """The log can be read, filtered and cleared; it leaves out control requests and tokens."""
    await get("plain", "sleep")
    await get("newcomer", "daily_sleep")
    log = (await http.get("/_control/requests")).json()
    assert [entry["person"] for entry in log] == ["plain", "newcomer"]
    assert "authorization" not in str(log)
    selected = (await http.get("/_control/requests", params={"person": "plain"})).json()
    assert [entry["path"] for entry in selected] == ["/v2/usercollection/sleep"]
    await http.delete("/_control/requests")
    assert (await http.get("/_control/requests")).json() == []


async def test_faults(http, get) -> None:
    """A fault is added by its words or its attributes, and all are removed at once."""
    await http.post("/_control/faults", json={"spec": "status:503@sleep,times=1"})
    await http.post("/_control/faults", json={"kind": "status", "value": 500, "path": "stress"})
    assert (await get("plain", "sleep")).status_code == 503
    assert (await get("plain", "daily_stress")).status_code == 500
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
    """Tokens are issued without a consent page, made to expire and revoked."""
    body = {"person": "plain", "scopes": ["daily"], "expires_in": 100}
    issued = (await http.post("/_control/tokens", json=body)).json()
    assert issued["scope"] == "daily"
    assert cloud.issue("fewscopes").access.grant.scopes == ("daily", "workout")
    expired = (await http.post("/_control/tokens/expire", json={"person": "plain"})).json()
    assert expired == {"expired": 1}
    revoked = (await http.delete("/_control/tokens", params={"person": "plain"})).json()
    assert revoked == {"revoked": 1}
    unknown = await http.post("/_control/tokens", json={"person": "unknown"})
    assert unknown.status_code == 400


async def test_people(http, cloud: SimulatedOura) -> None:
    """People can be added, listed and changed, and their truth can be read."""
    body = {"name": "far", "zone": "Pacific/Kiritimati", "days": 30}
    body["episodes"] = [{"kind": "fever", "first_days_ago": 5, "nights": 4}]
    added = (await http.post("/_control/people", json=body)).json()
    assert added["zone"] == "Pacific/Kiritimati"
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
    """Options are set by name and applications are registered; unknown ones are refused."""
    await http.post("/_control/options", json={"latency": 0.01, "token_limit": [5, 10]})
    assert cloud.options.token_limit == (5, 10)
    wrong = await http.post("/_control/options", json={"nonsense": 1})
    assert wrong.status_code == 400
    body = {"kind": "legacy", "client_id": "x", "client_secret": "y"}
    applications = (await http.post("/_control/applications", json=body)).json()
    assert "x" in [application["client_id"] for application in applications]
    bad = await http.post("/_control/applications", json={**body, "kind": "odd"})
    assert bad.status_code == 400
    overview = (await http.get("/_control")).json()
    assert "plain" in overview["people"]


def test_a_running_clock() -> None:
    """A clock follows its source, stops where it is set, and runs on from there."""
    ticks = iter(datetime(2026, 1, 1, 0, 0, k, tzinfo=UTC) for k in range(10))
    clock = Clock(lambda: next(ticks))
    assert clock().second == 0
    clock.advance(timedelta(hours=1))
    assert clock() == datetime(2026, 1, 1, 1, 0, 1, tzinfo=UTC)
    clock.set(datetime(2026, 6, 1, tzinfo=UTC))
    assert clock() == clock()
    clock.run()
    assert clock() == datetime(2026, 6, 1, 0, 0, 1, tzinfo=UTC)


def test_unknown_names() -> None:
    """An unknown person or kind of application is refused, with the known names as a hint."""
    with pytest.raises(UsageError) as caught:
        SimulatedOura(["unknown"])
    assert "plain" in caught.value.hint
    with pytest.raises(UsageError):
        SimulatedOura(["plain"]).issue_token("newcomer")
    with pytest.raises(UsageError):
        SimulatedOura([]).register_application("odd")
