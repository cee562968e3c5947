"""Heart rate and activity inside the day: whole over its pages, right on odd days."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from annulet.simulator import SimulatedOura

CLASSES = {"0": "non_wear", "1": "rest", "2": "inactive", "3": "low", "4": "medium", "5": "high"}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# A day of 23 hours and one of 25, north and south of the equator, and one of 24 and a half.
ODD_DAYS = (
    ("Europe/Berlin", "2026-03-29", 23),
    ("Europe/Berlin", "2026-10-25", 25),
    ("America/St_Johns", "2026-03-08", 23),
    ("America/St_Johns", "2026-11-01", 25),
    ("Pacific/Auckland", "2026-09-27", 23),
    ("Pacific/Auckland", "2026-04-05", 25),
    ("Australia/Lord_Howe", "2026-04-05", 24.5),
    ("America/Santiago", "2026-09-06", 23),
)


def edges(day, zone):
    """The instants between which it is that day."""
    start = datetime.combine(day, time(), ZoneInfo(zone))
    return start.astimezone(UTC), (start + timedelta(days=1)).astimezone(UTC)


def beats(person, start, end):
    """Each true sample once per instant and source, the end not included."""
    rows = person.truth.heartrate(start, end)
    inside = {(row.at, row.source): row for row in reversed(rows) if row.at < end.timestamp() * 1e3}
    return [inside[key] for key in sorted(inside)]


def mean_over_time(person, start, end):
    """The true mean of that time, the end not included."""
    return person.truth.mean_heart_rate(start, end - timedelta(milliseconds=1))


def shown(at, zone):
    return (EPOCH + timedelta(milliseconds=at)).astimezone(ZoneInfo(zone))


async def check_heart_rate(person, day, zone, **more):
    """Count, extremes with their times, mean and sources of a day."""
    answer = await person.ask("intraday", start=str(day), **more)
    true = beats(person, *edges(day, zone))
    if not true:
        assert "stats" not in answer
        assert answer["coverage"]["missing"] == [str(day)]
        return answer
    stats = answer["stats"]
    low, high = min(row.bpm for row in true), max(row.bpm for row in true)
    assert (stats["samples"], stats["min"], stats["max"]) == (len(true), low, high)
    assert stats["avg"] == pytest.approx(mean_over_time(person, *edges(day, zone)), abs=0.06)
    for key, extreme in (("min_at", low), ("max_at", high)):
        first = next(row for row in true if row.bpm == extreme)
        at = datetime.fromisoformat(stats[key])
        assert at == shown(first.at, zone).replace(second=0, microsecond=0)
        assert at.date() == day
    counted = {row[0]: row[1] for row in answer["by_source"]["rows"]}
    assert counted == Counter(row.source for row in true)
    assert answer["coverage"] == {"days": 1, "with_data": 1, "missing": []}
    return answer


@pytest.mark.parametrize("assumed", [False, True], ids=["named zone", "machine says UTC"])
@pytest.mark.parametrize(
    "name", ["plain", "fareast", "farwest", "shift", "sparse", "newcomer", "longtime", "unsynced"]
)
async def test_a_day_of_heart_rate_is_whole(demo_cloud, open_person, name, assumed):
    """Yesterday and two other days, over all their pages and not a sample more."""
    person = open_person(demo_cloud, name, assumed=assumed)
    home = demo_cloud.people[name].traits.zone
    for back in (1, 3, 5):
        await check_heart_rate(person, person.today - timedelta(days=back), home)


async def test_the_words_for_yesterday_mean_the_person_s_day(demo_cloud, open_person):
    """Without dates it is yesterday, with today it ends now."""
    person = open_person(demo_cloud, "fareast")
    yesterday = str(person.today - timedelta(days=1))
    assert (await person.ask("intraday"))["period"]["start"] == yesterday
    today = await person.ask("intraday", start="today")
    start, _ = edges(person.today, "Pacific/Auckland")
    assert today["stats"]["samples"] == len(beats(person, start, demo_cloud.clock()))


@pytest.mark.parametrize("assumed", [False, True], ids=["named zone", "machine says UTC"])
@pytest.mark.parametrize(("zone", "day", "hours"), ODD_DAYS)
async def test_days_have_as_many_hours_as_they_have(open_person, zone, day, hours, assumed):
    """Heart rate and series of a day on which the clocks change."""
    day = date.fromisoformat(day)
    _, end = edges(day, zone)
    cloud = SimulatedOura(people=[], now=end + timedelta(days=2, hours=10))
    cloud.add_person("someone", zone=zone, days=30)
    person = open_person(cloud, "someone", assumed=assumed)
    answer = await check_heart_rate(person, day, zone, resolution_min=30)
    assert len(answer["series"]["values"]) == hours * 2
    assert datetime.fromisoformat(answer["series"]["start"]).date() == day


async def test_travel_is_reported_in_the_days_of_the_traveller(open_person):
    """Without a configured zone, a day begins where the person was."""
    now = datetime(2026, 5, 6, 15, 2, tzinfo=UTC)
    cloud = SimulatedOura(["traveller"], now=now)
    person = open_person(cloud, "traveller", assumed=True)
    for back in (14, 15, 16):  # in Tokyo
        await check_heart_rate(person, date(2026, 5, 6) - timedelta(days=back), "Asia/Tokyo")
    home = open_person(cloud, "traveller")
    for back in (1, 3, 15, 19):
        await check_heart_rate(home, date(2026, 5, 6) - timedelta(days=back), "Europe/Berlin")


async def test_hours_are_asked_for_as_people_write_them(demo_cloud, open_person):
    """A range of hours ends before its last instant and is echoed as it was understood."""
    person, day = open_person(demo_cloud, "farwest"), "2026-05-04"
    answer = await person.ask("intraday", start=f"{day}T14:00", end=f"{day} 18:30")
    start = datetime(2026, 5, 5, 0, 0, tzinfo=UTC)
    true = beats(person, start, start + timedelta(hours=4.5))
    assert answer["stats"]["samples"] == len(true)
    assert answer["period"] == {
        "start": f"{day}T14:00-10:00",
        "end": f"{day}T18:30-10:00",
        "timezone": "Pacific/Honolulu",
    }
    same = await person.ask("intraday", start="2026-05-05T00:00Z", end="2026-05-05T04:30Z")
    assert same["stats"] == answer["stats"]


async def test_silence_is_not_bridged(demo_cloud, open_person):
    """A step of the series has a value exactly where a sample was taken."""
    person = open_person(demo_cloud, "plain")
    day = person.today - timedelta(days=1)
    answer = await person.ask("intraday", resolution_min=5)
    start, _ = edges(day, "UTC")
    held = {
        int((row.at / 1000 - start.timestamp()) // 300) for row in beats(person, *edges(day, "UTC"))
    }
    values = answer["series"]["values"]
    assert len(values) == 288
    assert {place for place, value in enumerate(values) if value is not None} == held
    assert len(held) < 288
    assert (min(v for v in values if v), max(v for v in values if v)) == (
        answer["stats"]["min"],
        answer["stats"]["max"],
    )


async def test_a_month_of_heart_rate_is_whole(demo_cloud, open_person):
    """Tens of thousands of samples over as many pages as it takes."""
    person = open_person(demo_cloud, "plain")
    answer = await person.ask("intraday", start="last 30 days")
    first = edges(person.today - timedelta(days=29), "UTC")[0]
    assert answer["stats"]["samples"] == len(beats(person, first, demo_cloud.clock()))
    assert answer["coverage"]["days"] == 30


def true_classes(person, day, zone):
    """Minutes by class from midnight to midnight; a later activity day overrides an earlier."""
    start, end = edges(day, zone)
    slots = {}
    for near in (day - timedelta(days=1), day):
        active = person.truth.activity(near)
        for place, kind in enumerate(active.classes if active else ""):
            slots[active.start.astimezone(UTC) + timedelta(minutes=5 * place)] = kind
    counted = Counter(kind for at, kind in slots.items() if start <= at < end)
    return {name: 5 * counted[kind] for kind, name in CLASSES.items() if counted[kind]}


async def check_activity(person, day, zone):
    """Minutes, MET and steps of a day."""
    answer = await person.ask("intraday", metric="activity", start=str(day), resolution_min=60)
    minutes = true_classes(person, day, zone)
    assert answer.get("minutes", {}) == minutes
    active = person.truth.activity(day)
    assert answer.get("steps_of_day") == (active.steps if active else None)
    if minutes:
        assert answer["met"]["samples"] == sum(minutes.values())
        assert any("no steps inside the day" in note for note in answer["notes"])
    return answer


@pytest.mark.parametrize("name", ["plain", "fareast", "farwest", "shift", "sparse", "longtime"])
async def test_a_day_of_activity_is_true(demo_cloud, open_person, name):
    """Minutes by class and MET from midnight to midnight, steps as Oura counts the day."""
    person = open_person(demo_cloud, name)
    for back in (0, 1, 4):
        day = person.today - timedelta(days=back)
        await check_activity(person, day, demo_cloud.people[name].traits.zone)


@pytest.mark.parametrize(("zone", "day", "hours"), ODD_DAYS)
async def test_no_minute_of_activity_counts_twice(open_person, zone, day, hours):
    """Not even where one activity day ends after the next has begun."""
    day = date.fromisoformat(day)
    cloud = SimulatedOura(people=[], now=edges(day, zone)[1] + timedelta(days=2, hours=10))
    cloud.add_person("someone", zone=zone, days=30)
    person = open_person(cloud, "someone")
    for near in (day - timedelta(days=1), day, day + timedelta(days=1)):
        answer = await check_activity(person, near, zone)
        start, end = edges(near, zone)
        assert sum(answer["minutes"].values()) <= (end - start) / timedelta(minutes=1)


async def test_several_days_of_activity_come_with_the_steps_of_each(demo_cloud, open_person):
    """The steps of a week are a table; a day without the ring is not in it."""
    person = open_person(demo_cloud, "sparse")
    answer = await person.ask("intraday", metric="activity", start="last 30 days")
    days = [person.today - timedelta(days=back) for back in range(29, -1, -1)]
    true = [[str(day), active.steps] for day in days if (active := person.truth.activity(day))]
    assert answer["steps_of_day"]["rows"] == true
    assert answer["coverage"]["with_data"] == len(true) < 30
    assert "min of low activity" in answer["summary"]


async def test_a_ring_that_has_not_synced_says_so(demo_cloud, open_person):
    """No heart rate, no activity: since when, and what to do."""
    person = open_person(demo_cloud, "unsynced")
    for metric in ("heart_rate", "activity"):
        answer = await person.ask("intraday", metric=metric, start="today", resolution_min=60)
        assert answer["summary"].startswith("No ")
        assert "series" not in answer
        assert any("2026-05-03 20:59: open the Oura app" in note for note in answer["notes"])
