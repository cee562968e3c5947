"""The client against the simulated cloud: every person's days, complete and true."""

from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import httpx2
import pytest

from annulet.client import OuraClient
from annulet.contract.collections import COLLECTIONS, Query
from annulet.errors import ConsentRevoked, MembershipRequired, OuraUnavailable, ScopeMissing
from annulet.simulator import SimulatedOura

NOW = datetime(2026, 5, 6, 15, 2, tzinfo=UTC)
NOT_SLEPT = {"rest", "deleted"}
READABLE = ["plain", "traveller", "fareast", "farwest", "shift", "sparse", "newcomer", "unsynced"]
READABLE += ["longtime"]
ZONES = {
    "Pacific/Honolulu": -10,
    "America/St_Johns": -3.5,
    "UTC": 0,
    "Asia/Kathmandu": 5.75,
    "Asia/Tokyo": 9,
    "Pacific/Kiritimati": 14,
}
CLOCK_CHANGES = {
    "Europe/Berlin": [date(2026, 3, 29), date(2025, 10, 26)],
    "America/New_York": [date(2026, 3, 8), date(2025, 11, 2)],
}


@cache
def cloud():
    """One cloud for the tests that only read."""
    return SimulatedOura(now=NOW)


@asynccontextmanager
async def reading(simulated, person, **issue):
    token = simulated.issue_token(person, **issue)
    transport = httpx2.ASGITransport(app=simulated.app)
    async with (
        httpx2.AsyncClient(transport=transport) as http,
        OuraClient(token, http=http, api_url="http://127.0.0.1:1") as client,
    ):
        yield client


async def assert_true(client, truth, length):
    """Nights, scores, steps and stress of the last days are the person's truth."""
    end = truth.today
    start = max(truth.first_day, end - timedelta(days=length - 1))
    days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
    documents = await client.sleep(
        start, end, fields=["type", "bedtime_end", "total_sleep_duration"]
    )
    counting = [s for s in documents if s.type not in NOT_SLEPT and s.bedtime_end]
    assert [(s.day, s.bedtime_start, s.total_sleep_duration) for s in counting] == [
        (day, sleep.start, sleep.total) for day in days for sleep in truth.sleeps(day)
    ]
    nights = [day for day in days if truth.night(day)]
    scores = {d.day: d.score for d in await client.daily_sleep(start, end)}
    assert scores == {day: truth.day(day).sleep_score for day in nights}
    active = {day: truth.activity(day) for day in days}
    steps = {d.day: d.steps for d in await client.daily_activity(start, end, fields=["steps"])}
    assert steps == {day: activity.steps for day, activity in active.items() if activity}
    for d in await client.daily_stress(start, end):
        stress = truth.stress(d.day)
        if stress is None or (stress == (0, 0) and d.day_summary is None):
            stress = (None, None)  # zeros without a summary are no measurement
        assert (d.stress_high, d.recovery_high) == stress


@pytest.mark.parametrize("length", [1, 7, 30])
@pytest.mark.parametrize("person", READABLE)
async def test_the_last_days_of_every_person_are_complete_and_true(person, length):
    """Last night, the last 7 and the last 30 days."""
    async with reading(cloud(), person) as client:
        await assert_true(client, cloud().people[person].truth, length)


@pytest.mark.parametrize("zone", ZONES)
async def test_every_offset_from_minus_10_to_plus_14(zone):
    """The same for people all around the world, at both ends of the UTC day."""
    simulated = SimulatedOura(people=[], now=NOW)
    person = simulated.add_person("traveller", zone=zone, days=40, naps=0.3)
    for hour in (0, 12, 23):
        simulated.clock.set(NOW.replace(hour=hour, minute=40))
        async with reading(simulated, "traveller") as client:
            for length in (1, 7, 30):
                await assert_true(client, person.truth, length)


@pytest.mark.parametrize("zone", CLOCK_CHANGES)
@pytest.mark.parametrize("change", [0, 1])
async def test_days_of_23_and_25_hours(zone, change):
    """The nights around both clock changes, and the heart rate of the changing day."""
    day, tz = CLOCK_CHANGES[zone][change], ZoneInfo(zone)
    now = datetime.combine(day + timedelta(days=1), time(18), UTC)
    simulated = SimulatedOura(people=[], now=now)
    person = simulated.add_person("traveller", zone=zone, days=30)
    start = datetime.combine(day, time(), tz)
    end = datetime.combine(day + timedelta(days=1), time(), tz) - timedelta(microseconds=1)
    assert end.astimezone(UTC) - start.astimezone(UTC) != timedelta(hours=24, microseconds=-1)
    async with reading(simulated, "traveller") as client:
        await assert_true(client, person.truth, 7)
        beats = await client.heartrate(start, end, fields=["bpm", "source"])
    truth = person.truth.heartrate(start, end)
    expected = {(beat.at, beat.source): beat.bpm for beat in reversed(truth)}
    assert {(round(b.timestamp.timestamp() * 1000), b.source): b.bpm for b in beats} == expected


async def test_heart_rate_of_a_month_is_whole_within_chunks_and_pages():
    """Over 31 days no row is missing, although each request may span 30 days at most."""
    simulated = cloud()
    simulated.options.refuse_wide_heartrate = True
    start, end = NOW - timedelta(days=31), NOW
    async with reading(simulated, "fareast") as client:
        beats = await client.heartrate(start, end)
        again = [
            row async for batch in client.stream("heartrate", start, end) for row in batch.rows
        ]
    simulated.options.refuse_wide_heartrate = False
    truth = simulated.people["fareast"].truth.heartrate(start, end)
    assert len(beats) == len(again) == len({(beat.at, beat.source) for beat in truth})


