"""Times without the person's offset are read on the person's clock."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

BERLIN = ZoneInfo("Europe/Berlin")
DAY = date(2026, 5, 6)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ("2026-05-05T21:00:00Z", "2026-05-05T23:00:00+02:00"),
        ("2026-05-05T21:00:00.000Z", "2026-05-05T23:00:00+02:00"),
        ("2026-05-05t21:00:00z", "2026-05-05T23:00:00+02:00"),
        ("2026-05-05T23:00:00", "2026-05-05T23:00:00+02:00"),
        ("2026-01-05T23:00:00", "2026-01-05T23:00:00+01:00"),
        (1_778_014_800, "2026-05-05T23:00:00+02:00"),
        ("2026-05-05T21:00:00+00:00", "2026-05-05T21:00:00+00:00"),  # a night in Accra
        ("2026-05-05T17:00:00-04:00", "2026-05-05T17:00:00-04:00"),
        ("garbage", None),
        (None, None),
    ],
)
async def test_bedtimes_are_of_the_person_s_clock(oura, connect, sent, told):
    """An offset that is written is the person's; UTC and none are not."""
    oura.stock["sleep"] = [{"id": "s", "day": f"{DAY}", "bedtime_start": sent}]
    async with connect(zone=BERLIN) as client:
        (night,) = await client.sleep(DAY, DAY)
    assert (night.bedtime_start and night.bedtime_start.isoformat()) == told


@pytest.mark.parametrize("end", ["2026-05-06T05:00:00Z", "2026-05-06T07:00:00"])
async def test_a_night_of_two_kinds_of_time_contradicts_nothing(oura, connect, end):
    """Start in UTC, end without offset: eight hours in bed."""
    start = "2026-05-05T21:00:00Z"
    oura.stock["sleep"] = [
        {"id": "s", "bedtime_start": start, "bedtime_end": end, "time_in_bed": 28_800}
    ]
    async with connect(zone=BERLIN) as client:
        (night,) = await client.sleep(DAY, DAY)
    assert (night.bedtime_end - night.bedtime_start).total_seconds() == night.time_in_bed
    assert night.extra == {}


async def test_a_tag_in_a_table_is_the_instant_that_events_tell(oura, connect):
    """22:30 of the person's clock is 20:30 UTC in summer."""
    oura.stock["enhanced_tag"] = [
        {"id": "t", "start_day": f"{DAY}", "start_time": f"{DAY}T22:30:00"}
    ]
    async with connect(zone=BERLIN) as client:
        tags = await client.enhanced_tag(DAY, DAY)
    assert f"{tags[0].start_time:%H:%M%z}" == "22:30+0200"
    (moment,) = tags.columns_of_values()["start_time"].values
    assert moment.isoformat() == "2026-05-06T20:30:00+00:00"


async def test_an_export_stays_as_oura_sent_it(oura, connect):
    """Only typed documents are placed."""
    row = {"id": "s", "day": f"{DAY}", "bedtime_start": "2026-05-05T21:00:00Z"}
    oura.stock["sleep"] = [row]
    async with connect(zone=BERLIN) as client:
        batches = [batch async for batch in client.stream("sleep", DAY, DAY)]
    assert batches[0].rows == [row]


async def test_without_a_zone_times_stay_as_they_came(oura, connect):
    """UTC is then all that is known."""
    oura.stock["sleep"] = [{"id": "s", "day": f"{DAY}", "bedtime_start": "2026-05-05T21:00:00Z"}]
    async with connect() as client:
        (night,) = await client.sleep(DAY, DAY)
    assert night.bedtime_start.isoformat() == "2026-05-05T21:00:00+00:00"
