"""A zone read from documents shows the same clock as the zone they were written in."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annulet.toolkit.reading.observed_zone import ObservedZone

# Not among them: zones that change their clocks at midnight, for which documents are too few.
ZONES = ("Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Auckland", "UTC")
FIRST = date(2026, 1, 1)


def fixed(instant):
    """An instant as a document writes it: with the offset alone."""
    return instant.replace(tzinfo=timezone(instant.utcoffset()))


def nights(zone):
    """Bedtime and getting up on every day of a year."""
    for day in (FIRST + timedelta(days=n) for n in range(365)):
        morning = datetime.combine(day, time(7, 10), ZoneInfo(zone))
        yield fixed(datetime.combine(day - timedelta(days=1), time(22, 50), ZoneInfo(zone)))
        yield fixed(morning)


SEEN = {zone: ObservedZone(nights(zone)) for zone in ZONES}


@pytest.mark.parametrize("zone", ZONES)
def test_every_midnight_of_a_year_is_where_it_was(zone):
    """Also on the days that have 23 or 25 hours."""
    for day in (FIRST + timedelta(days=n) for n in range(1, 364)):
        seen = datetime.combine(day, time(), SEEN[zone])
        assert seen.astimezone(UTC) == datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


@given(st.sampled_from(ZONES), st.integers(0, 361 * 24 * 60))
def test_no_instant_is_lost_on_the_way_to_the_clock_and_back(zone, minute):
    """Not even in the hour that the clock shows twice."""
    instant = datetime(2026, 1, 2, tzinfo=UTC) + timedelta(minutes=minute)
    assert instant.astimezone(SEEN[zone]).astimezone(UTC) == instant


def test_travel_moves_the_clock_when_the_person_moves():
    """Before the first document its offset holds, after the last one its own."""
    home, away = timezone(timedelta(hours=1)), timezone(timedelta(hours=9))
    seen = ObservedZone(
        [
            datetime(2026, 3, 1, 7, tzinfo=home),
            datetime(2026, 3, 3, 6, tzinfo=away),
            datetime(2026, 3, 2, 7, tzinfo=home),
        ]
    )
    assert seen.newest == timedelta(hours=9)
    assert datetime(2026, 2, 1, tzinfo=seen).utcoffset() == timedelta(hours=1)
    assert datetime(2026, 3, 2, 23, tzinfo=seen).utcoffset() == timedelta(hours=1)
    assert datetime(2026, 3, 3, 6, tzinfo=seen).utcoffset() == timedelta(hours=9)
    assert datetime(2026, 9, 1, tzinfo=seen).utcoffset() == timedelta(hours=9)
    assert seen.tzname(None) is None
    assert seen.utcoffset(None) == timedelta(hours=9)
