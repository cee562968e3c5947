"""The night is the longest long sleep; a nap never stands in for it."""

from datetime import UTC, date, datetime

from annulet.analytics.nights import Stretch, main_nights

DAY = date(2026, 5, 1)


def stretch(key, kind="long_sleep", asleep=25000.0, hour=1, day=DAY):
    """One sleep."""
    return Stretch(key, day, kind, datetime(2026, 5, 1, hour, tzinfo=UTC), asleep)


def test_a_nap_is_never_the_night():
    """Naps, rest and deleted sleeps do not make a night, even alone and long."""
    kinds = ("late_nap", "sleep", "rest", "deleted", "something_new")
    assert main_nights(stretch(kind, kind, 40000.0) for kind in kinds) == {}


def test_the_longest_of_two_nights_wins_in_any_order():
    """Travel can give a day two long sleeps: the longer one is the night."""
    pair = [stretch("short", asleep=12000.0), stretch("long", asleep=20000.0, hour=9)]
    assert main_nights(pair) == main_nights(reversed(pair)) == {DAY: "long"}


def test_a_sleep_of_unknown_length_yields_to_a_known_one():
    """Unknown is not long."""
    pair = [stretch("unknown", asleep=None), stretch("known", asleep=1.0)]
    assert main_nights(pair) == {DAY: "known"}
    assert main_nights(pair[:1]) == {DAY: "unknown"}


def test_days_come_in_order():
    """Nights are told in order of days."""
    later = date(2026, 4, 30)
    assert list(main_nights([stretch("b"), stretch("a", day=later)])) == [later, DAY]
