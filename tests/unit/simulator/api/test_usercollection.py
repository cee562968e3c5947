"""Lists, pages, fields and errors of the data API."""

from datetime import timedelta

from annulet.contract.collections import COLLECTIONS, Query, Single
from annulet.simulator import SimulatedOura


async def test_every_collection_has_data(get) -> None:
    """A person with data has data in every collection."""
    assert (await get("plain", "personal_info")).json()["id"]
    for name, collection in COLLECTIONS.items():
        if collection.paged:
            assert await _list(get, name), name


async def test_one_document_by_its_id(get) -> None:
    """A document by its id equals the one in the list; series have no single documents."""
    for name, collection in COLLECTIONS.items():
        if collection.single is Single.NEVER:
            assert (await get("plain", f"{name}/any")).status_code == 404, name
        else:
            document = (await _list(get, name))[-1]
            assert (await get("plain", f"{name}/{document['id']}")).json() == document, name


async def _list(get, name: str) -> list[dict]:
    query = {"start_date": "2025-05-01", "end_date": "2026-05-20"}
    if COLLECTIONS[name].query is Query.DATETIME:
        query = {"start_datetime": "2026-05-19T00:00:00Z"}
    return (await get("plain", name, **query)).json()["data"]


async def test_heart_rate_comes_in_pages(get, cloud: SimulatedOura) -> None:
    """Pages of 1,000; a token with and without the parameters gives the same page."""
    window = {"start_datetime": "2026-05-17T00:00:00Z", "end_datetime": "2026-05-19T00:00:00Z"}
    first = (await get("plain", "heartrate", **window)).json()
    assert len(first["data"]) == 1000
    rows, token = first["data"], first["next_token"]
    while token:
        page = (await get("plain", "heartrate", **window, next_token=token)).json()
        assert page == (await get("plain", "heartrate", next_token=token)).json()
        rows += page["data"]
        token = page["next_token"]
    expected = cloud.people["plain"].truth.heartrate(
        cloud.clock() - timedelta(days=3, hours=12), cloud.clock() - timedelta(days=1, hours=12)
    )
    assert [row["timestamp_unix"] for row in rows] == [row.at for row in expected]


async def test_documents_come_in_one_page(get, cloud: SimulatedOura) -> None:
    """The whole range is one page; with the fault ``pages`` all pages together are the same."""
    window = {"start_date": "2026-05-01", "end_date": "2026-05-12"}
    whole = (await get("plain", "daily_sleep", **window)).json()
    assert whole["next_token"] is None
    cloud.faults.add("pages", 5, path="daily_sleep")
    documents, token = [], ""
    for _ in range(3):
        query = {**window, "next_token": token} if token else window
        page = (await get("plain", "daily_sleep", **query)).json()
        documents += page["data"]
        token = page["next_token"]
    assert documents == whole["data"]
    assert token is None


async def test_fields(get) -> None:
    """Known names and anchors come back; unknown names are ignored, and alone give all fields."""
    window = {"start_date": "2026-05-10", "end_date": "2026-05-10"}

    async def keys(collection: str, fields: str) -> set[str]:
        page = await get("plain", collection, **window, fields=fields)
        return set(page.json()["data"][0])

    assert await keys("daily_sleep", "score") == {"id", "timestamp", "score"}
    assert await keys("daily_sleep", "score,nonsense") == {"id", "timestamp", "score"}
    assert len(await keys("daily_sleep", "nonsense")) == 5
    assert await keys("daily_resilience", "level") == {"id", "day", "contributors", "level"}


async def test_latest(get) -> None:
    """``latest`` gives the newest row of a series; other collections ignore it."""
    rows = (await get("plain", "heartrate", latest="true")).json()["data"]
    assert len(rows) == 1
    assert rows[0]["timestamp"] > "2026-05-20T11"
    window = {"start_date": "2026-05-01", "end_date": "2026-05-12", "latest": "maybe"}
    assert len((await get("plain", "daily_sleep", **window)).json()["data"]) == 12


async def test_missing_dates(get) -> None:
    """Without dates a series covers 24 hours, a daily collection yesterday and today."""
    days = [item["day"] for item in (await get("plain", "daily_sleep")).json()["data"]]
    assert days == ["2026-05-19", "2026-05-20"]
    rows = (await get("plain", "heartrate")).json()["data"]
    assert rows[0]["timestamp"] > "2026-05-19T12:00"


async def test_odd_dates_are_parsed_as_by_the_live_service(get) -> None:
    """Numbers are seconds since 1970, and 0024 is the year 24."""
    assert (await get("plain", "daily_sleep", start_date="1", end_date="2")).json()["data"] == []
    since = await get("plain", "daily_sleep", start_date="0024-01-01", end_date="2026-05-20")
    assert len(since.json()["data"]) > 380


async def test_errors_of_parameters(get) -> None:
    """The bodies of 422 are those of the live service, word for word."""
    answer = await get("plain", "sleep", start_date="nonsense")
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
    latest = await get("plain", "heartrate", latest="maybe")
    assert latest.json()["detail"][0]["type"] == "bool_parsing"
    spaced = await get("plain", "heartrate", start_datetime="2026-05-01T00:00:00 02:00")
    assert spaced.status_code == 422
    reversed_range = await get("plain", "sleep", start_date="2026-05-02", end_date="2026-05-01")
    assert reversed_range.status_code == 422


