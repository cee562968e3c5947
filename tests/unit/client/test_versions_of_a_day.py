"""Two documents of one day are one day."""

from datetime import date

from annulet.client.one_a_day import merge_by_day
from annulet.contract.documents import DailyReadiness, DailySleep, DailySpO2, read_documents


def read(cls, *rows):
    return merge_by_day(read_documents(cls, [{"day": "2026-05-06", **row} for row in rows]))


def test_null_replaces_nothing():
    """A second document without a score leaves the first one's."""
    for rows in ([{"score": 80}, {"score": None}], [{"score": None}, {"score": 80}]):
        (day,) = read(DailySleep, *rows)
        assert day.score == 80


def test_the_newer_value_wins():
    """By its timestamp; else by Oura's order."""
    early, late = "2026-05-06T04:00:00Z", "2026-05-06T09:00:00Z"
    (day,) = read(DailySleep, {"score": 80, "timestamp": late}, {"score": 70, "timestamp": early})
    assert day.score == 80
    (day,) = read(DailySleep, {"score": 80}, {"score": 70})
    assert day.score == 70


def test_parts_are_merged_field_by_field():
    """An empty average replaces no average, one contributor no other."""
    (day,) = read(
        DailySpO2, {"spo2_percentage": {"average": 97}}, {"spo2_percentage": {"average": 0}}
    )
    assert day.spo2_percentage.average == 97
    (day,) = read(
        DailyReadiness,
        {"contributors": {"hrv_balance": 70, "sleep_balance": 60}},
        {"contributors": {"hrv_balance": 75}},
    )
    assert (day.contributors.hrv_balance, day.contributors.sleep_balance) == (75, 60)


def test_what_was_left_out_once_and_measured_once_is_measured():
    """No note about a value that is there."""
    (day,) = read(DailySleep, {"score": 10**30}, {"score": 71})
    assert (day.score, day.extra) == (71, {})


def test_days_and_documents_without_a_day_stay_apart():
    """Only the same day is merged."""
    rows = [{"day": "2026-05-06", "score": 1}, {"day": "2026-05-07", "score": 2}, {"score": 3}, {}]
    merged = merge_by_day(read_documents(DailySleep, rows))
    assert [(d.day, d.score) for d in merged] == [
        (date(2026, 5, 6), 1),
        (date(2026, 5, 7), 2),
        (None, 3),
        (None, None),
    ]
