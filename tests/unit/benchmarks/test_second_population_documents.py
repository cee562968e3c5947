"""The second population as an Oura cloud: its documents say what its nights say."""

from __future__ import annotations

import asyncio
import json
import os
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from benchmarks.second_population import Person, person
from benchmarks.second_population.documents import OuraDocuments, application

HOUR = 60
SCHEMAS = {
    "sleep": "PublicModifiedSleepModel",
    "daily_sleep": "PublicDailySleep",
    "daily_readiness": "PublicDailyReadiness",
    "daily_activity": "PublicDailyActivity",
    "daily_stress": "PublicDailyStress",
    "daily_spo2": "PublicDailySpO2",
    "enhanced_tag": "EnhancedTagModel",
    "ring_configuration": "PublicRingConfiguration",
}


def asked(
    subject: Person, collection: str, *, offset: int = 0, **query: str
) -> list[dict[str, Any]]:
    """The documents of a collection for a query, through JSON as a client gets them."""
    documents = OuraDocuments(subject, utc_offset_min=offset)
    status, body = documents.respond(f"/v2/usercollection/{collection}", query)
    assert status == 200
    return json.loads(json.dumps(body))["data"]


def on(subject: Person, metric: str, day: str) -> float | None:
    """A metric's value of a day."""
    return subject.nights[metric][(date.fromisoformat(day) - subject.first_day).days]


def days(documents: list[dict[str, Any]]) -> list[str]:
    """The days of documents."""
    return [document["day"] for document in documents]


@pytest.mark.parametrize("kind", ["plain", "shift_work", "newborn_parent", "arrhythmia"])
def test_a_sleep_says_what_the_night_says(kind: str) -> None:
    """Durations, vitals and bedtime come back from the document as they went in."""
    subject = person(kind, 1, nights=60)
    sleeps = asked(subject, "sleep", offset=2 * HOUR)
    assert len(sleeps) == sum(value is not None for value in subject.nights["total_sleep_min"])
    for sleep in sleeps:
        day = sleep["day"]
        start = datetime.fromisoformat(sleep["bedtime_start"])
        midnight = datetime.combine(date.fromisoformat(day), datetime.min.time(), start.tzinfo)
        shown = {
            "total_sleep_min": sleep["total_sleep_duration"] / 60,
            "deep_min": sleep["deep_sleep_duration"] / 60,
            "rem_min": sleep["rem_sleep_duration"] / 60,
            "latency_min": sleep["latency"] / 60,
            "efficiency_pct": round(100 * sleep["total_sleep_duration"] / sleep["time_in_bed"]),
            "hr_lowest_bpm": sleep["lowest_heart_rate"],
            "hrv_avg_ms": sleep["average_hrv"],
            "breath_avg_per_min": sleep["average_breath"],
            "temperature_deviation_c": sleep["readiness"]["temperature_deviation"],
            "readiness_score": sleep["readiness"]["score"],
            "bedtime_min_from_midnight": (start - midnight).total_seconds() / 60,
        }
        assert shown == {metric: on(subject, metric, day) for metric in shown}


