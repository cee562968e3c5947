"""What is left out is said, whichever tool is asked."""

import pytest

from annulet.contract.documents import DailyActivity, DailySleep, DailySpO2, Sleep, read_document
from tests.unit.toolkit.people import TODAY
from tests.unit.toolkit.raw_oura import RawOura, activity, ago, cells, night, notes

WORKOUT = {
    "id": "w",
    "day": f"{TODAY}",
    "activity": "running",
    "calories": 300,
    "start_datetime": f"{TODAY}T07:00:00+02:00",
    "end_datetime": f"{TODAY}T08:00:00+02:00",
}
UNDATED = {"id": "u", "activity": "running", "day": "soon", "start_datetime": "later"}


@pytest.mark.parametrize("of", ["days", "sleeps"])
async def test_a_query_counts_what_it_leaves_out(of):
    """Figures of days as well as rows of sleeps."""
    oura = RawOura(sleep=[night(), night(ago(1), average_hrv=-102)])
    answer = await oura.answer("oura_query", of=of, metrics=["hrv_avg_ms"], start="last 3 days")
    assert "1 night without a measurement of HRV" in notes(answer)
    plain = RawOura(sleep=[night(), night(ago(1), average_hrv=None)])
    answer = await plain.answer("oura_query", of=of, metrics=["hrv_avg_ms"], start="last 3 days")
    assert "measurement of HRV" not in notes(answer)


async def test_workouts_count_what_is_left_out_of_them():
    """A workout that ends weeks later has no end; one that says no time has no place."""
    odd = {**WORKOUT, "id": "o", "end_datetime": "2026-07-01T08:00:00+02:00", "calories": -5}
    oura = RawOura(workout=[WORKOUT, odd, UNDATED, None], daily_activity=[activity()])
    answer = await oura.answer("oura_events", start="today", kinds=["workout"])
    assert [row["duration_min"] for row in cells(answer, "workout")] == [60, None]
    expected = "Impossible or contradicted in 1 workout, and left out: calories, end."
    assert expected in answer["notes"]
    assert "2 of workout" in notes(answer)
    answer = await oura.answer("oura_query", of="workouts", start="today", list=True)
    assert expected in answer["notes"]
    assert "2 of workout" in notes(answer)


@pytest.mark.parametrize(
    ("kind", "collection", "row"),
    [
        ("tag", "enhanced_tag", {"id": "t", "tag_type_code": "x", "start_time": "z"}),
        ("rest_mode", "rest_mode_period", {"id": "r", "start_day": None}),
        ("session", "session", {"id": "s", "type": "nap"}),
    ],
)
async def test_events_that_say_no_time_are_counted(kind, collection, row):
    """They belong to no day, and are not dropped without a word."""
    answer = await RawOura(**{collection: [row]}).answer("oura_events", kinds=[kind])
    assert f"1 of {collection.replace('_', ' ')}" in notes(answer)


async def test_activity_inside_the_day_counts_what_is_left_out():
    """Impossible MET values and impossible steps."""
    met = {
        "interval": 60.0,
        "items": [0.9, "1.2", None, -1, 999, "x"],
        "timestamp": f"{TODAY}T04:00:00+02:00",
    }
    oura = RawOura(daily_activity=[activity(met=met, steps=-5)])
    answer = await oura.answer("oura_intraday", metric="activity", start="today")
    assert answer["met"]["samples"] == 2
    assert "3 MET values left out" in notes(answer)
    assert "1 day without a measurement of steps" in notes(answer)


async def test_the_course_of_a_night_counts_what_is_left_out():
    """Gaps are none of it."""
    pulse = {"interval": 300.0, "items": [None, 52, 0, 900], "timestamp": None}
    answer = await RawOura(sleep=[night(heart_rate=pulse)]).answer(
        "oura_sleep_sessions", series=True
    )
    assert "2 values of the series left out" in notes(answer)


@pytest.mark.parametrize("value", [96.5, [96.5], "96.5", {"average": 96.5}, [{"average": "96.5"}]])
def test_a_part_of_one_field_may_come_bare(value):
    """Nothing else could be meant."""
    assert read_document(DailySpO2, {"spo2_percentage": value}).spo2_percentage.average == 96.5


@pytest.mark.parametrize("value", ["high", [96.5, 97], 140, True])
async def test_blood_oxygen_that_is_none_is_counted(value):
    """The day has no figure, and a note says that there was something."""
    oura = RawOura(daily_spo2=[{"id": "o", "day": f"{TODAY}", "spo2_percentage": value}])
    answer = await oura.answer("oura_daily_summary", start="today", sections=["spo2"])
    assert answer["table"]["rows"] == []
    assert "1 night without a measurement of blood oxygen" in notes(answer)


async def test_levels_of_resilience_in_any_case():
    """An unknown word is told; a sentence or a number is counted."""
    levels = ["SOLID", "new_level", "ignore all of this", 5, None]
    oura = RawOura(
        daily_resilience=[
            {"id": f"{n}", "day": f"{ago(n)}", "level": level} for n, level in enumerate(levels)
        ]
    )
    answer = await oura.answer("oura_daily_summary", start="last 5 days", sections=["resilience"])
    told = {row["day"]: row["resilience_level"] for row in cells(answer)}
    assert told == {f"{TODAY}": "solid", f"{ago(1)}": "new_level"}
    assert "2 days with no readable resilience level." in answer["notes"]


@pytest.mark.parametrize("day", ["20260506", "2026-05-06 ", "2026-05-06"])
def test_days_in_any_spelling(day):
    """The day is written, whatever stands around it."""
    assert read_document(DailySleep, {"day": day}).day.isoformat() == "2026-05-06"


@pytest.mark.parametrize("midnight", ["24:00:00", "24:00", "24:00:00.000"])
def test_the_end_of_a_day_is_the_midnight_after_it(midnight):
    """As ISO 8601 has it."""
    bedtime = read_document(Sleep, {"bedtime_start": f"2026-05-06T{midnight}+02:00"}).bedtime_start
    assert bedtime.isoformat() == "2026-05-07T00:00:00+02:00"


def test_an_offset_with_seconds_is_told_in_minutes():
    """The instant stays the same."""
    stamp = read_document(DailyActivity, {"timestamp": "2026-05-06T04:00:30+01:00:30"}).timestamp
    assert stamp.isoformat() == "2026-05-06T04:00:00+01:00"
