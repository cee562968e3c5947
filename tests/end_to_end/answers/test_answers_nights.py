"""Last night, the last 7 nights, the last 30 days: complete and equal to what is true."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from annulet.simulator import SimulatedOura
from annulet.simulator.demo_people import DEMO_PEOPLE

WORLD = (
    "Pacific/Honolulu",
    "America/Los_Angeles",
    "America/St_Johns",
    "America/Sao_Paulo",
    "UTC",
    "Europe/Berlin",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Tokyo",
    "Pacific/Auckland",
    "Pacific/Kiritimati",
)
# The day the clocks change, and a zone where they do.
CHANGES = (
    ("2026-03-08", "America/Los_Angeles"),
    ("2026-03-08", "America/St_Johns"),
    ("2026-03-29", "Europe/Berlin"),
    ("2026-10-25", "Europe/Berlin"),
    ("2026-11-01", "America/Los_Angeles"),
    ("2026-11-01", "America/St_Johns"),
    ("2026-04-05", "Pacific/Auckland"),
    ("2026-09-27", "Pacific/Auckland"),
    ("2026-10-04", "Australia/Lord_Howe"),
    ("2026-04-05", "Australia/Lord_Howe"),
    ("2025-09-07", "America/Santiago"),
)
RANGES = {"last night": 1, "last 7 nights": 7, "last 30 days": 30}
MEMBERS = [name for name in DEMO_PEOPLE if name != "lapsed"]


def minutes(seconds):
    return None if seconds is None else round(seconds / 60)


def true_day(person, day):
    """What the table has to say about a day; an empty one has no row."""
    truth, cells = person.truth, {}
    night = truth.night(day)
    if night is not None:
        scores = truth.day(day)
        cells |= {
            "sleep_score": scores.sleep_score,
            "total_sleep_min": minutes(night.total),
            "deep_min": minutes(night.deep),
            "rem_min": minutes(night.rem),
            "light_min": minutes(night.light),
            "awake_min": minutes(night.awake),
            "efficiency_pct": night.efficiency,
            "hrv_avg_ms": round(night.hrv) if night.has_heart_rate else None,
            "hr_lowest_bpm": night.lowest if night.has_heart_rate else None,
            "readiness_score": scores.readiness_score,
            "temperature_deviation_c": scores.temperature_deviation,
            "vascular_age": scores.vascular_age,
            "vo2_max": scores.vo2_max,
            "resilience_level": scores.resilience if scores.resilience_parts is not None else None,
        }
        if not person.cloud.people[person.name].traits.sparse:
            cells["spo2_avg_pct"] = round(scores.spo2, 1)
    active = truth.activity(day)
    if active is not None:
        cells |= {
            "activity_score": active.score if len(active.classes) > 72 else None,
            "steps": active.steps,
            "active_calories_kcal": active.active_calories,
            "total_calories_kcal": active.total_calories,
        }
    stress = truth.stress(day)
    # Zeros of a day that has no summary yet are no measurement.
    if stress is not None and not (stress == (0, 0) and day == truth.today):
        cells |= {"stress_high_min": minutes(stress[0]), "recovery_high_min": minutes(stress[1])}
    return {name: value for name, value in cells.items() if value is not None}


def granted(person, cells):
    """Without the columns whose permission the person never grants."""
    if person.cloud.people[person.name].grants is None:
        return cells
    kept_back = {"spo2_avg_pct", "vascular_age", "vo2_max", "resilience_level"}
    return {name: value for name, value in cells.items() if name not in kept_back}


def days_back(last, count):
    return [last - timedelta(days=back) for back in range(count - 1, -1, -1)]


async def check_summary(person, words, today):
    """Every cell of the table equals the truth, every missing day is named."""
    answer = await person.ask("daily_summary", start=words)
    days = days_back(today, RANGES[words])
    assert (answer["period"]["start"], answer["period"]["end"]) == (str(days[0]), str(days[-1]))
    columns = answer["table"]["columns"]
    shown = {
        row[0]: dict(zip(columns[1:], row[1:], strict=True)) for row in answer["table"]["rows"]
    }
    expected = {
        str(day): cells for day in days if (cells := granted(person, true_day(person, day)))
    }
    for day in shown.keys() | expected.keys():
        told = {name: value for name, value in shown.get(day, {}).items() if value is not None}
        if person.cloud.people[person.name].traits.sparse:
            told.pop("spo2_avg_pct", None)
        assert told == expected.get(day, {}), f"{person.name} {day}"
    missing = [str(day) for day in days if str(day) not in expected]
    assert answer["coverage"] == {
        "days": len(days),
        "with_data": len(days) - len(missing),
        "missing": missing,
    }
    return answer


async def check_sleeps(person, words, today):
    """Every sleep that counts, by bedtime, with its own clock; nothing else."""
    answer = await person.ask("sleep_sessions", start=words)
    days = days_back(today, RANGES[words])
    columns = answer["table"]["columns"]
    shown = [dict(zip(columns, row, strict=True)) for row in answer["table"]["rows"]]
    slept = [sleep for day in days for sleep in person.truth.sleeps(day)]
    assert [row["day"] for row in shown] == [str(sleep.day) for sleep in slept]
    for row, sleep in zip(shown, slept, strict=True):
        assert row["type"] == sleep.kind
        assert row["bedtime"] == sleep.start.isoformat(timespec="minutes")
        assert row["wake_time"] == sleep.end.isoformat(timespec="minutes")
        assert row["time_in_bed_min"] == minutes(sleep.in_bed)
        assert row["total_sleep_min"] == minutes(sleep.total)
        assert row["awake_min"] == minutes(sleep.awake)
        assert (row["deep_min"], row["light_min"], row["rem_min"]) == (
            minutes(sleep.deep),
            minutes(sleep.light),
            minutes(sleep.rem),
        )
        assert (row["latency_min"], row["efficiency_pct"]) == (
            minutes(sleep.latency),
            sleep.efficiency,
        )
        assert row["breath_avg_per_min"] == (
            round(sleep.breath, 1) if sleep.has_heart_rate else None
        )
        assert row["hr_lowest_bpm"] == (sleep.lowest if sleep.has_heart_rate else None)
        assert row["hrv_avg_ms"] == (sleep.hrv if sleep.has_heart_rate else None)
    nights = [day for day in days if person.truth.night(day) is not None]
    assert answer["coverage"] == {
        "days": len(days),
        "with_data": len(nights),
        "missing": [str(day) for day in days if day not in nights],
    }
    return answer


async def check_all(person):
    """All three ranges of both tools."""
    for words in RANGES:
        await check_summary(person, words, person.today)
        await check_sleeps(person, words, person.today)


@pytest.mark.parametrize("assumed", [False, True], ids=["named zone", "machine says UTC"])
@pytest.mark.parametrize("name", MEMBERS)
async def test_the_nights_of_the_demo_people_are_true(demo_cloud, open_person, name, assumed):
    """Each person's last night, week and month, with and without a configured zone."""
    await check_all(open_person(demo_cloud, name, assumed=assumed))


