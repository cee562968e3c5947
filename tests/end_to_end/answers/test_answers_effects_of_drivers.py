"""Effects of a condition, of a driver, and of everything that may move a metric."""

from __future__ import annotations

import json
from datetime import timedelta
from statistics import fmean

import pytest

from annulet.errors import UsageError


def days_back(person):
    return [person.today - timedelta(days=n) for n in range(180)]


async def test_a_condition_is_a_tag_of_its_own(demo_cloud, open_person):
    """Days with the tag alcohol: the same nights as the tag itself."""
    person = open_person(demo_cloud, "plain")
    by_tag = await person.ask("effects", tag="alcohol")
    by_condition = await person.ask("effects", when="tag = alcohol")
    place = by_tag["table"]["columns"].index("verdict")
    assert [(row[0], row[place]) for row in by_tag["table"]["rows"]] == [
        (row[0], row[place]) for row in by_condition["table"]["rows"]
    ]


async def test_a_driver_is_told_per_sensible_unit(demo_cloud, open_person):
    """Steps touch the night that follows, bedtime its own; the answer says which."""
    person = open_person(demo_cloud, "plain")
    steps = await person.ask("effects", driver="steps")
    assert "the night and day that follow" in steps["summary"]
    assert all("per 1,000 steps" in row[1] for row in steps["table"]["rows"])
    bedtime = await person.ask("effects", driver="bedtime")
    assert any("same night" in note for note in bedtime["notes"])
    assert {row[0] for row in bedtime["table"]["rows"]}.isdisjoint({"bedtime_min_from_midnight"})
    for answer in (steps, bedtime):
        assert len(json.dumps(answer, separators=(",", ":"))) <= 1500


async def test_without_a_question_everything_is_looked_through(demo_cloud, open_person):
    """Alcohol, which does something, is named; caffeine, which does nothing, is not."""
    answer = await open_person(demo_cloud, "plain").ask("effects")
    assert "pairs hold up" in answer["summary"]
    drivers = {row[0] for row in answer["table"]["rows"]}
    assert "tag alcohol" in drivers
    assert "tag caffeine" not in drivers
    place = answer["table"]["columns"].index("p_adjusted")
    assert all(row[place] <= 0.05 for row in answer["table"]["rows"])
    assert len(json.dumps(answer, separators=(",", ":"))) <= 2000


async def test_weekends_are_looked_at_too(demo_cloud, open_person):
    """A person who sleeps longer at weekends is told so, in minutes, with an interval."""
    person = open_person(demo_cloud, "plain")
    answer = await person.ask("effects", metrics=["total_sleep_min"])
    rows = {row[0]: row for row in answer["table"]["rows"]}
    nights = [(d, person.truth.night(d)) for d in days_back(person)]
    known = [(d, night.total / 60) for d, night in nights if night is not None]
    weekend = [minutes for day, minutes in known if day.weekday() >= 5]
    others = [minutes for day, minutes in known if day.weekday() < 5]
    effect, low, high = rows["weekend"][5:8]
    assert low <= fmean(weekend) - fmean(others) <= high
    assert low < effect < high
    assert "at weekends, sleep time" in answer["summary"]


async def test_people_without_much_are_answered(demo_cloud, open_person):
    """Six days are too few, and that is an answer."""
    person = open_person(demo_cloud, "newcomer")
    assert "Too few" in (await person.ask("effects", driver="steps"))["summary"]
    assert (await person.ask("effects"))["table"]["rows"] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"driver": "zzz"}, "daily metric"),
        ({"when": "stepz > 1"}, "steps > 1"),
        ({"when": "steps > 1000000"}, "oura_query"),
        ({"tag": "alcohol", "driver": "steps"}, "one of"),
    ],
)
async def test_mistakes_say_what_to_write(demo_cloud, open_person, arguments, words):
    with pytest.raises(UsageError) as refused:
        await open_person(demo_cloud, "plain").ask("effects", **arguments)
    assert words in refused.value.hint


@pytest.mark.parametrize(
    ("driver", "condition"), [("workouts", "workout = any"), ("session", "session = any")]
)
async def test_what_happens_or_not_is_a_driver_too(demo_cloud, open_person, driver, condition):
    """Days with a workout against days without: as the condition that says the same."""
    person = open_person(demo_cloud, "plain")
    by_driver = await person.ask("effects", driver=driver)
    assert by_driver == await person.ask("effects", when=condition)


@pytest.mark.parametrize(
    ("driver", "unit"),
    [
        ("workout_count", "per workout"),
        ("workout_min", "per hour"),
        ("workout_calories_kcal", "per 100 kcal"),
        ("workout_distance_m", "per kilometre"),
    ],
)
async def test_the_workouts_of_a_day_are_a_driver(demo_cloud, open_person, driver, unit):
    """Minutes, calories and metres of days with a workout; their number on every recorded day."""
    person = open_person(demo_cloud, "plain")
    answer = await person.ask("effects", driver=driver, metrics=["hr_lowest_bpm"])
    ((_, told, n, *_),) = answer["table"]["rows"]
    assert unit in told
    days = days_back(person)
    active = {w.start.date() for w in person.truth.workouts(days[-1], days[0])}
    assert (n > len(active)) == (driver == "workout_count")
    assert any("Only days with a workout" in n for n in answer["notes"]) == (n <= len(active))


async def test_a_figure_of_many_days_is_no_driver(demo_cloud, open_person):
    """Neighbouring days share it: it is said, with what it is made of."""
    with pytest.raises(UsageError, match="14 days") as refused:
        await open_person(demo_cloud, "plain").ask("effects", driver="sleep_debt")
    assert "total_sleep_min" in refused.value.hint
