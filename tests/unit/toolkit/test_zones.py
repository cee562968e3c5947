"""Which day it is where no zone is configured: what cannot be read is not called absent."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from annulet.contract.documents import Sleep
from annulet.errors import (
    MembershipRequired,
    OuraRateLimited,
    OuraUnavailable,
    RenewalUnfinished,
    ScopeMissing,
)
from annulet.toolkit.context import Zone
from annulet.toolkit.reading.zone_lookup import resolve_local_time, resolve_local_time_around
from annulet.toolkit.time_ranges import resolve_time_range
from tests.unit.toolkit.people import TODAY, Ring, context, nights

DOWN = OuraUnavailable("Oura is out of order.", hint="Try again.")
DENIED = ScopeMissing("Not granted.", scope="daily")
LAPSED = MembershipRequired("No membership.")
LIMITED = OuraRateLimited("Too often.", retry_after=300.0)


def nameless(ring):
    """A question from a machine that runs on UTC."""
    return replace(context(ring), zone=Zone(UTC, "UTC", assumed=True))


@pytest.mark.parametrize("refusal", [DOWN, DENIED, LAPSED])
async def test_one_collection_that_fails_does_not_stop_the_other_from_telling_the_zone(refusal):
    """The nights tell the zone, whatever the other collection does."""
    local_time = await resolve_local_time(
        nameless(Ring(nights(9), failing={"daily_activity": refusal}))
    )
    assert local_time.zone.name == "+02:00"


@pytest.mark.parametrize(
    ("refusal", "words"), [(DOWN, "could not be read just now"), (DENIED, "for want of a zone")]
)
async def test_an_outage_is_not_called_a_lack(refusal, words):
    """A note about documents without a zone would send the person on a vain search."""
    ring = Ring(nights(9), failing={"sleep": refusal, "daily_activity": refusal})
    local_time = await resolve_local_time(nameless(ring))
    assert local_time.zone.name == "UTC"
    assert words in local_time.note


async def test_a_lapsed_membership_on_one_collection_leaves_the_question_alone():
    """What is refused here is told in the answer, for the section that needs it."""
    local_time = await resolve_local_time(nameless(Ring(nights(9), failing={"sleep": LAPSED})))
    assert local_time.note


async def test_a_renewal_that_does_not_end_is_waited_for_once():
    """Each further collection would wait as long, past the time that a question has."""
    ring = Ring(nights(9), failing={"sleep": RenewalUnfinished("Being renewed.")})
    with pytest.raises(RenewalUnfinished):
        await resolve_local_time(nameless(ring))
    assert ring.asked == ["sleep"]


@pytest.mark.parametrize("refusal", [LAPSED, LIMITED])
async def test_what_is_refused_everywhere_is_told_at_once(refusal):
    """Nothing else needs to be asked."""
    ring = Ring(nights(9), failing={"sleep": refusal, "daily_activity": refusal})
    with pytest.raises(type(refusal)):
        await resolve_local_time(nameless(ring))
    assert ring.asked == ["sleep", "daily_activity"]


class Sleeper(Ring):
    """A person in Auckland, whose nights carry their offsets."""

    def __init__(self):
        super().__init__({})
        zone = ZoneInfo("Pacific/Auckland")
        days = (TODAY - timedelta(days=n) for n in range(90))
        self._documents["sleep"] = [
            Sleep(
                day=day,
                bedtime_start=fixed(datetime.combine(day - timedelta(days=1), time(22), zone)),
                bedtime_end=fixed(datetime.combine(day, time(7), zone)),
            )
            for day in days
        ]


def fixed(instant):
    """An instant as a document writes it: with the offset alone."""
    return instant.replace(tzinfo=timezone(instant.utcoffset()))


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 4, 4), 24), (date(2026, 4, 5), 25), (date(2026, 4, 6), 24)]
)
async def test_days_long_ago_have_the_hours_they_had(day, hours):
    """Also where the clocks have changed before the nights that are always looked at."""
    ring = Sleeper()
    asked = nameless(ring)
    start = resolve_time_range(str(day), None, await resolve_local_time(asked), longest=31)
    then = await resolve_local_time_around(
        asked, await resolve_local_time(asked), start.start, start.end
    )
    time_range = resolve_time_range(str(day), None, then, longest=31)
    assert time_range.end.astimezone(UTC) - time_range.start.astimezone(UTC) == timedelta(
        hours=hours
    )
    assert time_range.start.astimezone(UTC) == fixed(
        datetime.combine(day, time(), ZoneInfo("Pacific/Auckland"))
    )


async def test_recent_days_need_no_second_look():
    """What the nights of the last weeks tell is enough for the last weeks."""
    ring = Sleeper()
    asked = nameless(ring)
    local_time = await resolve_local_time(asked)
    ring.asked.clear()
    yesterday = resolve_time_range("yesterday", None, local_time, longest=31)
    assert (
        await resolve_local_time_around(asked, local_time, yesterday.start, yesterday.end)
        is local_time
    )
    assert ring.asked == []