@pytest.mark.parametrize(("days_ago", "place"), [(15, "Asia/Tokyo"), (3, "America/New_York")])
async def test_a_traveller_s_nights_are_dated_where_they_wake_up(open_person, days_ago, place):
    """Without a configured zone, today is the traveller's; the nights at home keep their days."""
    cloud = SimulatedOura(["traveller"], now=datetime(2026, 5, 6, 15, 2, tzinfo=UTC))
    person = open_person(cloud, "traveller", assumed=True)
    day = date(2026, 5, 6) - timedelta(days=days_ago)
    for hour in (9, 14, 21):
        there = datetime(day.year, day.month, day.day, hour, 40, tzinfo=ZoneInfo(place))
        cloud.clock.set(there)
        for words in RANGES:
            await check_summary(person, words, day)
            answer = await check_sleeps(person, words, day)
        offset = f"{there:%z}"
        assert answer["period"]["timezone"] == f"{offset[:3]}:{offset[3:]}"


@pytest.fixture(scope="module")
def world():
    """A person in each zone of the world."""
    cloud = SimulatedOura(people=[], now=datetime(2026, 5, 6, 15, 2, tzinfo=UTC))
    for place in WORLD:
        cloud.add_person(place.lower(), zone=place, days=90, naps=0.3, night_gaps=(4, 11))
    return cloud


@pytest.mark.parametrize("assumed", [False, True], ids=["named zone", "machine says UTC"])
@pytest.mark.parametrize("place", WORLD)
async def test_the_nights_are_true_from_honolulu_to_kiritimati(world, open_person, place, assumed):
    """Zones from −10 to +14, asked at the same instant."""
    await check_all(open_person(world, place.lower(), assumed=assumed))


@pytest.mark.parametrize("hour", [0, 6, 12, 18, 23])
@pytest.mark.parametrize("place", ["Pacific/Honolulu", "Asia/Kathmandu", "Pacific/Kiritimati"])
async def test_the_hour_of_the_question_does_not_matter(world, open_person, place, hour):
    """Just after midnight, before and after waking up, late in the evening."""
    before = world.clock()
    world.clock.set(datetime(2026, 4, 29, hour, 4, tzinfo=ZoneInfo(place)))
    try:
        await check_all(open_person(world, place.lower()))
    finally:
        world.clock.set(before)


SOON = ((0, 9, 15), (1, 8, 5))
LATER = ((0, 0, 30), (0, 23, 50), (6, 12, 0), (29, 10, 0))


def around(change, place, moments):
    """Instants before, at and after a change of the clocks, on the person's clock."""
    day = date.fromisoformat(change)
    for later, hour, minute in moments:
        at = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(place))
        yield at + timedelta(days=later)


async def check_change(open_person, change, place, moments, *, assumed):
    """A person asks at several moments around a change of the clocks."""
    instants = list(around(change, place, moments))
    cloud = SimulatedOura(people=[], now=instants[-1])
    cloud.add_person("someone", zone=place, days=70, naps=0.3)
    person = open_person(cloud, "someone", assumed=assumed)
    for instant in instants:
        cloud.clock.set(instant)
        await check_all(person)


@pytest.mark.parametrize(("change", "place"), CHANGES)
async def test_the_nights_are_true_across_a_change_of_the_clocks(open_person, change, place):
    """Days of 23 and of 25 hours, in the north and in the south, on a machine that says UTC."""
    await check_change(open_person, change, place, SOON, assumed=True)


@pytest.mark.full
@pytest.mark.parametrize("assumed", [False, True], ids=["named zone", "machine says UTC"])
@pytest.mark.parametrize(("change", "place"), CHANGES)
async def test_the_nights_stay_true_long_after_the_clocks_changed(
    open_person, change, place, assumed
):
    """The same at more moments, a month long."""
    await check_change(open_person, change, place, LATER, assumed=assumed)


@pytest.mark.full
@pytest.mark.parametrize("hour", range(0, 24, 3))
@pytest.mark.parametrize("place", WORLD)
async def test_every_hour_in_every_zone(world, open_person, place, hour):
    """Eight questions a day around the world."""
    before = world.clock()
    world.clock.set(datetime(2026, 4, 22, hour, 33, tzinfo=ZoneInfo(place)))
    try:
        await check_all(open_person(world, place.lower(), assumed=hour % 2 == 0))
    finally:
        world.clock.set(before)
