"""Values of one document that contradict each other: which of them is missing, and why."""

import pytest

from annulet.contract.documents import (
    DailyActivity,
    DailyStress,
    Session,
    Sleep,
    Workout,
    read_document,
    read_documents,
)
from annulet.contract.documents.consistency import judged_beside
from annulet.contract.documents.reading import fields_of
from tests.unit.toolkit.raw_oura import activity, night

STAGES = ("deep_sleep_duration", "light_sleep_duration", "rem_sleep_duration")
ENDS = ("bedtime_start", "bedtime_end")
NOTHING = dict.fromkeys(("total_sleep_duration", *STAGES, "awake_time", "efficiency", "latency"), 0)
UNSTAGED = dict.fromkeys((*STAGES, "awake_time"))
WORKOUT = {"id": "w", "day": "2026-05-06", "activity": "running", "distance": 5_000}


def left_out(cls, raw):
    """The fields of a document that are missing although Oura sent a value."""
    document = read_document(cls, raw)
    (among_others, _) = read_documents(cls, [raw, {}])
    assert document == among_others
    assert all(getattr(document, name) is None for name in document.extra)
    return set(document.extra)


@pytest.mark.parametrize(
    ("odd", "missing"),
    [
        ({}, set()),
        ({"total_sleep_duration": 50_000, "efficiency": None}, {"total_sleep_duration"}),
        ({"total_sleep_duration": 28_860, "awake_time": 0, "efficiency": 100}, set()),  # rounded
        ({"deep_sleep_duration": 40_000}, {"deep_sleep_duration"}),
        ({"rem_sleep_duration": 26_500}, {"rem_sleep_duration"}),
        (dict.fromkeys(STAGES, 20_000), set(STAGES)),
        (dict.fromkeys(STAGES, 0), set(STAGES)),
        ({"time_in_bed": 0}, {"time_in_bed"}),
        ({"time_in_bed": 0, "bedtime_end": None}, {"time_in_bed"}),
        ({"time_in_bed": 80_000}, {"time_in_bed"}),
        ({"latency": 29_000}, {"latency"}),
        ({"latency": 28_000}, set()),
        ({"lowest_heart_rate": 255}, {"lowest_heart_rate"}),
        ({"lowest_heart_rate": 59}, set()),
        ({"efficiency": 0}, {"efficiency"}),
        ({"efficiency": 0.9}, {"efficiency"}),
        ({"efficiency": 88}, set()),
        ({"awake_time": 28_000}, {"awake_time"}),
        ({"bedtime_end": "2026-05-19T22:00:00+02:00"}, set(ENDS)),
        ({"bedtime_end": "2026-05-19T23:00:00+02:00"}, set(ENDS)),
        ({**NOTHING}, set(NOTHING)),
        ({**NOTHING, "awake_time": 28_800}, set()),  # a night awake
        ({**NOTHING, "awake_time": 2_880}, set(NOTHING) | {"awake_time"}),
        ({**NOTHING, **UNSTAGED}, set(NOTHING) - set(UNSTAGED)),
        ({**NOTHING, "total_sleep_duration": None}, set(NOTHING) - {"total_sleep_duration"}),
        (dict.fromkeys(ENDS, "2027-05-20T07:00:00+02:00"), set(ENDS)),
        ({"bedtime_start": "0001-01-01T00:00:00+14:00"}, {"bedtime_start"}),
    ],
)
def test_a_night_tells_nothing_that_the_rest_of_it_contradicts(odd, missing):
    """What is left out is kept as it came; everything else stays."""
    assert left_out(Sleep, {**night(), **odd}) == missing


def test_a_sleep_longer_than_a_day_has_no_durations():
    """Its heart rate and its start stay."""
    end = "2026-05-21T01:00:00+02:00"
    odd = {"bedtime_end": end, "time_in_bed": 93_600, "total_sleep_duration": 84_240}
    document = read_document(Sleep, {**night(), **odd})
    assert (document.bedtime_end, document.time_in_bed) == (None, None)
    assert (document.total_sleep_duration, document.efficiency) == (None, None)
    assert document.average_hrv == 45
    assert document.bedtime_start is not None


