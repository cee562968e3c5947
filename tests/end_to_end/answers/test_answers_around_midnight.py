"""Days that are not over after midnight, and clock times of people who sleep by day."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from annulet.simulator import SimulatedOura

TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.fixture(scope="module")
def cloud():
    """A shift worker, two minutes past midnight at home."""
    return SimulatedOura(people=["shift"], now=datetime(2026, 5, 6, 0, 2, tzinfo=TOKYO))


@pytest.fixture
def person(cloud, open_person):
    return open_person(cloud, "shift")


def cell(answer, row, column):
    return answer["table"]["rows"][row][answer["table"]["columns"].index(column)]


async def test_a_day_of_activity_is_not_over_at_midnight(cloud, person):
    """Until 04:00 yesterday still counts: no average, no streak and no verdict rests on it."""
    yesterday = person.today - timedelta(days=1)
    finished = [person.truth.activity(yesterday - timedelta(days=n)).steps for n in (1, 2)]
    question = {"metrics": ["steps"], "start": "last 4 days"}
    answer = await person.ask("query", **question)
    assert cell(answer, 0, "count") == 2
    assert cell(answer, 0, "mean") == pytest.approx(sum(finished) / 2, abs=1)
    assert any("ends at 04:00" in note and "steps" in note for note in answer["notes"])
    summary = await person.ask("daily_summary", start="last 4 days", metrics=["steps"])
    assert summary["unfinished"] == yesterday.isoformat()
    assert f"{round(sum(finished) / 2):,}" in summary["summary"]
    trends = await person.ask("trends", metrics=["steps"])
    assert any("ends at 04:00" in note for note in trends["notes"])
    alone = await person.ask("query", metrics=["steps"], start="yesterday")
    assert any("so far" in note for note in alone["notes"])
    before = cloud.clock()
    try:
        cloud.clock.set(datetime(2026, 5, 6, 9, 0, tzinfo=TOKYO))
        later = await person.ask("query", **question)
        assert cell(later, 0, "count") == 3
        assert not any("04:00" in note for note in later["notes"])
    finally:
        cloud.clock.set(before)


def circular(minutes):
    """The mean direction of clock times, in minutes from midnight."""
    angles = [m * math.tau / 1440 for m in minutes]
    mean = math.atan2(sum(map(math.sin, angles)), sum(map(math.cos, angles)))
    return mean * 1440 / math.tau % 1440


def apart(first, second):
    """Minutes between two clock times, the shorter way round."""
    return abs((first - second + 720) % 1440 - 720)


async def test_clock_times_are_averaged_round_the_clock(person):
    """Bedtimes of the morning and of the evening before have no mean in between."""
    days = [person.today - timedelta(days=n) for n in range(30)]
    nights = [night for day in days if (night := person.truth.night(day)) is not None]
    bedtimes = [n.parts[0].start.hour * 60 + n.parts[0].start.minute for n in nights]
    mean = circular(bedtimes)
    trends = await person.ask("trends", metrics=["bedtime"], window_days=30)
    assert apart(cell(trends, 0, "mean"), mean) < 30
    summary = await person.ask("daily_summary", start="last 30 days", sections=["rhythm"])
    wakes = [n.parts[-1].end.hour * 60 + n.parts[-1].end.minute for n in nights]
    told = summary["summary"].partition("wake time ")[2][:5]
    assert apart(int(told[:2]) * 60 + int(told[3:]), circular(wakes)) < 5
    week = f"{days[8]}..{days[2]}"
    compared = await person.ask(
        "compare", period=week, against=f"{days[29]}..{days[9]}", metrics=["bedtime"]
    )
    assert abs(cell(compared, 0, "difference")) < 120


async def test_the_middle_of_two_sleeps_is_that_of_the_longer_one(person):
    """Who sleeps twice a day is awake in the middle of both."""
    answer = await person.ask("daily_summary", start="last 30 days", metrics=["midsleep"])
    place = answer["table"]["columns"].index("midsleep_min_from_midnight")
    checked = 0
    for row in answer["table"]["rows"]:
        night = person.truth.night(datetime.fromisoformat(row[0]).date())
        parts = [] if night is None else night.parts
        gaps = [b.start - a.end for a, b in pairwise(parts)]
        if row[place] is None or not any(gap > timedelta(hours=2) for gap in gaps):
            continue
        midnight = datetime.fromisoformat(row[0]).replace(tzinfo=TOKYO)
        middle = midnight + timedelta(minutes=row[place])
        assert any(part.start <= middle <= part.end for part in parts)
        checked += 1
    assert checked


async def test_a_streak_does_not_end_on_days_that_are_not_over(person):
    """Neither yesterday, which counts until 04:00, nor today has missed anything yet."""
    answer = await person.ask("query", where=["steps > 3000"], calculate=["current_streak"])
    day, length = person.today - timedelta(days=2), 0
    while (activity := person.truth.activity(day)) is not None and activity.steps > 3000:
        day, length = day - timedelta(days=1), length + 1
    assert length > 1
    assert cell(answer, 0, "current_streak") == length
