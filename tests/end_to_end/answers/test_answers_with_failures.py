"""When a part of Oura fails: the rest is answered, what failed is named, nothing is half."""

from __future__ import annotations

from datetime import timedelta

import pytest

from annulet.errors import (
    AnnuletError,
    ConsentRevoked,
    MembershipRequired,
    OuraRateLimited,
    OuraUnavailable,
    ScopeMissing,
)
from annulet.oura_http.retries import Timing

# The collections of the daily summary: their columns, and the word that has to name them.
PARTS = {
    "daily_sleep": (("sleep_score",), "sleep"),
    "sleep": (
        (
            "total_sleep_min",
            "deep_min",
            "rem_min",
            "light_min",
            "awake_min",
            "efficiency_pct",
            "hrv_avg_ms",
            "hr_lowest_bpm",
        ),
        "sleep (all but sleep_score)",
    ),
    "daily_readiness": (("readiness_score", "temperature_deviation_c"), "readiness"),
    "daily_activity": (
        ("activity_score", "steps", "active_calories_kcal", "total_calories_kcal"),
        "activity",
    ),
    "daily_stress": (("stress_high_min", "recovery_high_min"), "stress"),
    "daily_spo2": (("spo2_avg_pct",), "spo2"),
    "daily_cardiovascular_age": (("vascular_age",), "heart_health"),
    "vO2_max": (("vo2_max",), "heart_health"),
    "daily_resilience": (("resilience_level",), "resilience"),
}
FAULTS = {
    "an outage": ["status:500@{}"],
    "a web page": ["html:502@{}"],
    "nothing at all": ["empty:503@{}"],
    "a cut connection": ["cut@{}"],
    "half an answer": ["truncate@{}"],
    "a failing second page": ["pages:5@{}", "status:500@{},page=2"],
    "a page that points to itself": ["repeat_token@{}"],
    "a long limit": ["status:429@{},retry_after=7200"],
    "a refusal of this part alone": ["status:403@{}"],
}
QUESTIONS = {
    "permissions": {},
    "device": {},
    "daily_summary": {},
    "sleep_sessions": {},
    "intraday": {},
    "trends": {},
    "anomalies": {},
    "compare": {"period": "this week", "against": "last week"},
    "events": {},
    "effects": {"tag": "alcohol"},
}


async def at_once(_seconds):
    """Waits for nothing: only what is tried counts here."""


@pytest.fixture
def oura(demo_cloud):
    """The demo cloud, without faults before and after each test."""
    yield demo_cloud
    demo_cloud.faults.clear()


@pytest.fixture
def patient(oura, open_person):
    """A person whose client does not really wait."""
    return open_person(oura, "plain", timing=Timing(sleep=at_once, jitter=lambda: 0.0))


def columns(answer):
    """The table by column."""
    names = answer["table"]["columns"]
    return {name: [row[k] for row in answer["table"]["rows"]] for k, name in enumerate(names)}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("collection", PARTS)
async def test_one_part_fails_and_the_others_are_answered(oura, patient, collection, fault):
    """The columns of the failed part are gone, all others are as they were; a note says so."""
    whole = columns(await patient.ask("daily_summary", start="last 30 days"))
    for spec in fault:
        oura.faults.add(spec.format(f"*/{collection}"))
    answer = await patient.ask("daily_summary", start="last 30 days")
    lost, word = PARTS[collection]
    if collection == "vO2_max" and "page=2" in str(fault):
        assert not answer.get("notes") or "vo2_max" in columns(answer)
        return  # there is no second page of so few
    assert columns(answer) == {name: cells for name, cells in whole.items() if name not in lost}
    # A refusal of one part says nothing about the membership, nor about the permission where
    # others of it answer.
    is_alone = collection in {"daily_spo2", "daily_resilience"}
    refused = "Not permitted: " if is_alone else "Refused by Oura: "
    how = refused if "403" in str(fault) else "Not read: "
    [note] = [note for note in answer["notes"] if note.startswith(how)]
    assert note.startswith(f"{how}{word}")
    assert "membership" not in note
    assert "Oura" in note
    assert answer["coverage"]["days"] == 30


