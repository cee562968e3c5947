"""A person's days: complete, both ends inclusive, in every zone, whatever Oura compares."""

import itertools
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from annulet.client.windows import day_chunks, instant_chunks
from annulet.contract.collections import COLLECTIONS
from annulet.errors import UsageError

DAY = date(2026, 5, 6)
OFFSETS = [-11, -10, -5, 0, 2, 5.5, 9, 13, 14]


def at(day, hour, minute, tz):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=tz)


def history(collection, tz, days=80):
    """One document a day, keyed as Oura keys that collection."""
    for number in range(days):
        day = DAY + timedelta(days=number - days // 2)
        night = {"id": str(number), "day": day.isoformat()}
        if collection == "sleep":
            start, end = at(day - timedelta(days=1), 22, 40, tz), at(day, 6, 50, tz)
            night |= {"bedtime_start": start.isoformat(), "bedtime_end": end.isoformat()}
        elif collection == "daily_activity":
            night["timestamp"] = at(day, 4, 0, tz).isoformat()
        elif collection in ("workout", "session"):
            night["start_datetime"] = at(day, 23, 50, tz).isoformat()
        elif collection == "enhanced_tag":
            night = {"id": str(number), "start_day": day.isoformat()}
            night["start_time"] = at(day, 0, 10, tz).isoformat()
        else:
            night["timestamp"] = f"{day}T00:00:00+00:00"
        yield night


@pytest.mark.parametrize("offset", OFFSETS)
@pytest.mark.parametrize(
    "name", ["sleep", "daily_activity", "daily_sleep", "workout", "session", "enhanced_tag"]
)
@pytest.mark.parametrize("length", [1, 7, 30])
async def test_ranges_are_complete_at_every_offset(oura, connect, name, offset, length):
    """The asked days and no others, each once, oldest first."""
    oura.by_date_rule = True
    oura.stock[name] = list(history(name, timezone(timedelta(hours=offset))))
    start = DAY - timedelta(days=length - 1)
    expected = [start + timedelta(days=n) for n in range(length)]
    async with connect() as client:
        documents = await client.collection(name, start, DAY)
    days = [getattr(document, COLLECTIONS[name].day) for document in documents]
    assert days == expected


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Pacific/Auckland"])
@pytest.mark.parametrize("around", [date(2026, 3, 29), date(2026, 10, 25), date(2026, 4, 5)])
async def test_days_of_23_and_25_hours_are_complete(oura, connect, zone, around):
    """Clock changes move no night to another day and lose none."""
    tz = ZoneInfo(zone)
    oura.by_date_rule = True
    for number in range(-5, 6):
        day = around + timedelta(days=number)
        start, end = at(day - timedelta(days=1), 23, 30, tz), at(day, 7, 0, tz)
        oura.stock.setdefault("sleep", []).append(
            {
                "id": str(number),
                "day": day.isoformat(),
                "bedtime_start": start.isoformat(),
                "bedtime_end": end.isoformat(),
            }
        )
    async with connect() as client:
        for number in range(-2, 3):
            day = around + timedelta(days=number)
            assert [night.day for night in await client.sleep(day, day)] == [day]


async def test_a_day_sleeper_far_east_is_found(oura, connect):
    """Asleep 08:00 to 18:10 at UTC+9: the sleep counts for the next day, begun two dates before."""
    oura.by_date_rule = True
    tz = timezone(timedelta(hours=9))
    start, end = at(date(2026, 5, 5), 8, 0, tz), at(date(2026, 5, 5), 18, 10, tz)
    oura.stock["sleep"] = [
        {
            "id": "s",
            "day": "2026-05-06",
            "bedtime_start": start.isoformat(),
            "bedtime_end": end.isoformat(),
        }
    ]
    async with connect() as client:
        assert [night.id for night in await client.sleep(DAY, DAY)] == ["s"]
        assert await client.sleep(DAY - timedelta(days=1), DAY - timedelta(days=1)) == []


async def test_the_day_is_oura_s_own_and_not_read_off_a_timestamp(oura, connect):
    """A night begun the evening before belongs to the day its document says."""
    oura.stock["sleep"] = [
        {"id": "s", "day": "2026-05-06", "bedtime_start": "2026-05-05T22:00:00+02:00"}
    ]
    async with connect() as client:
        assert len(await client.sleep(DAY, DAY)) == 1


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("sleep", {"bedtime_end": "2026-05-06T07:00:00-05:00"}),
        ("workout", {"start_datetime": "2026-05-06T21:00:00-06:00"}),
        ("enhanced_tag", {"start_time": "2026-05-06T22:00:00"}),
    ],
)
async def test_a_document_without_a_day_is_placed_by_its_own_clock(oura, connect, name, document):
    """A missing day is no reason to lose a document."""
    oura.stock[name] = [{"id": "x", **document}]
    async with connect() as client:
        assert len(await client.collection(name, DAY, DAY)) == 1


