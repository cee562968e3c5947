"""Lists, pages, fields and failures of the data API."""

from datetime import timedelta

import pytest

from annulet.contract.collections import COLLECTIONS, Query, Single
from annulet.simulator import SimulatedOura

ALL = sorted(COLLECTIONS)


@pytest.mark.parametrize("collection", ALL)
async def test_every_collection_answers(ask, collection: str) -> None:
    """A person with data gets data from every collection, and each document by its id."""
    query = {"start_date": "2025-05-01", "end_date": "2026-05-20"}
    if COLLECTIONS[collection].query is Query.DATETIME:
        query = {"start_datetime": "2026-05-19T00:00:00Z"}
    answer = await ask("plain", collection, **query)
    assert answer.status_code == 200
    if not COLLECTIONS[collection].paged:
        assert answer.json()["id"]
        return
    data = answer.json()["data"]
    assert data
    if COLLECTIONS[collection].single is Single.BY_ID:
        single = await ask("plain", f"{collection}/{data[-1]['id']}")
        assert single.json() == data[-1]
    else:
        assert (await ask("plain", f"{collection}/any")).status_code == 404


async def test_heart_rate_comes_in_pages(ask, cloud: SimulatedOura) -> None:
    """Pages of 1,000; a token with and without the parameters gives the same page."""
    window = {"start_datetime": "2026-05-17T00:00:00Z", "end_datetime": "2026-05-19T00:00:00Z"}
    first = (await ask("plain", "heartrate", **window)).json()
    assert len(first["data"]) == 1000
    rows, token = first["data"], first["next_token"]
    while token:
        page = (await ask("plain", "heartrate", **window, next_token=token)).json()
        assert page == (await ask("plain", "heartrate", next_token=token)).json()
        rows += page["data"]
        token = page["next_token"]
    wanted = cloud.people["plain"].truth.heartrate(
        cloud.clock() - timedelta(days=3, hours=12), cloud.clock() - timedelta(days=1, hours=12)
    )
    assert [row["timestamp_unix"] for row in rows] == [beat.at for beat in wanted]


async def test_documents_come_in_one_page_unless_asked(ask, cloud: SimulatedOura) -> None:
    """A small page size is a fault; its pages together are the whole."""
    window = {"start_date": "2026-05-01", "end_date": "2026-05-12"}
    whole = (await ask("plain", "daily_sleep", **window)).json()
    assert whole["next_token"] is None
    cloud.faults.add("pages", 5, path="daily_sleep")
    found, token = [], ""
    for _ in range(3):
        query = {**window, "next_token": token} if token else window
        page = (await ask("plain", "daily_sleep", **query)).json()
        found += page["data"]
        token = page["next_token"]
    assert found == whole["data"]
    assert token is None


async def test_fields(ask) -> None:
    """Known names plus the anchors; only unknown names give everything; unknown are ignored."""
    window = {"start_date": "2026-05-10", "end_date": "2026-05-10"}

    async def keys(collection: str, fields: str) -> set[str]:
        page = await ask("plain", collection, **window, fields=fields)
        return set(page.json()["data"][0])

    assert await keys("daily_sleep", "score") == {"id", "timestamp", "score"}
    assert await keys("daily_sleep", "score,nonsense") == {"id", "timestamp", "score"}
    assert len(await keys("daily_sleep", "nonsense")) == 5
    assert await keys("daily_resilience", "level") == {"id", "day", "contributors", "level"}


async def test_latest(ask) -> None:
    """The newest sample of a series; ignored elsewhere."""
    beats = (await ask("plain", "heartrate", latest="true")).json()["data"]
    assert len(beats) == 1
    assert beats[0]["timestamp"] > "2026-05-20T11"
    window = {"start_date": "2026-05-01", "end_date": "2026-05-12", "latest": "maybe"}
    assert len((await ask("plain", "daily_sleep", **window)).json()["data"]) == 12


async def test_no_dates(ask) -> None:
    """Without dates: the last day of a series, about yesterday and today of a daily."""
    days = [item["day"] for item in (await ask("plain", "daily_sleep")).json()["data"]]
    assert days == ["2026-05-19", "2026-05-20"]
    beats = (await ask("plain", "heartrate")).json()["data"]
    assert beats[0]["timestamp"] > "2026-05-19T12:00"


async def test_odd_dates_are_read_as_the_live_service_reads_them(ask) -> None:
    """Numbers are seconds since 1970, year 24 is a year."""
    assert (await ask("plain", "daily_sleep", start_date="1", end_date="2")).json()["data"] == []
    since = await ask("plain", "daily_sleep", start_date="0024-01-01", end_date="2026-05-20")
    assert len(since.json()["data"]) > 380


async def test_failures_of_parameters(ask) -> None:
    """The bodies of 422, word for word."""
    answer = await ask("plain", "sleep", start_date="nonsense")
    assert answer.status_code == 422
    assert answer.json()["detail"] == [
        {
            "type": "datetime_from_date_parsing",
            "loc": ["query", "start_date", "datetime"],
            "msg": "Input should be a valid datetime or date, input is too short",
            "input": "nonsense",
            "ctx": {"error": "input is too short"},
        },
        {
            "type": "date_from_datetime_parsing",
            "loc": ["query", "start_date", "date"],
            "msg": "Input should be a valid date or datetime, input is too short",
            "input": "nonsense",
            "ctx": {"error": "input is too short"},
        },
    ]
    switch = await ask("plain", "heartrate", latest="maybe")
    assert switch.json()["detail"][0]["type"] == "bool_parsing"
    spaced = await ask("plain", "heartrate", start_datetime="2026-05-01T00:00:00 02:00")
    assert spaced.status_code == 422
    upside = await ask("plain", "sleep", start_date="2026-05-02", end_date="2026-05-01")
    assert upside.status_code == 422


