"""What a person did and noted: all of it, on its days, with plausible zones of effort."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from statistics import fmean

import pytest

from annulet.simulator import SimulatedOura

NAMES = ["plain", "traveller", "fareast", "farwest", "shift", "sparse", "longtime"]


def minute(instant):
    return None if instant is None else instant.isoformat(timespec="minutes")


def rows(answer, kind):
    """The rows of a table as dictionaries."""
    return [dict(zip(answer[kind]["columns"], row, strict=True)) for row in answer[kind]["rows"]]


def touching(items, first, last):
    """Whatever lasts over one of the days, whenever it began."""
    return [
        item
        for item in items
        if item.start.date() <= last and (item.end or item.start).date() >= first
    ]


@pytest.mark.parametrize("name", NAMES)
async def test_everything_that_happened_is_listed(demo_cloud, open_person, name):
    """Workouts, sessions and tags of a month, by the day they began."""
    person = open_person(demo_cloud, name)
    last = person.today
    first = last - timedelta(days=29)
    answer = await person.ask("events", start="last 30 days")
    workouts = [w for w in person.truth.workouts(first, last) if w.start.date() <= last]
    assert [(row["day"], row["start"], row["end"]) for row in rows(answer, "workout")] == [
        (str(w.start.date()), minute(w.start), minute(w.end)) for w in workouts
    ]
    for row, workout in zip(rows(answer, "workout"), workouts, strict=True):
        assert (row["activity"], row["intensity"]) == (workout.activity, workout.intensity)
        assert row["calories_kcal"] == round(workout.calories)
        assert row["duration_min"] == (workout.end - workout.start) / timedelta(minutes=1)
    sessions = person.truth.sessions(first, last)
    assert [(row["start"], row["type"], row["mood"]) for row in rows(answer, "session")] == [
        (minute(s.start), s.kind, s.mood) for s in sessions
    ]
    known = [
        t
        for t in person.truth.tags(first - timedelta(days=20), last)
        if t.start <= demo_cloud.clock()
    ]
    tags = touching(known, first, last)
    assert sorted(row["start"] for row in rows(answer, "tag")) == sorted(
        minute(t.start) for t in tags
    )
    for row in rows(answer, "tag"):
        tag = next(t for t in tags if minute(t.start) == row["start"])
        title = (tag.code or "").removeprefix("tag_generic_") if tag.code != "custom" else tag.name
        assert row["tag"] == (title or tag.comment)
        assert row["end"] == minute(tag.end)


@pytest.fixture(scope="module")
def rester():
    """A person with a long rest in the past and one that goes on; alone because it is rare."""
    from annulet.simulator.world.traits import PlannedRestMode

    cloud = SimulatedOura(people=[], now=datetime(2026, 5, 6, 15, 2, tzinfo=UTC))
    cloud.add_person(
        "rester",
        zone="Europe/Berlin",
        days=300,
        rest_modes=(PlannedRestMode(200, 120), PlannedRestMode(9, None)),
    )
    return cloud


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("today", None, 1),
        ("last 7 days", None, 1),
        ("last 30 days", None, 1),
        ("2025-12-01", "2025-12-03", 1),
        ("2025-10-18", None, 1),
        ("2026-01-06", None, 1),
        ("2026-01-07", "2026-04-26", 0),
        ("2025-10-01", "2025-10-17", 0),
        ("2025-10-01", "2026-05-06", 2),
    ],
)
async def test_rest_mode_is_told_on_each_of_its_days(rester, open_person, start, end, expected):
    """Also in the middle of it, far from where it began."""
    person = open_person(rester, "rester")
    more = {"end": end} if end else {}
    answer = await person.ask("events", start=start, kinds=["rest_mode"], **more)
    told = rows(answer, "rest_mode")
    assert len(told) == expected
    assert [row["end"] for row in told if row["day"] == "2026-04-27"] in ([], [None])
    if expected and not end:
        assert answer["coverage"]["missing"] == [] or start == "last 30 days"
        assert "1 time of rest mode" in answer["summary"]


@pytest.mark.parametrize("name", ["plain", "traveller", "farwest"])
async def test_zones_of_effort_add_up(demo_cloud, open_person, name):
    """Minutes in zones are those of the workout, as far as the heart was beating hard enough."""
    person = open_person(demo_cloud, name)
    answer = await person.ask("events", start="last 30 days", kinds=["workout"], zones=True)
    last = person.today
    workouts = person.truth.workouts(last - timedelta(days=29), last)
    assert workouts
    for row, workout in zip(rows(answer, "workout"), workouts, strict=True):
        beats = [b.bpm for b in person.truth.heartrate(workout.start, workout.end)]
        assert row["hr_avg_bpm"] == pytest.approx(fmean(beats), abs=0.51)
        assert row["hr_max_bpm"] == max(beats)
        zones = [row[f"zone{number}_min"] for number in range(1, 6)]
        assert sum(zones) <= row["duration_min"] + 2.5
        limit = 0.5 * (208 - 0.7 * demo_cloud.people[name].traits.profile.age)
        above = sum(bpm >= limit for bpm in beats) * 5 / 60
        assert sum(zones) == pytest.approx(above, abs=2.6)
    assert any("Zones begin at" in note for note in answer["notes"])


async def test_zones_need_an_age_and_say_so(demo_cloud, open_person):
    """Without the age: average and maximum; without heart rate: neither."""
    person = open_person(demo_cloud, "plain", scopes=["daily", "workout", "heartrate"])
    answer = await person.ask("events", start="last 30 days", kinds=["workout"], zones=True)
    assert all(row["hr_max_bpm"] and row["zone1_min"] is None for row in rows(answer, "workout"))
    assert any("need the age" in note for note in answer["notes"])
    person = open_person(demo_cloud, "fewscopes")
    answer = await person.ask("events", start="last 30 days", kinds=["workout"], zones=True)
    assert "zone1_min" not in answer["workout"]["columns"]
    assert any("heart-rate zones (permission heartrate)" in note for note in answer["notes"])


async def test_a_week_without_events_is_an_answer(demo_cloud, open_person):
    """Nothing is nothing, and nothing from other apps is to be expected."""
    person = open_person(demo_cloud, "plain")
    answer = await person.ask("events", start="2024-01-01", end="2024-01-07")
    assert answer["summary"] == "Nothing noted from 1 to 7 Jan 2024."
    assert answer["coverage"]["with_data"] == 0
    assert any("other apps" in note for note in answer["notes"])
    assert date.fromisoformat(answer["period"]["end"]) == date(2024, 1, 7)
