"""Figures of a query against the truth of the simulated people, where reading is delicate."""

from __future__ import annotations

from datetime import timedelta
from statistics import fmean

import pytest

from annulet.errors import UsageError


def column(answer, name):
    """The cells of a column."""
    at = answer["table"]["columns"].index(name)
    return [row[at] for row in answer["table"]["rows"]]


def nights(person, count):
    """The last so many days that have a night, with it."""
    days = [person.today - timedelta(days=n) for n in range(count)]
    return {day: night for day in days if (night := person.truth.night(day)) is not None}


async def test_minutes_of_a_day_sleeper_lie_between_their_ends(demo_cloud, open_person):
    """The mean midsleep of someone who sleeps by day is a value among theirs."""
    person = open_person(demo_cloud, "shift")
    answer = await person.ask(
        "query", metrics=["midsleep"], calculate=["min", "mean", "max"], start="last 60 days"
    )
    low, mean, high = (column(answer, name)[0] for name in ("min", "mean", "max"))
    assert low < mean < high
    assert mean == pytest.approx(12 * 60 + 45, abs=2)


async def test_a_clock_limit_parts_the_nights_of_a_day_sleeper(demo_cloud, open_person):
    """Midsleep after 12:30 is some nights and not all, though 12:30 is past noon."""
    person = open_person(demo_cloud, "shift")
    limit = 12 * 60 + 45
    later = 0
    for day, night in nights(person, 60).items():
        middle = (night.start + (night.end - night.start) / 2).astimezone(night.end.tzinfo)
        minutes = middle.hour * 60 + middle.minute + middle.second / 60
        later += middle.date() == day and minutes > limit
    answer = await person.ask("query", where=["midsleep > 12:45"], start="last 60 days")
    assert 0 < later < 50
    assert abs(answer["matched"]["rows"] - later) <= 1  # seconds at the limit


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("rhr = 57,58", "rhr = 57, 58"),
        ("rhr != 57,58", "rhr != 57, 58"),
        ("rhr in 57,58", "rhr = 57, 58"),
        ("sleep_score = 80,81", "sleep_score = 80, 81"),
        ("efficiency = 0,85", "efficiency = 85"),
        ("total_sleep_min = 7,5 h", "total_sleep_min = 450"),
        ("sleep < 7,5 h", "sleep < 450"),
        ("temperature < 0,25", "temperature < 0.25"),
        ("steps >= 8,000", "steps >= 8000"),
        ("weekday is not sat or sun", "weekday != sat, sun"),
        ("weekday != sat or sun", "weekday != sat, sun"),
        ("weekday is not fri or weekend", "weekday != fri, sat, sun"),
        ("tag is not alcohol or caffeine", "tag != alcohol, caffeine"),
    ],
)
async def test_lists_are_read_as_lists(demo_cloud, open_person, written, plain):
    """A comma without a blank parts two whole numbers, and “is not A or B” is neither."""
    person = open_person(demo_cloud, "plain")
    answer = await person.ask("query", where=[written], start="last 90 days")
    expected = await person.ask("query", where=[plain], start="last 90 days")
    assert answer["matched"] == expected["matched"]
    assert answer["summary"] == expected["summary"]


@pytest.mark.parametrize(
    "written",
    [
        "breath = 14,15",
        "sleep_hours = 7,8",
        "steps = 8,000,9,000",
        "bedtime > previous.wake_time",
        "wake_time < bedtime",
        "steps > none",
        "steps > nan",
        "hrv < missing",
    ],
)
async def test_what_has_two_readings_or_none_is_refused(demo_cloud, open_person, written):
    """Numbers that may be decimals or lists, clocks of two axes, an order against nothing."""
    person = open_person(demo_cloud, "plain")
    with pytest.raises(UsageError):
        await person.ask("query", where=[written])


async def test_parts_of_a_sum_are_of_the_whole(demo_cloud, open_person):
    """A day in two groups counts once in the whole that both are parts of."""
    person = open_person(demo_cloud, "plain")
    ranges = await person.ask(
        "query", metrics=["steps"], by="last week; last month", calculate=["sum", "sum_pct"]
    )
    whole = await person.ask(
        "query", metrics=["steps"], start="2026-04-01", end="2026-05-03", calculate=["sum"]
    )
    total = column(whole, "sum")[0]
    for part, percent in zip(column(ranges, "sum"), column(ranges, "sum_pct"), strict=True):
        assert percent == pytest.approx(100 * part / total, abs=0.06)
    assert sum(column(ranges, "sum_pct")) > 100
    assert any("overlap" in note for note in ranges["notes"])
    tagged = await person.ask(
        "query", metrics=["sleep"], by="tag", calculate=["sum_pct"], start="last 90 days"
    )
    untagged = dict(zip(column(tagged, "group"), column(tagged, "sum_pct"), strict=True))["none"]
    alone = await person.ask(
        "query", metrics=["sleep"], by="tag = none", calculate=["sum_pct"], start="last 90 days"
    )
    assert untagged == pytest.approx(column(alone, "sum_pct")[0], abs=0.06)
    weekdays = await person.ask(
        "query", metrics=["steps"], by="weekday", calculate=["sum_pct"], start="last 60 days"
    )
    assert sum(column(weekdays, "sum_pct")) == pytest.approx(100, abs=0.4)
    assert not any("overlap" in note for note in weekdays.get("notes", []))


@pytest.mark.parametrize("condition", ["tag != alcohol", "session = none", "workout = none"])
async def test_a_day_that_is_not_over_may_still_get_a_tag(demo_cloud, open_person, condition):
    """What has not happened today may happen: today is no part of a streak, and that is said."""
    person = open_person(demo_cloud, "plain")
    answer = await person.ask("query", where=[condition], calculate=["current_streak"])
    name = condition.split()[0]
    days = [person.today - timedelta(days=n) for n in range(1, 30)]
    expected = 0
    for day in days:
        listed = await person.ask("query", where=[condition], start=day.isoformat())
        if not listed["matched"]["rows"]:
            break
        expected += 1
    assert column(answer, "current_streak") == [expected]
    assert f"Today is not over; left out: {name}." in answer["notes"]
    assert answer["matched"]["of"] == 29


async def test_the_night_before_a_new_ring_is_of_the_old_one(demo_cloud, open_person):
    """A ring that is set up in the evening has its first night on the next day."""
    person = open_person(demo_cloud, "longtime")
    answer = await person.ask(
        "query", metrics=["hrv"], by="ring", calculate=["count", "mean"], start="last 12 months"
    )
    name = column(answer, "group")[-1]
    since = name.rpartition(" ")[2]
    values = [
        night.hrv
        for day, night in nights(person, 365).items()
        if day.isoformat() > since and night.has_heart_rate
    ]
    assert column(answer, "count")[-1] == len(values)
    assert column(answer, "mean")[-1] == pytest.approx(fmean(values), abs=0.06)