async def test_scopes(get, cloud: SimulatedOura) -> None:
    """A missing scope is 401 with a fixed sentence; the profile hides fields without a scope."""
    answer = await get("fewscopes", "daily_spo2")
    assert answer.status_code == 401
    assert answer.json() == {"detail": "Token is not authorized access spo2 scope."}
    assert (await get("fewscopes", "daily_sleep")).status_code == 200
    info = (await get("fewscopes", "personal_info")).json()
    assert info["id"]
    assert info["age"] is None
    cloud.options.absent_profile = True
    assert set((await get("fewscopes", "personal_info")).json()) == {"id"}
    cloud.options.stress_needs_scope = True
    assert "stress scope" in (await get("fewscopes", "daily_stress")).text


async def test_membership(get) -> None:
    """With a lapsed membership every request is 403."""
    for path in ("personal_info", "daily_sleep", "heartrate"):
        assert (await get("lapsed", path)).status_code == 403


async def test_not_found(get, http) -> None:
    """An unknown document, route or spelling is 404, another method 405."""
    unknown = await get("plain", "sleep/00000000-0000-4000-8000-000000000000")
    assert unknown.status_code == 404
    assert unknown.json() == {"detail": "Document not found."}
    for path in ("vo2_max", "nonsense"):
        answer = await get("plain", path)
        assert answer.status_code == 404
        assert answer.json() == {"detail": "Not Found"}
    assert (await http.post("/v2/usercollection/sleep")).status_code == 405


async def test_invalid_tokens(cloud: SimulatedOura, http) -> None:
    """A missing, unknown, expired or revoked token is 401, and so is another scheme."""
    token = cloud.issue_token("plain", expires_in=60)

    async def status(header: str) -> int:
        headers = {"authorization": header} if header else {}
        return (await http.get("/v2/usercollection/personal_info", headers=headers)).status_code

    assert await status(f"Bearer {token}") == 200
    assert await status("") == await status("Bearer x") == await status(f"Basic {token}") == 401
    cloud.clock.advance(60)
    assert await status(f"Bearer {token}") == 401
    token = cloud.issue_token("plain")
    cloud.revoke_grants("plain")
    assert await status(f"Bearer {token}") == 401


async def test_rate_limits_of_both_tiers(cloud: SimulatedOura, get) -> None:
    """429 carries five headers, one of which names the tier, until the window ends."""
    cloud.options.token_limit = (2, 60)
    statuses = [(await get("plain", "personal_info")).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    answer = await get("plain", "personal_info")
    assert answer.headers["retry-after"] == "60"
    assert answer.headers["x-ratelimit-limit"] == "2"
    assert answer.headers["x-ratelimit-window"] == "60"
    assert answer.headers["x-ratelimit-tier"] == "access_token"
    assert int(answer.headers["x-ratelimit-reset"]) == int(cloud.clock().timestamp()) + 60
    cloud.clock.advance(60)
    answer = await get("plain", "personal_info")
    assert answer.status_code == 200
    assert not [name for name in answer.headers if "ratelimit" in name]
    cloud.options.application_limit = (0, 60)
    cloud.limits.clear()
    cloud.options.empty_limit_body = True
    answer = await get("newcomer", "personal_info")
    assert answer.headers["x-ratelimit-tier"] == "application"
    assert answer.content == b""


async def test_problem_bodies_and_meta(cloud: SimulatedOura, get) -> None:
    """Options make errors RFC 7807 objects and add an unknown member to every list."""
    cloud.options.problem_bodies = True
    cloud.options.meta = True
    problem = (await get("fewscopes", "daily_spo2")).json()
    assert problem["status"] == 401
    assert problem["title"] == "Unauthorized"
    assert "meta" in (await get("plain", "daily_sleep")).json()


async def test_series_options(cloud: SimulatedOura, get) -> None:
    """Options change battery rows, leave out the last token and refuse wide ranges."""
    cloud.options.battery_as_seen = True
    cloud.options.omit_series_token = True
    cloud.options.refuse_wide_heartrate = True
    page = (await get("plain", "ring_battery_level")).json()
    assert "next_token" not in page
    assert "timestamp_unix" not in page["data"][0]
    wide = await get("plain", "heartrate", start_datetime="2026-01-01T00:00:00Z")
    assert wide.status_code == 400


async def test_answers_carry_a_trace(get) -> None:
    """Every response carries the trace header of the live service."""
    assert (await get("plain", "personal_info")).headers["x-trace-id"]


async def test_the_day_in_progress(get, cloud: SimulatedOura) -> None:
    """The day in progress and the time series end at the last sync."""
    [today] = (
        await get("plain", "daily_activity", start_date="2026-05-20", end_date="2026-05-21")
    ).json()["data"]
    assert len(today["class_5_min"]) == 96
    assert len(today["met"]["items"]) == 480
    future = await get("plain", "heartrate", end_datetime="2026-06-01T00:00:00Z")
    assert future.json()["data"] == []
    latest = (await get("plain", "heartrate", latest="1")).json()["data"][0]
    assert latest["timestamp_unix"] <= cloud.clock().timestamp() * 1000
