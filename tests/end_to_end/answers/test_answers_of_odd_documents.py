"""A person with odd documents gets right answers, and is told what was left out."""

from datetime import UTC, date, datetime, timedelta

import pytest

from annulet.simulator.cloud import SimulatedOura
from annulet.simulator.world.odd_documents import oddities_of

NOW = datetime(2026, 5, 6, 15, 2, tzinfo=UTC)
DAYS = 120
QUESTIONS = (
    ("permissions", {}),
    ("device", {}),
    ("daily_summary", {"start": "last 30 days"}),
    ("sleep_sessions", {"start": "last 30 days"}),
    ("sleep_sessions", {"start": "last night", "series": True}),
    ("intraday", {}),
    ("intraday", {"metric": "activity"}),
    ("trends", {"window_days": 90}),
    ("anomalies", {"start": "last 90 days"}),
    ("compare", {"period": "last 30 days", "against": "2026-03-01..2026-04-05"}),
    ("events", {"start": "last 30 days"}),
    ("effects", {"tag": "caffeine"}),
)
# What each kind of oddity makes of a day's value: missing, or the value with a fraction.
MISSING = {
    "hrv_avg_ms": ("sleep", {"impossible HRV"}),
    "hr_lowest_bpm": ("sleep", {"heart rate zero"}),
    "sleep_score": ("daily_sleep", {"score beyond all"}),
    "temperature_deviation_c": ("daily_readiness", {"absolute temperature"}),
    "spo2_avg_pct": ("daily_spo2", {"not measured", "impossible"}),
    "stress_high_min": ("daily_stress", {"not measured"}),
    "steps": ("daily_activity", {"not worn"}),
}


@pytest.fixture
def field(open_person):
    return open_person(SimulatedOura(["field"], now=NOW), "field")


@pytest.mark.parametrize(("tool", "arguments"), QUESTIONS, ids=lambda value: str(value)[:40])
async def test_every_question_has_an_answer(field, tool, arguments):
    """No oddity fails a tool."""
    answer = await field.ask(tool, **arguments)
    assert answer["summary"]


async def test_the_table_of_the_last_months_is_true(field):
    """What is odd in form is read, and what is no measurement is missing."""
    answer = await field.ask("daily_summary", start=f"last {DAYS} days")
    columns = answer["table"]["columns"]
    shown = {row[0]: dict(zip(columns, row, strict=True)) for row in answer["table"]["rows"]}
    model = field.cloud.people["field"].model
    truth = field.truth
    for back in range(1, DAYS):
        day = truth.today - timedelta(days=back)
        index = model.calendar.index(day)
        cells = shown.get(day.isoformat(), {})
        for metric, (collection, kinds) in MISSING.items():
            if kinds & set(oddities_of(collection, index)):
                assert cells.get(metric) is None, (day, metric)
        night = truth.night(day)
        if night is None:
            continue
        odd = set(oddities_of("sleep", index))
        if "longer than a day" not in odd:
            assert cells["total_sleep_min"] == round(night.total / 60), (day, odd)
        if "impossible HRV" not in odd:
            assert cells["hrv_avg_ms"] == pytest.approx(night.hrv, abs=1.01), (day, odd)
        if "heart rate zero" not in odd:
            assert cells["hr_lowest_bpm"] == night.lowest, (day, odd)
        if "score beyond all" not in oddities_of("daily_sleep", index):
            assert cells["sleep_score"] == pytest.approx(truth.day(day).sleep_score, abs=1.01), day
        active = truth.activity(day)
        if active and "not worn" not in oddities_of("daily_activity", index):
            assert cells["steps"] == active.steps


async def test_what_was_left_out_is_counted(field):
    """The notes say how many days have no measurement, by what was not measured."""
    days = [date(2026, 4, 7) + timedelta(days=n) for n in range(30)]
    answer = await field.ask("daily_summary", start="2026-04-07", end="2026-05-06")
    calendar = field.cloud.people["field"].model.calendar
    notes = " ".join(answer["notes"])
    unmeasured = [
        day
        for day in days
        if field.truth.night(day) and oddities_of("daily_spo2", calendar.index(day))
    ]
    assert f"{len(unmeasured)} nights without a measurement of blood oxygen" in notes
    assert "HRV" in notes
    assert "steps" in notes


async def test_samples_without_an_offset_are_utc_and_the_undated_are_counted(field):
    """One bad row never fails a collection."""
    answer = await field.ask("intraday", start="2026-05-05")
    start = datetime(2026, 5, 4, 23, tzinfo=UTC)  # Lisbon is an hour ahead
    rows = field.truth.heartrate(start, start + timedelta(days=1) - timedelta(milliseconds=1))
    assert answer["stats"]["min"] == min(row.bpm for row in rows)
    assert answer["stats"]["max"] == max(row.bpm for row in rows)
    assert any("sample" in note for note in answer["notes"])


async def test_a_workout_that_ends_before_it_starts_has_no_length(field):
    """No minutes below nothing and no speed backwards, however it is asked."""
    listed = await field.ask("query", of="workouts", start="last 120 days", list=True)
    for name in ("duration_min", "speed_kmh"):
        if name in listed["rows"]["columns"]:
            place = listed["rows"]["columns"].index(name)
            assert all(row[place] is None or row[place] >= 0 for row in listed["rows"]["rows"])
    for question in (
        {"metrics": ["workout_min"]},
        {"of": "workouts", "metrics": ["duration_min", "speed_kmh"]},
    ):
        answer = await field.ask(
            "query", start="last 120 days", calculate=["sum", "min", "count"], **question
        )
        for row in answer["table"]["rows"]:
            assert all(cell is None or cell >= 0 for cell in row if not isinstance(cell, str))