def tag(name, first, last):
    """A tag, or a time of rest mode, from one day to another."""
    return {"id": name, "start_day": first, "start_time": f"{first}T09:00:00", "end_day": last}


async def test_a_tag_over_several_days_belongs_to_all_of_them(oura, connect):
    """A holiday begun three weeks ago is part of today."""
    oura.by_date_rule = True
    oura.stock["enhanced_tag"] = [
        tag("long", "2026-04-15", "2026-05-08"),
        tag("over", "2026-04-15", "2026-05-05"),
        tag("point", "2026-05-06", None),
        tag("later", "2026-05-07", None),
    ]
    async with connect() as client:
        assert [tag.id for tag in await client.enhanced_tag(DAY, DAY)] == ["long", "point"]


async def test_rest_mode_begun_months_ago_still_lasts(oura, connect):
    """A period without an end touches every day since."""
    oura.by_date_rule = True
    oura.stock["rest_mode_period"] = [
        tag("done", "2025-12-01", "2025-12-20"),
        tag("on", "2026-01-10", None),
    ]
    async with connect() as client:
        assert [period.id for period in await client.rest_mode_period(DAY, DAY)] == ["on"]
        past = await client.rest_mode_period(date(2025, 12, 20), date(2026, 1, 9))
        assert [period.id for period in past] == ["done"]


def test_long_ranges_are_asked_in_chunks_that_meet():
    """No instant lies between two chunks, and none is longer than a year."""
    chunks = day_chunks(COLLECTIONS["sleep"], date(2021, 1, 1), DAY)
    assert chunks[0]["start_date"] == "2020-12-30"
    assert chunks[-1]["end_date"] == "2026-05-08"
    for before, after in itertools.pairwise(chunks):
        assert before["end_date"] == after["start_date"]
    for chunk in chunks:
        span = date.fromisoformat(chunk["end_date"]) - date.fromisoformat(chunk["start_date"])
        assert span <= timedelta(days=366)


@pytest.mark.parametrize(
    ("days", "requests", "longest"),
    [
        (0.4, 1, 0.5),
        (23 / 24, 2, 0.5),
        (1, 2, 0.501),
        (25 / 24, 2, 0.53),
        (7, 13, 0.54),
        (31, 58, 0.54),
        (90, 4, 30),
    ],
)
def test_heart_rate_is_asked_side_by_side_and_in_utc(days, requests, longest):
    """A day in halves, so that no page waits for another; instants end in Z."""
    tz = timezone(timedelta(hours=2))
    start = datetime(2026, 1, 1, tzinfo=tz).astimezone(UTC)
    chunks = instant_chunks(COLLECTIONS["heartrate"], start, start + timedelta(days=days))
    assert len(chunks) == requests
    assert chunks[0]["start_datetime"] == "2025-12-31T22:00:00Z"
    for chunk in chunks:
        low, high = (datetime.fromisoformat(text) for text in chunk.values())
        assert high - low <= timedelta(days=longest)
        assert all(text.endswith("Z") and "+" not in text for text in chunk.values())
    for before, after in itertools.pairwise(chunks):
        assert before["end_datetime"] == after["start_datetime"]


async def test_five_years_come_once_and_in_order(oura, connect):
    """Documents where chunks meet are not returned twice, with or without an id."""
    days = [date(2021, 1, 1) + timedelta(days=n) for n in range(1800)]
    oura.by_date_rule = True
    oura.stock["daily_cardiovascular_age"] = [{"day": day.isoformat()} for day in days]
    oura.stock["daily_sleep"] = [
        {"id": f"{day}", "day": f"{day}", "timestamp": f"{day}T00:00:00Z"} for day in days
    ]
    async with connect() as client:
        for name in ("daily_cardiovascular_age", "daily_sleep"):
            documents = await client.collection(name, days[0], days[-1])
            assert [document.day for document in documents] == days


@pytest.mark.parametrize("edge", [date.min, date.max])
async def test_the_margin_stops_at_the_edges_of_the_calendar(oura, connect, edge):
    """The margin of days stops where the calendar does."""
    async with connect() as client:
        assert await client.daily_sleep(edge, edge) == []


async def test_bad_ranges_are_refused_before_anything_is_sent(oura, connect):
    """Reversed ends, instants for days, days for instants, no zone, no range, no such name."""
    noon = datetime(2026, 5, 6, 12, tzinfo=UTC)
    async with connect() as client:
        for question in (
            client.daily_sleep(DAY, DAY - timedelta(days=1)),
            client.daily_sleep(noon, noon),
            client.heartrate(noon, noon - timedelta(hours=1)),
            client.heartrate(DAY, DAY),
            client.heartrate(noon.replace(tzinfo=None), noon),
            client.collection("daily_sleep"),
            client.collection("vo2_max", DAY, DAY),
            client.daily_sleep(DAY, DAY, fields=["score&x=1"]),
            client.document("heartrate", "x"),
            client.document("sleep", ".."),
        ):
            with pytest.raises(UsageError) as caught:
                await question
            assert caught.value.hint
    assert oura.requests == []