def test_a_total_of_zero_beside_stages_is_their_sum():
    """A total of zero without any stage stays what it is."""
    assert read_document(Sleep, night(total_sleep_duration=0)).total_sleep_duration == 25_920
    awake = night(**{**NOTHING, "awake_time": 28_800})
    assert read_document(Sleep, awake).total_sleep_duration == 0


def test_a_night_with_a_change_of_the_clocks_contradicts_nothing():
    """Nine hours in bed between 23:00 and 07:00; also where the span ignores the hour."""
    changed = {
        "day": "2026-10-25",
        "bedtime_start": "2026-10-24T23:00:00+02:00",
        "bedtime_end": "2026-10-25T07:00:00+01:00",
        "time_in_bed": 32_400,
        "total_sleep_duration": 29_500,
    }
    assert left_out(Sleep, {**night(), **changed}) == set()
    ignored = {"time_in_bed": 28_800, "total_sleep_duration": 25_920}
    assert left_out(Sleep, {**night(), **changed, **ignored}) == set()


@pytest.mark.parametrize(
    ("odd", "missing"),
    [
        ({}, set()),
        ({"high_activity_time": 90_000}, {"high_activity_time"}),
        (
            {"high_activity_time": 90_000, "sedentary_time": 86_400, "resting_time": 86_400},
            {"high_activity_time", "sedentary_time", "resting_time"},
        ),
        ({"total_calories": 0}, {"total_calories"}),
        ({"total_calories": 0, "active_calories": 0, "steps": 0}, set()),
        ({"active_calories": 2_400}, {"active_calories", "total_calories"}),
    ],
)
def test_the_parts_of_a_day_fit_into_it(odd, missing):
    """Also energy: the whole is more than a part."""
    assert left_out(DailyActivity, {**activity(), **odd}) == missing


@pytest.mark.parametrize(
    ("stress", "missing"),
    [
        ((86_400, 86_400, None), {"stress_high", "recovery_high"}),
        ((40_000, 40_000, "normal"), set()),
        ((0, None, None), {"stress_high"}),
        ((None, 0, ""), {"recovery_high"}),
        ((0, None, "normal"), set()),
        ((0, 900, None), set()),
    ],
)
def test_stress_and_recovery_fit_into_the_day(stress, missing):
    """Zeros that no word and no other figure stands beside were not measured."""
    names = ("stress_high", "recovery_high", "day_summary")
    assert left_out(DailyStress, dict(zip(names, stress, strict=True))) == missing


@pytest.mark.parametrize("cls", [Workout, Session])
@pytest.mark.parametrize(
    ("end", "missing"),
    [
        ("2026-05-06T19:00:00+02:00", set()),
        ("2026-05-07T20:00:00+02:00", set()),  # a race of a day and a night
        ("2026-06-01T19:00:00+02:00", {"end_datetime"}),
        ("2026-05-06T17:00:00+02:00", {"end_datetime"}),
    ],
)
def test_an_event_ends_after_it_began_and_soon(cls, end, missing):
    """The start stays: Oura files the event under it."""
    raw = {"id": "e", "start_datetime": "2026-05-06T18:00:00+02:00", "end_datetime": end}
    assert left_out(cls, raw) == missing


@pytest.mark.parametrize("cls", [Sleep, DailyActivity, DailyStress, Workout, Session])
def test_relations_name_fields_of_their_document(cls):
    """And each says why."""
    for rule in cls.rules:
        assert set(rule.left_out) | set(rule.beside) <= fields_of(cls).types.keys()
        assert rule.reason


def test_a_field_is_read_with_what_it_is_judged_beside():
    """Through every rule on the way: the total needs the time in bed, that needs the ends."""
    assert {*ENDS, "time_in_bed"} <= judged_beside(Sleep.rules, ["total_sleep_duration"])
    assert judged_beside(Sleep.rules, ["average_hrv"]) == {"average_hrv"}
