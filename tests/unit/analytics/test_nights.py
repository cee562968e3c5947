"""The main sleep of a day: all its long sleeps and the pieces beside them; never a nap."""

from datetime import date, datetime, timedelta, timezone

import pytest

from annulet.analytics.nights import Stretch, main_sleeps, naps

DAY = date(2026, 5, 2)
LOCAL = timezone(timedelta(hours=2))


def stretch(key, start, hours, kind="long_sleep", day=DAY):
    """A sleep; ``start`` counts hours from the midnight that begins the day."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=LOCAL)
    began = midnight + timedelta(hours=start)
    return Stretch(key, day, kind, began, began + timedelta(hours=hours), hours * 3600)


def main(*stretches):
    """The keys of the day's main sleep, whatever the order of the documents."""
    assert main_sleeps(stretches) == main_sleeps(reversed(stretches))
    return main_sleeps(stretches).get(DAY, ())


def test_one_long_sleep_is_the_night():
    """A nap in the afternoon and a late nap are no part of it."""
    nap = stretch("nap", 14, 1.5, "sleep")
    late = stretch("late", 17, 1.2, "late_nap")
    assert main(nap, stretch("night", -1, 7.5), late) == ("night",)


def test_all_long_sleeps_of_a_day_count():
    """A shift worker sleeps twice."""
    assert main(stretch("second", 13, 4.7), stretch("first", 6, 3.1)) == ("first", "second")


def test_pieces_beside_a_long_sleep_count():
    """Two hours awake do not end a night; three do."""
    night, piece = stretch("night", -1, 4), stretch("piece", 4.5, 1.8, "sleep")
    assert main(night, piece) == ("night", "piece")
    assert main(stretch("before", -3, 1.5, "sleep"), night) == ("before", "night")
    assert main(night, stretch("nap", 6.1, 1.5, "sleep")) == ("night",)


def test_a_night_in_pieces_without_a_long_sleep():
    """Three pieces with short breaks are a night, also in daylight."""
    pieces = [stretch(f"{n}", 9 + 2.6 * n, 2, "sleep") for n in range(3)]
    assert main(*pieces) == ("0", "1", "2")


def test_a_short_night_is_a_night():
    """Less than three hours between evening and morning."""
    assert main(stretch("short", 3, 2.9, "sleep")) == ("short",)
    assert main(stretch("short", 3, 2.9, "sleep"), stretch("nap", 13, 2.9, "sleep")) == ("short",)


@pytest.mark.parametrize(
    "only",
    [
        stretch("afternoon", 14, 2.9, "sleep"),
        stretch("late", 16, 2.5, "late_nap"),
        stretch("doze", 2, 0.5, "sleep"),
    ],
    ids=lambda s: s.key,
)
def test_a_nap_never_stands_in_for_the_night(only):
    """A day with a nap alone has no night."""
    assert main(only) == ()


@pytest.mark.parametrize("kind", ["sleep", "", "micro_sleep", "long_sleep"])
def test_length_decides_where_the_type_does_not(kind):
    """Eight hours are a night whatever they are called."""
    assert main(stretch("long", 23 - 24, 8, kind)) == ("long",)


def test_two_versions_of_one_sleep_count_once():
    """The longer one stands for both."""
    assert main(stretch("old", -1, 6), stretch("new", -0.9, 7)) == ("new",)


def test_unknown_lengths_and_times():
    """A long sleep that says nothing of itself is still the night."""
    unknown = Stretch("unknown", DAY, "long_sleep", None, None, None)
    assert main(unknown) == ("unknown",)
    assert main(Stretch("nothing", DAY, "sleep", None, None, None)) == ()


def test_days_come_in_order_and_apart():
    """Each day has its own night."""
    day_before = DAY - timedelta(days=1)
    sleeps = main_sleeps([stretch("b", -1, 7), stretch("a", -1, 7, day=day_before)])
    assert list(sleeps.items()) == [(day_before, ("a",)), (DAY, ("b",))]


def test_naps_are_what_is_no_part_of_the_main_sleep():
    """A piece of the night is no nap, whatever its type; a second record of a sleep is none."""
    night, piece = stretch("night", -1, 4), stretch("piece", 4.5, 1.8, "sleep")
    power, late = stretch("power", 12, 0.3, "power_nap"), stretch("late", 17, 1.2, "late_nap")
    again = stretch("again", 17.1, 0.9, "sleep")
    sleeps = [late, night, again, power, piece]
    main_keys = main_sleeps(sleeps)
    assert main_keys[DAY] == ("night", "piece")
    assert naps(sleeps, main_keys) == {DAY: ("power", "late")}
    assert naps([night, piece], main_keys) == {}
    assert naps([power], {}) == {DAY: ("power",)}