SCOPES = {
    "spo2": ("daily_spo2", "spo2"),
    "heart_health": ("vO2_max", "heart_health"),
    "stress": ("daily_resilience", "resilience (permission stress)"),
}


@pytest.mark.parametrize("scope", SCOPES)
async def test_a_permission_is_missing_and_the_others_are_answered(oura, open_person, scope):
    """What is not permitted is named with its permission, and is not asked for again at once."""
    others = [name for name in ("daily", "spo2", "stress", "heart_health") if name != scope]
    person = open_person(oura, "plain", scopes=others)
    answer = await person.ask("daily_summary", start="last 7 days")
    collection, words = SCOPES[scope]
    [note] = [note for note in answer["notes"] if note.startswith("Not permitted: ")]
    assert note.startswith(f"Not permitted: {words}. Connect again")
    assert not set(PARTS[collection][0]) & set(answer["table"]["columns"])
    assert {"sleep_score", "steps", "stress_high_min"} <= set(answer["table"]["columns"])


async def test_the_night_survives_without_its_score_and_the_other_way_round(oura, patient):
    """The summary is a sentence in both cases."""
    oura.faults.add("status:500@*/sleep")
    answer = await patient.ask("daily_summary")
    assert "sleep score 76" in answer["summary"]
    assert "slept" not in answer["summary"]
    oura.faults.clear()
    oura.faults.add("status:500@daily_")
    answer = await patient.ask("daily_summary")
    assert answer["summary"].startswith("Today (Wed 6 May): slept 7 h")
    assert answer["coverage"]["with_data"] == 1


async def test_vitals_that_were_not_read_are_not_called_unrecorded(oura, patient):
    """Two of the four vitals at least are needed; that they failed is said, not that none exist."""
    oura.faults.add("status:500@*/sleep")
    answer = await patient.ask("anomalies")
    assert answer["summary"].endswith("vitals could not be read.")
    assert any(note.startswith("Not read: sleep time") for note in answer["notes"])


async def test_events_come_kind_by_kind(oura, patient):
    """One kind fails, the others are listed and the failed one is named, not shown as empty."""
    oura.faults.add("status:500@*/workout")
    answer = await patient.ask("events")
    assert "workout" not in answer
    assert "workout" not in answer["summary"]
    assert any(note.startswith("Not read: workouts. Oura") for note in answer["notes"])
    assert {"session", "tag", "rest_mode"} <= set(answer)


async def test_a_ring_without_its_battery_and_a_battery_without_its_ring(oura, patient):
    """Either is told without the other."""
    oura.faults.add("status:500@ring_battery_level")
    answer = await patient.ask("device")
    assert answer["ring"]["model"] == "gen4"
    assert answer["notes"][0].startswith("Not read: battery. Oura")
    oura.faults.clear()
    oura.faults.add("status:500@ring_configuration")
    answer = await patient.ask("device", profile=True)
    assert answer["battery_pct"] == 41
    assert answer["profile"]["age"] == 38
    assert answer["notes"][0].startswith("Not read: ring. Oura")


async def test_the_zone_is_found_although_the_nights_fail(oura, open_person):
    """On a machine that says UTC the days stay the person's own."""
    timing = Timing(sleep=at_once, jitter=lambda: 0.0)
    person = open_person(oura, "fareast", assumed=True, timing=timing)
    oura.faults.add("status:500@*/sleep")
    answer = await person.ask("daily_summary")
    assert answer["period"]["start"] == str(person.today)
    assert answer["period"]["timezone"] == "+12:00"
    oura.faults.clear()
    oura.faults.add("status:500@*/sleep")
    oura.faults.add("status:500@daily_activity")
    answer = await person.ask("events")
    assert any("could not be read just now" in note for note in answer["notes"])
    oura.faults.clear()
    # What could not be found out is not held against the next question.
    answer = await person.ask_again("events")
    assert answer["period"]["timezone"] == "+12:00"


