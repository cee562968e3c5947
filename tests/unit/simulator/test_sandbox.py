"""Oura's sandbox keeps its odd habits."""

import pytest

from annulet.contract.collections import COLLECTIONS, Query

BASE = "/v2/sandbox/usercollection"
ANY = {"authorization": "anything"}
WEEK = {"start_date": "2026-06-29", "end_date": "2026-07-06"}


@pytest.mark.parametrize("name", [n for n, c in COLLECTIONS.items() if c.query is Query.DAY])
async def test_documents(http, name: str) -> None:
    """Made-up ids, the last day left out, one page, no selection of fields."""
    answer = await http.get(f"{BASE}/{name}", params={**WEEK, "fields": "id"}, headers=ANY)
    page = answer.json()
    assert page["next_token"] is None
    assert len(page["data"]) <= 7
    if name == "daily_sleep":
        assert len(page["data"]) == 7
        assert page["data"][0]["id"] == "daily_sleep-0-2026-6-29"
        assert page["data"][0]["timestamp"] == "2026-06-29T00:00:00.000+00:00"
    if name == "sleep":
        beats = page["data"][0]["heart_rate"]
        assert (len(beats["items"]), beats["interval"]) == (10, 60)
        assert beats["timestamp"].startswith("2021-01-01")
    if name in {"daily_cardiovascular_age", "vO2_max"}:
        assert {item["day"] for item in page["data"]} <= {"2021-01-01"}


async def test_series_and_ring(http) -> None:
    """Series are regular, the battery has no Unix time."""
    window = {"start_datetime": "2026-06-29T00:00:00Z", "end_datetime": "2026-06-29T01:00:00Z"}
    beats = await http.get(f"{BASE}/heartrate", params=window, headers=ANY)
    assert len(beats.json()["data"]) == 12
    levels = await http.get(f"{BASE}/ring_battery_level", params=window, headers=ANY)
    assert "timestamp_unix" not in levels.json()["data"][0]
    rings = await http.get(f"{BASE}/ring_configuration", headers=ANY)
    assert len(rings.json()["data"]) == 1


async def test_refusals(http) -> None:
    """Without Authorization 400, no profile, failures for single documents."""
    missing = await http.get(f"{BASE}/sleep")
    assert missing.status_code == 400
    assert missing.json() == {
        "detail": "Missing auth token. Include any string in 'Authorization' header."
    }
    for path, status in (
        ("personal_info", 404),
        ("daily_sleep/daily_sleep-0-2026-6-29", 500),
        ("daily_sleep/other", 404),
        ("sleep?start_date=nonsense", 422),
    ):
        assert (await http.get(f"{BASE}/{path}", headers=ANY)).status_code == status