def test_the_stages_of_a_night_sum_to_its_durations() -> None:
    """Thirty-second stages sum exactly, five-minute stages within one block, and both fill it."""
    for sleep in asked(person("newborn_parent", 0, nights=200), "sleep"):
        fine, coarse = sleep["sleep_phase_30_sec"], sleep["sleep_phase_5_min"]
        names = {"1": "deep_sleep_duration", "2": "light_sleep_duration", "3": "rem_sleep_duration"}
        for stage, name in (names | {"4": "awake_time"}).items():
            assert fine.count(stage) * 30 == sleep[name]
            assert abs(coarse.count(stage) * 300 - sleep[name]) < 300
        assert len(fine) * 30 == sleep["time_in_bed"]
        assert 0 <= len(coarse) - sleep["time_in_bed"] / 300 < 1
        assert fine.startswith("4" * (sleep["latency"] // 30))
        assert set(sleep["movement_30_sec"]) <= {"1", "3"}


def test_a_sleep_lies_on_the_day_of_its_end_and_its_series_fit() -> None:
    """The day is the local end plus six hours; the lowest sample is the lowest heart rate."""
    for sleep in asked(person("shift_work", 2, nights=120), "sleep", offset=9 * HOUR):
        start, end = (datetime.fromisoformat(sleep[f"bedtime_{edge}"]) for edge in ("start", "end"))
        assert (end + timedelta(hours=6)).date().isoformat() == sleep["day"]
        assert (end - start).total_seconds() == sleep["time_in_bed"]
        if sleep["lowest_heart_rate"] is not None:
            beats = [item for item in sleep["heart_rate"]["items"] if item is not None]
            assert min(beats) == sleep["lowest_heart_rate"]
        if sleep["average_hrv"] is not None:
            items = [item for item in sleep["hrv"]["items"] if item is not None]
            assert sum(items) / len(items) == sleep["average_hrv"]


def test_a_day_of_activity_has_24_hours() -> None:
    """The times sum to 86,400 seconds; classes and MET cover the day; steps are the steps."""
    subject = person("athlete", 0, nights=60)
    for activity in asked(subject, "daily_activity"):
        kinds = ("high_activity", "medium_activity", "low_activity", "sedentary", "resting")
        times = [activity[f"{kind}_time"] for kind in kinds] + [activity["non_wear_time"]]
        assert sum(times) == 86400
        assert (len(activity["class_5_min"]), len(activity["met"]["items"])) == (288, 1440)
        assert activity["steps"] == on(subject, "steps", activity["day"])


def test_stress_is_in_seconds_and_scores_are_the_scores() -> None:
    """Minutes of high stress become seconds, multiples of 900; scores come back unchanged."""
    subject = person("plain", 0, nights=60)
    for stress in asked(subject, "daily_stress"):
        assert stress["stress_high"] == 60 * on(subject, "stress_high_min", stress["day"])
        assert stress["stress_high"] % 900 == stress["recovery_high"] % 900 == 0
    for score in asked(subject, "daily_sleep"):
        assert score["score"] == on(subject, "sleep_score", score["day"])
    for spo2 in asked(subject, "daily_spo2"):
        assert spo2["spo2_percentage"]["average"] == on(subject, "spo2_avg_pct", spo2["day"])


def recorded(subject: Person, metric: str) -> date:
    """A day inside the history on which the metric was measured, and on its neighbours."""
    values = subject.nights[metric]
    for place in range(10, len(values) - 3):
        if None not in values[place - 2 : place + 3]:
            return subject.first_day + timedelta(days=place)
    raise AssertionError(metric)


def test_dates_are_instants_in_utc_and_both_ends_count() -> None:
    """The worked cases of Oura's date rule: which window finds a day's score and its activity."""
    subject = person("weekday_none", 0, nights=60)
    day = recorded(subject, "steps")
    before, next_day = day - timedelta(days=1), day + timedelta(days=1)

    def days_between(collection: str, start: date, end: date, hours: int) -> list[str]:
        window = {"start_date": str(start), "end_date": str(end)}
        return days(asked(subject, collection, offset=hours * HOUR, **window))

    assert days_between("daily_sleep", day, day, -6) == [str(day)]
    assert days_between("daily_activity", day, day, 2) == []
    assert days_between("daily_activity", day, next_day, 2) == [str(day)]
    assert days_between("daily_activity", day, day, 9) == []
    assert days_between("daily_activity", before, day, 9) == [str(day)]


def test_a_sleep_is_found_by_when_it_begins() -> None:
    """A window that begins or ends on a sleep's own instant finds it; a second beside it does not."""  # noqa: E501 - one sentence
    subject = person("plain", 0, nights=30)
    sleep = asked(subject, "sleep", offset=-5 * HOUR)[7]
    start = datetime.fromisoformat(sleep["bedtime_start"])
    exact = {"start_date": start.isoformat(), "end_date": start.isoformat()}
    later = {"start_date": (start + timedelta(seconds=1)).isoformat()}
    assert days(asked(subject, "sleep", offset=-5 * HOUR, **exact)) == [sleep["day"]]
    assert sleep["day"] not in days(asked(subject, "sleep", offset=-5 * HOUR, **later))


def test_tags_and_rings_are_those_of_the_truth() -> None:
    """Every tagged day has a tag under its own name; the newest ring was set up on the known day."""  # noqa: E501 - one sentence
    subject = person("tag_pair", 0, nights=60)
    tags = asked(subject, "enhanced_tag")
    shown = {(tag["custom_name"], tag["start_day"]) for tag in tags}
    assert shown == {(tag.name, str(day)) for tag in subject.truth.tags for day in tag.days}
    ringed = person("new_ring_shift", 0)
    rings = asked(ringed, "ring_configuration")
    newest = max(rings, key=lambda ring: ring["set_up_at"])
    assert newest["set_up_at"].startswith(str(ringed.truth.ring_changes[0].day))
    assert newest["hardware_type"] != rings[0]["hardware_type"]


def test_pages_join_to_the_whole() -> None:
    """Following the token gives every document once, in order, and then ends."""
    subject = person("plain", 0, nights=50)
    paged = OuraDocuments(subject, page_size=7)
    joined: list[str] = []
    token: str | None = ""
    while token is not None:
        query = {"next_token": token} if token else {}
        _, body = paged.respond("/v2/usercollection/daily_sleep", query)
        joined += days(body["data"])
        token = body["next_token"]
    assert joined == days(asked(subject, "daily_sleep"))


def test_fields_keep_what_was_asked_and_what_is_always_given() -> None:
    """Unknown names are passed over; with unknown names only, everything is given."""
    subject = person("plain", 0, nights=20)
    assert asked(subject, "sleep", fields="average_hrv,nonsense")[0].keys() == {
        "average_hrv",
        "bedtime_start",
    }
    assert asked(subject, "daily_sleep", fields="score")[0].keys() == {"id", "timestamp", "score"}
    assert "contributors" in asked(subject, "daily_sleep", fields="nonsense")[0]


def test_bad_requests_are_answered_as_such() -> None:
    """A word for a date and a window that ends before it begins are 422; unknown paths 404."""
    documents = OuraDocuments(person("plain", 0, nights=20))
    for query in (
        {"start_date": "nonsense"},
        {"start_date": "2024-02-02", "end_date": "2024-01-01"},
        {"start_date": "2024-01-01T00:00:00 02:00"},
    ):
        status, body = documents.respond("/v2/usercollection/sleep", query)
        assert (status, body["detail"][0]["loc"]) == (422, ["query", "start_date"])
    assert documents.respond("/v2/usercollection/vo2_max", {})[0] == 404
    assert documents.respond("/v2/usercollection/sleep/none", {})[0] == 404
    assert documents.respond("/v2/usercollection/workout", {}) == (
        200,
        {"data": [], "next_token": None},
    )


def test_a_single_document_is_found_by_its_id() -> None:
    """The single route gives the same document as the list."""
    subject = person("plain", 0, nights=20)
    listed = asked(subject, "daily_readiness")[3]
    _, single = OuraDocuments(subject).respond(
        f"/v2/usercollection/daily_readiness/{listed['id']}", {}
    )
    assert single == listed


def request(token: str, target: str) -> tuple[int, dict[str, Any]]:
    """Asks the ASGI app of two people and gives status and body."""
    app = application([person("plain", 0, nights=20), person("plain", 1, nights=20)])
    path, _, query = target.partition("?")
    headers = [(b"authorization", f"Bearer {token}".encode())]
    scope = {"type": "http", "method": "GET", "path": path, "headers": headers,
             "query_string": query.encode()}  # fmt: skip
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    asyncio.run(app(scope, receive, send))
    return sent[0]["status"], json.loads(sent[1]["body"])


def test_the_app_keeps_people_apart_by_their_token() -> None:
    """Each token sees its own person; an unknown token gets 401."""
    for name in ("plain-0000", "plain-0001"):
        status, body = request(name, "/v2/usercollection/daily_sleep?fields=score")
        assert status == 200
        assert all(document["id"].startswith(name) for document in body["data"])
    assert request("nobody", "/v2/usercollection/daily_sleep")[0] == 401


@pytest.mark.parametrize("collection", SCHEMAS)
def test_documents_have_the_published_shape(collection: str) -> None:
    """Every document is valid by Oura's own schema and has no undocumented field."""
    path = os.environ.get("ANNULET_TEST_OPENAPI", "")
    if not path or not Path(path).is_file():
        pytest.skip("ANNULET_TEST_OPENAPI names no file")
    components = json.loads(Path(path).read_text(encoding="utf-8"))["components"]
    reference = {"$ref": f"#/components/schemas/{SCHEMAS[collection]}", "components": components}
    validator = jsonschema.Draft202012Validator(reference)
    known = set(components["schemas"][SCHEMAS[collection]]["properties"])
    for kind, nights in (("shift_work", 6), ("tag_random", 6), ("new_ring_shift", 3)):
        for document in asked(person(kind, 0, nights=nights), collection):
            validator.validate(document)
            assert document.keys() <= known
