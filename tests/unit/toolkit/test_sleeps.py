"""Which sleep is the night: by its type, and by its length where it carries none."""

from datetime import datetime, timedelta, timezone

import msgspec
import pytest

from annulet.contract.documents import Sleep
from annulet.toolkit.reading.sleeps import in_progress, nights
from tests.unit.toolkit.people import TODAY

HOUR = 3600


def slept(hours=7.0, **more):
    """A sleep that carries no more than Oura promises."""
    start = datetime(2026, 5, 19, 23, 10, tzinfo=timezone(timedelta(hours=-3)))
    return Sleep(
        id="s",
        day=TODAY,
        bedtime_start=start,
        bedtime_end=start + timedelta(hours=hours),
        time_in_bed=int(hours * HOUR),
        **more,
    )


@pytest.mark.parametrize(
    ("sleep", "night"),
    [
        (slept(), True),
        (slept(2.5), True),  # a short night
        (slept(0.5), False),
        (slept(total_sleep_duration=int(6.5 * HOUR)), True),
        (slept(4.0, total_sleep_duration=2 * HOUR), True),
        (slept(2.0, type="long_sleep"), True),
        (slept(7.0, type="sleep"), True),
        (slept(7.0, type="late_nap"), False),
        (slept(7.0, type="rest"), False),
        (slept(7.0, type="deleted"), False),
        (slept(7.0, type="something_new"), True),
    ],
)
def test_the_night_is_what_was_slept_at_night(sleep, night):
    """A nap, a rejected detection or a deleted sleep never stands in for it."""
    assert list(nights([sleep])) == ([TODAY] if night else [])


def test_a_whole_night_without_its_end_is_a_night_once_another_sleep_followed():
    """Oura leaves the end out now and then; the newest sleep may really be going on."""
    first = slept(total_sleep_duration=6 * HOUR, type="long_sleep")
    first = msgspec.structs.replace(first, day=TODAY - timedelta(days=1), bedtime_end=None)
    later = msgspec.structs.replace(
        slept(type="long_sleep"), bedtime_start=first.bedtime_start + timedelta(days=1)
    )
    assert list(nights([first])) == []
    assert in_progress([first]) == [first]
    assert list(nights([first, later])) == [first.day, TODAY]
    assert in_progress([first, later]) == []
    unfinished = msgspec.structs.replace(first, total_sleep_duration=None)
    assert list(nights([unfinished, later])) == [TODAY]
