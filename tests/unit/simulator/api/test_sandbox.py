"""Oura's sandbox keeps its peculiarities."""

from annulet.contract.collections import COLLECTIONS, Query

BASE = "/v2/sandbox/usercollection"
ANY = {"authorization": "anything"}
WEEK = {"start_date": "2026-06-29", "end_date": "2026-07-06"}


async def test_documents(http) -> None:
    """Lists are one page without the last day, with all fields, made-up ids and fixed samples."""
    pages = {}
    for name, collection in COLLECTIONS.items():
        if collection.query is Query.DAY:
            answer = await http.get(f"{BASE}/{name}", params={**WEEK, "fields": "id"}, headers=ANY)
            pages[name] = answer.json()["data"]
            assert answer.json()["next_token"] is None, name
            assert len(pages[name]) <= 7, name
    assert len(pages["daily_sleep"]) == 7
    assert pages["daily_sleep"][0]["id"] == "daily_sleep-0-2026-6-29"
    assert pages["daily_sleep"][0]["timestamp"] == "2026-06-29T00:00:00.000+00:00"
    samples = pages["sleep"][0]["heart_rate"]
    assert (len(samples["items"]), samples["interval"]) == (10, 60)
    assert samples["timestamp"].startswith("2021-01-01")
    for name in ("daily_cardiovascular_age", "vO2_max"):
        assert {document["day"] for document in pages[name]} <= {"2021-01-01"}


async def test_series_and_ring(http) -> None:
    """Series are regular, and battery rows have no Unix time."""
    window = {"start_datetime": "2026-06-29T00:00:00Z", "end_datetime": "2026-06-29T01:00:00Z"}
    heart_rate = await http.get(f"{BASE}/heartrate", params=window, headers=ANY)
    assert len(heart_rate.json()["data"]) == 12
    battery = await http.get(f"{BASE}/ring_battery_level", params=window, headers=ANY)
    assert "timestamp_unix" not in battery.json()["data"][0]
    rings = await http.get(f"{BASE}/ring_configuration", headers=ANY)
    assert len(rings.json()["data"]) == 1


async def test_rejected_requests(http) -> None:
    """Without Authorization it is 400; there is no profile and no single document."""
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