async def test_five_years_are_whole():
    """Rows of old documents with local timestamps included."""
    simulated = cloud()
    truth = simulated.people["longtime"].truth
    async with reading(simulated, "longtime") as client:
        documents = await client.daily_sleep(truth.first_day, truth.today, fields=["score"])
        exported = [
            row["day"]
            async for batch in client.stream("daily_sleep", truth.first_day, truth.today)
            for row in batch.rows
        ]
    assert [document.day for document in documents] == sorted(truth.nights)
    assert exported == [day.isoformat() for day in sorted(truth.nights)]


async def test_events_are_complete():
    """Workouts, sessions, tags and rest mode of the last month."""
    for person in ("plain", "farwest", "longtime"):
        truth = cloud().people[person].truth
        start, end = truth.today - timedelta(days=29), truth.today
        async with reading(cloud(), person) as client:
            workouts = await client.workout(start, end)
            sessions = await client.session(start, end)
            tags = await client.enhanced_tag(start, end)
            rests = await client.rest_mode_period(start, end)
        assert [w.start_datetime for w in workouts] == [w.start for w in truth.workouts(start, end)]
        assert [s.start_datetime for s in sessions] == [s.start for s in truth.sessions(start, end)]
        known = {tag.start.date() for tag in truth.tags(start, end)}
        assert {tag.start_day for tag in tags if tag.start_day >= start} <= known
        lasting = [
            rest
            for rest in truth.rest_modes
            if rest.start.date() <= end and (rest.end is None or rest.end.date() >= start)
        ]
        assert len(rests) == len(lasting)


@pytest.mark.parametrize("name", COLLECTIONS)
async def test_every_collection_is_read_without_leftovers(name):
    """What the cloud sends is what the documents know, in whole and with fields."""
    truth = cloud().people["plain"].truth
    async with reading(cloud(), "plain") as client:
        if COLLECTIONS[name].query is Query.DATETIME:
            documents = await client.collection(name, NOW - timedelta(hours=20), NOW)
        else:
            documents = await client.collection(name, truth.today - timedelta(days=20), truth.today)
        if COLLECTIONS[name].single.value == "by_id" and documents:
            assert await client.document(name, documents[0].id) == documents[0]
    # Stress of a day that has just begun is not measured yet: its zeros are left out.
    whole = [document for document in documents if getattr(document, "day", None) != truth.today]
    assert all(document.extra == {} for document in whole)


async def test_switches_of_the_cloud_change_nothing():
    """Small pages, a meta key, no token on the last page, other error bodies."""
    simulated = SimulatedOura(["fareast"], now=NOW)
    truth = simulated.people["fareast"].truth
    for options in (
        {"page_size": 3},
        {"series_page_size": 50, "omit_series_token": True},
        {"meta": True},
        {"problem_bodies": True},
        {"battery_as_seen": True},
    ):
        for option, value in options.items():
            setattr(simulated.options, option, value)
        async with reading(simulated, "fareast") as client:
            await assert_true(client, truth, 7)
            assert (await client.latest_battery_level()).level == truth.battery.level
            assert await client.latest_heartrate()


async def test_permissions_and_membership_are_told_apart():
    """Who has granted little, who is no member, and whose token is gone."""
    simulated = cloud()
    day = date(2026, 5, 5)
    async with reading(simulated, "fewscopes") as client:
        assert await client.daily_sleep(day, day)
        for question, scope in (
            (client.daily_spo2(day, day), "spo2"),
            (client.daily_resilience(day, day), "stress"),
            (client.vo2_max(day, day), "heart_health"),
            (client.enhanced_tag(day, day), "tag"),
            (client.ring_configuration(), "ring_configuration"),
        ):
            with pytest.raises(ScopeMissing) as caught:
                await question
            assert caught.value.scope == scope
    async with reading(simulated, "lapsed") as client:
        with pytest.raises(MembershipRequired):
            await client.personal_info()
    async with reading(simulated, "plain", expires_in=-1) as client:
        with pytest.raises(ConsentRevoked):
            await client.personal_info()


@pytest.mark.parametrize(
    "fault",
    [
        "status:503@heartrate,page=2,times=1",
        "html:502@heartrate,page=2,times=1",
        "empty:200@heartrate,times=1",
        "cut@heartrate,page=1,times=1",
        "status:429@heartrate,times=1,retry_after=0",
    ],
)
async def test_a_fault_on_any_page_is_survived_or_told(fault):
    """A short fault costs a retry; the day is whole all the same."""
    simulated = SimulatedOura(["plain"], now=NOW)
    truth = simulated.people["plain"].truth
    start, end = NOW - timedelta(days=2), NOW - timedelta(days=1)
    simulated.faults.add(fault)
    async with reading(simulated, "plain") as client:
        beats = await client.heartrate(start, end)
    assert len(beats) == len({(beat.at, beat.source) for beat in truth.heartrate(start, end)})


async def test_pages_that_point_to_themselves_are_found_out():
    """The cloud's own loop ends as an outage."""
    simulated = SimulatedOura(["plain"], now=NOW)
    simulated.faults.add("repeat_token@heartrate")
    async with reading(simulated, "plain") as client:
        with pytest.raises(OuraUnavailable):
            await client.heartrate(NOW - timedelta(days=2), NOW)
