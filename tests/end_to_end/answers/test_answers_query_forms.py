"""Questions as small models write them: the answer is that of the plain form."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from annulet.errors import UsageError


def single(answer, name):
    """A figure of the only line."""
    (row,) = answer["table"]["rows"]
    return row[answer["table"]["columns"].index(name)]


@pytest.mark.parametrize(
    ("plain", "others"),
    [
        (
            {"where": ["steps >= 10000"]},
            [
                {"where": ['"steps >= 10000"']},
                {"where": ["steps >= 10000;"]},
                {"where": ['{"field": "steps", "op": ">=", "value": 10000}']},
                {"where": ["steps >= 10k"]},
            ],
        ),
        (
            {"where": ["total_sleep_min > 420"]},
            [
                {"where": ["sleep_hours > 7"]},
                {"where": ["total_sleep_duration > 25200"]},
                {"where": ["sleep_seconds > 25200"]},
            ],
        ),
        (
            {"where": ["efficiency_pct > 85"]},
            [{"where": ["efficiency > 0.85"]}, {"where": ["efficiency > 85%"]}],
        ),
        (
            {"of": "workouts", "where": ["distance_m > 4000"]},
            [{"of": "workouts", "where": ["distance_km > 4"]}],
        ),
        (
            {"where": ["workout_distance_m > 4000"]},
            [{"where": ["workout_distance_km > 4"]}, {"where": ["distance_km > 4"]}],
        ),
        ({"where": ["bedtime > 23:00"]}, [{"where": ["bedtime > 23"]}]),
        (
            {"where": ["weekday = mon"]},
            [{"where": ["monday"]}, {"where": ["day = monday"]}, {"where": ["on mondays"]}],
        ),
        (
            {"where": ["steps >= 5000", "steps <= 8000"]},
            [{"where": ["steps = 5000..8000"]}, {"where": ["steps 5000-8000"]}],
        ),
        (
            {"metrics": ["hrv"], "where": ["hrv > p90"], "calculate": ["mean"]},
            [{"metrics": ["mean hrv"], "where": ["> p90"]}],
        ),
        (
            {"of": "workouts", "limit": 3, "sort": "-start"},
            [{"of": "workouts", "limit": "three"}, {"of": "workouts", "limit": 3}],
        ),
    ],
)
async def test_other_forms_of_a_question_have_its_answer(demo_cloud, open_person, plain, others):
    """The same rows and the same figures, whichever way it is written."""
    person = open_person(demo_cloud, "plain")
    dates = {} if "limit" in plain else {"start": "last 90 days"}
    expected = await person.ask("query", **dates, **plain)
    for form in others:
        answer = await person.ask("query", **dates, **form)
        assert answer["matched"] == expected["matched"], form
        assert answer["table"] == expected["table"], form


async def test_nights_without_a_value_can_be_counted(demo_cloud, open_person):
    """Absence is known: with and without a value are all days."""
    person = open_person(demo_cloud, "sparse")
    lacking = await person.ask("query", where=["hrv is null"], start="last 90 days")
    having = await person.ask("query", where=["hrv is not null"], start="last 90 days")
    days = [person.today - timedelta(days=n) for n in range(90)]
    nights = [n for day in days if (n := person.truth.night(day)) is not None]
    assert having["matched"]["rows"] == sum(night.has_heart_rate for night in nights)
    assert lacking["matched"]["rows"] + having["matched"]["rows"] == 90
    today = await person.ask("query", where=["steps is null"])
    assert today["matched"]["of"] == 29  # an unfinished today is neither


async def test_an_end_alone_has_thirty_days(demo_cloud, open_person):
    """As many days as without any date."""
    person = open_person(demo_cloud, "plain")
    end = person.today - timedelta(days=16)
    answer = await person.ask("query", metrics=["steps"], end=end.isoformat())
    assert answer["coverage"]["days"] == 30
    assert answer["period"]["end"] == end.isoformat()


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("last weekend", 2),
        ("last monday", 1),
        ("2 weeks ago", 1),
        ("ytd", 126),
        ("Q1 2026", 90),
        ("2026-Q1", 90),
        ("all time", 3653),
    ],
)
async def test_words_of_time(demo_cloud, open_person, words, days):
    """What people say for a period; the clock of the cloud stands at 6 May 2026."""
    person = open_person(demo_cloud, "plain")
    answer = await person.ask("query", metrics=["steps"], start=words)
    assert answer["coverage"]["days"] == days


async def test_what_has_two_meanings_is_refused(demo_cloud, open_person):
    """A day and a month by slashes, a counted weekday: the error says what to write."""
    person = open_person(demo_cloud, "plain")
    for asked, words in (
        ({"start": "01/11/2026"}, "year-month-day"),
        ({"where": ["weekday = 6"]}, "write its name"),
    ):
        with pytest.raises(UsageError) as refused:
            await person.ask("query", **asked)
        assert words in f"{refused.value.message} {refused.value.hint}"


async def test_a_near_name_is_found_by_its_short_ones(demo_cloud, open_person):
    """Heart is a heart rate; a sign is nothing."""
    person = open_person(demo_cloud, "plain")
    with pytest.raises(UsageError) as refused:
        await person.ask("query", where=["heart > 60"])
    assert "hr_avg_bpm" in refused.value.hint
    with pytest.raises(UsageError) as refused:
        await person.ask("query", where=["* > 60"])
    assert "Nearest" not in refused.value.hint


async def test_seasons_are_seasons(demo_cloud, open_person):
    """Three whole months each, and whose seasons they are is said."""
    person = open_person(demo_cloud, "longtime")
    grouped = await person.ask(
        "query", metrics=["steps"], by="season", start="2024-12-01", end="2025-11-30"
    )
    assert [row[0] for row in grouped["table"]["rows"]] == ["winter", "spring", "summer", "autumn"]
    counts = {
        row[0]: row[grouped["table"]["columns"].index("count")] for row in grouped["table"]["rows"]
    }
    summer = await person.ask(
        "query", metrics=["steps"], where=["season = summer"], start="2024-12-01", end="2025-11-30"
    )
    by_hand = await person.ask("query", metrics=["steps"], start="2025-06-01", end="2025-08-31")
    assert counts["summer"] == single(summer, "count") == single(by_hand, "count")
    assert any("Seasons" in note for note in summer["notes"])
    assert len(json.dumps(grouped, separators=(",", ":"))) <= 2500