async def test_permissions(ask, cloud: SimulatedOura, http) -> None:
    """A missing scope is 401 with a fixed sentence, never 403."""
    answer = await ask("fewscopes", "daily_spo2")
    assert answer.status_code == 401
    assert answer.json() == {"detail": "Token is not authorized access spo2 scope."}
    assert (await ask("fewscopes", "daily_sleep")).status_code == 200
    info = (await ask("fewscopes", "personal_info")).json()
    assert info["id"]
    assert info["age"] is None
    cloud.options.absent_profile = True
    assert set((await ask("fewscopes", "personal_info")).json()) == {"id"}
    cloud.options.stress_needs_scope = True
    assert "stress scope" in (await ask("fewscopes", "daily_stress")).text


async def test_membership(ask) -> None:
    """A lapsed membership is 403 on everything."""
    for path in ("personal_info", "daily_sleep", "heartrate"):
        assert (await ask("lapsed", path)).status_code == 403


async def test_not_found(ask, http) -> None:
    """Unknown document, unknown route, wrong case, wrong method."""
    unknown = await ask("plain", "sleep/00000000-0000-4000-8000-000000000000")
    assert unknown.status_code == 404
    assert unknown.json() == {"detail": "Document not found."}
    for path in ("vo2_max", "nonsense"):
        answer = await ask("plain", path)
        assert answer.status_code == 404
        assert answer.json() == {"detail": "Not Found"}
    assert (await http.post("/v2/usercollection/sleep")).status_code == 405


async def test_tokens_that_do_not_work(cloud: SimulatedOura, http) -> None:
    """Missing, unknown, expired and revoked tokens are 401; so is one that is not a bearer."""
    token = cloud.issue_token("plain", expires_in=60)

    async def status(header: str) -> int:
        headers = {"authorization": header} if header else {}
        return (await http.get("/v2/usercollection/personal_info", headers=headers)).status_code

    assert await status(f"Bearer {token}") == 200
    assert await status("") == await status("Bearer x") == await status(f"Basic {token}") == 401
    cloud.clock.advance(60)
    assert await status(f"Bearer {token}") == 401
    fresh = cloud.issue_token("plain")
    cloud.revoke_grants("plain")
    assert await status(f"Bearer {fresh}") == 401


async def test_limits_of_both_tiers(cloud: SimulatedOura, ask) -> None:
    """429 with all five headers; which tier fired is told; the window ends."""
    cloud.options.token_limit = (2, 60)
    statuses = [(await ask("plain", "personal_info")).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    answer = await ask("plain", "personal_info")
    assert answer.headers["retry-after"] == "60"
    assert answer.headers["x-ratelimit-limit"] == "2"
    assert answer.headers["x-ratelimit-window"] == "60"
    assert answer.headers["x-ratelimit-tier"] == "access_token"
    assert int(answer.headers["x-ratelimit-reset"]) == int(cloud.clock().timestamp()) + 60
    cloud.clock.advance(60)
    fine = await ask("plain", "personal_info")
    assert fine.status_code == 200
    assert not [name for name in fine.headers if "ratelimit" in name]
    cloud.options.application_limit = (0, 60)
    cloud.limits.clear()
    cloud.options.empty_limit_body = True
    shared = await ask("newcomer", "personal_info")
    assert shared.headers["x-ratelimit-tier"] == "application"
    assert shared.content == b""


async def test_problem_bodies_and_meta(cloud: SimulatedOura, ask) -> None:
    """Switches: errors as RFC 7807 objects, an unknown member in every envelope."""
    cloud.options.problem_bodies = True
    cloud.options.meta = True
    problem = (await ask("fewscopes", "daily_spo2")).json()
    assert problem["status"] == 401
    assert problem["title"] == "Unauthorized"
    assert "meta" in (await ask("plain", "daily_sleep")).json()


async def test_series_switches(cloud: SimulatedOura, ask) -> None:
    """Battery rows as seen, a last page without token, a cap on wide windows."""
    cloud.options.battery_as_seen = True
    cloud.options.omit_series_token = True
    cloud.options.refuse_wide_heartrate = True
    page = (await ask("plain", "ring_battery_level")).json()
    assert "next_token" not in page
    assert "timestamp_unix" not in page["data"][0]
    wide = await ask("plain", "heartrate", start_datetime="2026-01-01T00:00:00Z")
    assert wide.status_code == 400


async def test_answers_carry_a_trace(ask) -> None:
    """Every answer carries the header real ones carry."""
    assert (await ask("plain", "personal_info")).headers["x-trace-id"]


async def test_nothing_is_said_that_has_not_happened(ask, cloud: SimulatedOura) -> None:
    """The day in progress is only known as far as it is synced."""
    [today] = (
        await ask("plain", "daily_activity", start_date="2026-05-20", end_date="2026-05-21")
    ).json()["data"]
    assert len(today["class_5_min"]) == 96
    assert len(today["met"]["items"]) == 480
    beats = await ask("plain", "heartrate", end_datetime="2026-06-01T00:00:00Z")
    assert beats.json()["data"] == []
    latest = (await ask("plain", "heartrate", latest="1")).json()["data"][0]
    assert latest["timestamp_unix"] <= cloud.clock().timestamp() * 1000