async def refused(person, tool):
    """The error of a question that cannot be answered."""
    with pytest.raises(AnnuletError) as caught:
        await person.ask(tool, **QUESTIONS[tool])
    assert caught.value.message
    assert caught.value.hint
    return caught.value


WHOLE = {
    "status:500": OuraUnavailable,
    "cut": OuraUnavailable,
    "status:429,retry_after=7200": OuraRateLimited,
    "status:403": MembershipRequired,
    "status:401": ConsentRevoked,
}


@pytest.mark.parametrize("fault", WHOLE)
@pytest.mark.parametrize("tool", QUESTIONS)
async def test_nothing_is_left_and_the_reason_is_told(oura, patient, tool, fault):
    """Everything fails: one error with its reason and what to do, whatever was asked."""
    oura.faults.add(fault)
    error = await refused(patient, tool)
    assert type(error) is WHOLE[fault]


@pytest.mark.parametrize("tool", QUESTIONS)
async def test_a_lapsed_membership_is_called_so(oura, open_person, tool):
    """It is not an outage and not a missing permission."""
    error = await refused(open_person(oura, "lapsed"), tool)
    assert (error.code, error.exit_code) == ("membership_inactive", 4)
    assert "Oura app" in error.hint


@pytest.mark.parametrize("end", ["revoked", "expired"])
async def test_a_token_that_ended_asks_for_a_new_connection(oura, open_person, end):
    """A bare token cannot be renewed."""
    person = open_person(oura, "newcomer")
    if end == "revoked":
        oura.revoke_grants("newcomer")
    else:
        oura.expire_tokens("newcomer")
    error = await refused(person, "daily_summary")
    assert (error.code, error.exit_code) == ("needs_reconnect", 3)


async def test_only_denied_collections_are_a_missing_permission(oura, open_person):
    """Sleep cannot be read at all without its permission."""
    person = open_person(oura, "plain", scopes=["workout"])
    for tool in ("daily_summary", "sleep_sessions", "trends", "intraday"):
        error = await refused(person, tool)
        assert type(error) is ScopeMissing
        assert error.exit_code == 4


async def test_a_denied_collection_is_not_asked_for_again_and_again(oura, open_person):
    """For five minutes a refusal is remembered, then it is tried again."""
    person = open_person(oura, "fewscopes")
    await person.ask("daily_summary")
    oura.requests.clear()
    await person.ask_again("daily_summary")
    assert oura.requests.count("daily_spo2") == 0
    before = oura.clock()
    oura.clock.set(before + timedelta(minutes=6))
    try:
        await person.ask_again("daily_summary")
    finally:
        oura.clock.set(before)
    assert oura.requests.count("daily_spo2") == 1


async def test_permissions_are_found_out_one_by_one(oura, open_person):
    """A bare token says nothing: what cannot be tried is neither granted nor missing."""
    timing = Timing(sleep=at_once, jitter=lambda: 0.0)
    person = open_person(oura, "fewscopes", timing=timing)
    oura.faults.add("status:500@*/workout")
    answer = await person.ask("permissions")
    assert answer["granted"]["rows"][0][0] == "daily"
    assert len(answer["missing"]["rows"]) == 7
    assert "1 of 11 permissions; 1 could not be checked; 2 not known" in answer["summary"]
    assert "Could not be checked just now: workout." in answer["notes"]
    oura.faults.clear()
    answer = await person.ask_again("permissions")
    assert [row[0] for row in answer["granted"]["rows"]] == ["daily", "workout"]
    oura.requests.clear()
    assert await person.ask_again("permissions") == answer
    assert oura.requests.count("workout") == 0
