"""Not measured and impossible are missing, alarming is a measurement, and form never matters."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from annulet.contract.documents import (
    DailyActivity,
    DailyReadiness,
    DailySleep,
    DailySpO2,
    DailyStress,
    HeartRateSample,
    RingBatterySample,
    Sleep,
    Workout,
    read_document,
    read_documents,
)

UNWORN = {"steps": 0, "active_calories": 0, "score": None, "non_wear_time": 86_400}


@pytest.mark.parametrize(
    ("cls", "field", "values"),
    [
        (Sleep, "average_hrv", (-102, 0, 10**30, "high", True, [45])),
        (Sleep, "lowest_heart_rate", (0, -1, 900, "")),
        (Sleep, "average_breath", (0, 600)),
        (Sleep, "total_sleep_duration", (-30, 30 * 3600)),
        (Sleep, "efficiency", (-1, 101)),
        (DailySleep, "score", (0, -1, 101, 10**30, 1e30, "NaN", "inf")),
        (DailyReadiness, "temperature_deviation", (23.0, -36.6, "warm")),
        (HeartRateSample, "bpm", (0, -60, 1_000)),
        (RingBatterySample, "level", (-1, 140)),
        (DailyActivity, "steps", (-1, 10**7)),
        (Workout, "distance", (-5.0, 10**8)),
    ],
)
def test_what_no_person_produces_is_missing_and_kept(cls, field, values):
    """Such a value is no value of the field; it stays in extra as it came."""
    for value in values:
        document = read_document(cls, {field: value, "id": "a"})
        assert getattr(document, field) is None, value
        assert document.extra[field] == value
        assert document.extra.get("id", "a") == "a"


@pytest.mark.parametrize(
    ("cls", "field", "values"),
    [
        (Sleep, "average_hrv", (3, 280, 45.7)),
        (Sleep, "lowest_heart_rate", (26, 190)),
        (DailyReadiness, "temperature_deviation", (0, 0.0, 4.2, -3)),
        (DailySpO2, "breathing_disturbance_index", (0, 100)),
        (DailySleep, "score", (1, 100, 77.5)),
        (DailyActivity, "steps", (0, 120_000)),
        (HeartRateSample, "bpm", (30, 225)),
        (RingBatterySample, "level", (0, 100)),
    ],
)
def test_what_is_merely_alarming_is_a_measurement(cls, field, values):
    """A measured zero stays zero, an extreme stays, a fraction stays."""
    for value in values:
        assert getattr(read_document(cls, {field: value}), field) == value


@pytest.mark.parametrize("average", [0, 0.0, 140, -3, "none"])
def test_blood_oxygen_that_was_not_measured(average):
    """Zero percent is no measurement."""
    oxygen = read_document(DailySpO2, {"spo2_percentage": {"average": average}}).spo2_percentage
    assert oxygen.average is None
    assert oxygen.extra == {"average": average}


def test_numbers_of_any_json_type():
    """Text, a whole number with a point and a fraction are numbers; true and empty text are not."""
    rows = [{"bpm": "61"}, {"bpm": 61.0}, {"bpm": "61.5"}, {"bpm": True}, {"bpm": ""}, {"bpm": 60}]
    beats = [sample.bpm for sample in read_documents(HeartRateSample, rows)]
    assert beats == [61, 61, 61.5, None, None, 60]
    assert isinstance(beats[0], int)


@pytest.mark.parametrize(
    ("stamp", "instant"),
    [
        ("2026-05-06T10:00:00", datetime(2026, 5, 6, 10, tzinfo=UTC)),
        ("2026-05-06 10:00:00", datetime(2026, 5, 6, 10, tzinfo=UTC)),
        (1_778_061_600, datetime(2026, 5, 6, 10, tzinfo=UTC)),
        (1_778_061_600_000, datetime(2026, 5, 6, 10, tzinfo=UTC)),
        ("2026-05-06T12:00:00+02:00", datetime(2026, 5, 6, 10, tzinfo=UTC)),
    ],
)
def test_moments_in_any_form(stamp, instant):
    """A moment without an offset is UTC."""
    assert read_document(HeartRateSample, {"timestamp": stamp, "bpm": 60}).timestamp == instant


@pytest.mark.parametrize("stamp", ["soon", "2026-13-40T10:00:00Z", 10**30, True, "", [], {}])
def test_a_moment_that_is_none_is_missing(stamp):
    """The rest of the row is still read."""
    row = read_document(HeartRateSample, {"timestamp": stamp, "bpm": 60})
    assert (row.timestamp, row.bpm) == (None, 60)


@pytest.mark.parametrize("day", ["2026-05-06T00:00:00+02:00", "2026-05-06T23:00:00", "2026-05-06"])
def test_a_day_with_a_time_is_its_local_date(day):
    """Some documents carry a moment where a day belongs."""
    assert read_document(DailySleep, {"day": day}).day == date(2026, 5, 6)


def test_a_night_without_its_day_or_total():
    """The day follows from the local end, the total from the stages."""
    night = {
        "bedtime_end": "2026-05-06T19:30:00+09:00",
        "deep_sleep_duration": 3_600,
        "light_sleep_duration": 7_200,
        "rem_sleep_duration": 1_800,
    }
    read = read_document(Sleep, night)
    assert (read.day, read.total_sleep_duration) == (date(2026, 5, 7), 12_600)
    assert read.bedtime_end.utcoffset() == timedelta(hours=9)
    incomplete = read_document(Sleep, {**night, "light_sleep_duration": None})
    assert incomplete.total_sleep_duration is None


def test_a_named_day_and_a_sent_total_win():
    """What Oura says is not recomputed."""
    night = {
        "day": "2026-05-06",
        "bedtime_end": datetime(2026, 5, 9, 6, tzinfo=timezone(timedelta(hours=2))).isoformat(),
        "total_sleep_duration": 100,
        **dict.fromkeys(("deep_sleep_duration", "light_sleep_duration", "rem_sleep_duration"), 60),
    }
    read = read_document(Sleep, night)
    assert (read.day, read.total_sleep_duration) == (date(2026, 5, 6), 100)


@pytest.mark.parametrize(
    "day",
    [
        UNWORN,
        {**UNWORN, "non_wear_time": 82_800},
        {**UNWORN, "non_wear_time": "86400", "steps": "0"},
        {"steps": 0, "class_5_min": "0" * 288},
        {"steps": 0, "score": None, "active_calories": 0},
    ],
)
def test_a_day_without_the_ring_has_no_steps(day):
    """Zero steps of a day on which the ring was not worn are no measurement."""
    document = read_document(DailyActivity, day)
    assert document.steps is None
    assert document.active_calories is None
    assert document.extra["steps"] == 0


@pytest.mark.parametrize(
    "day",
    [
        {"steps": 0, "active_calories": 0, "score": 60, "non_wear_time": 3_600},
        {"steps": 0, "score": None, "non_wear_time": 600},
        {"steps": 0, "score": 1},
        {"steps": 0, "class_5_min": "0" * 200 + "1" * 88},
    ],
)
def test_zero_steps_with_the_ring_are_zero(day):
    """A day in bed is measured."""
    document = read_document(DailyActivity, day)
    assert (document.steps, document.extra) == (0, {})


def test_stress_without_a_summary_is_not_measured():
    """Zeros beside a word are zeros; zeros beside nothing are nothing."""
    zeros = {"stress_high": 0, "recovery_high": 0, "day_summary": None}
    unmeasured = read_document(DailyStress, zeros)
    assert (unmeasured.stress_high, unmeasured.recovery_high) == (None, None)
    measured = read_document(DailyStress, {**zeros, "day_summary": "restored"})
    assert (measured.stress_high, measured.recovery_high) == (0, 0)
    partly = read_document(DailyStress, {**zeros, "recovery_high": 900})
    assert (partly.stress_high, partly.recovery_high) == (0, 900)


def test_impossible_items_of_a_series_are_gaps():
    """The others keep their place in time."""
    night = {"heart_rate": {"items": [0, 55, "56", 900, None, 57.5]}, "hrv": {"items": [-102, 40]}}
    read = read_document(Sleep, night)
    assert read.heart_rate.items == (None, 55, 56, None, None, 57.5)
    assert read.hrv.items == (None, 40)
