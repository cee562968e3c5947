"""Axes: round numbers, local clock times over clock changes, labels that do not crowd."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annulet.charts.axes import ClockAxis, DayAxis, elapsed_minutes, nice_ticks, value_axis

_BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 100, (0, 25, 50, 75, 100)),
        (41, 68, (40, 50, 60, 70)),
        (0.12, 0.31, (0.1, 0.15, 0.2, 0.25, 0.3, 0.35)),
        (-0.4, 0.9, (-0.5, 0, 0.5, 1)),
    ],
)
def test_ticks_are_round_and_enclose(low, high, ticks):
    """People read 40, 50, 60, not 41, 49.9, 58.8."""
    assert nice_ticks(low, high) == pytest.approx(ticks)


@given(st.floats(-1e12, 1e12), st.floats(-1e12, 1e12))
def test_ticks_enclose_any_range(first, second):
    """Whatever the range, the ends are ticks outside of it and ticks ascend."""
    low, high = sorted((first, second))
    ticks = nice_ticks(low, high)
    slack = (ticks[1] - ticks[0]) * 1e-6
    assert ticks[0] <= low + slack
    assert ticks[-1] >= high - slack
    assert 2 <= len(ticks) <= 12


def test_scale_keeps_zero_for_bars_and_noise_small():
    """Bars begin at zero; nearly constant values do not fill the whole height."""
    assert value_axis([70, 80], zero=True).low == 0
    calm = value_axis([50.0, 50.2], 1, least=5)
    assert calm.high - calm.low >= 5


def test_day_labels_fit_their_room():
    """A week names its weekdays, a month its Mondays, three years their months and years."""
    start = date(2026, 5, 1)
    week = DayAxis(start, date(2026, 5, 7)).ticks(700)
    assert [t.label for t in week][:2] == ["Fri 1", "Sat 2"]
    month = [t.label for t in DayAxis(start, date(2026, 5, 30)).ticks(300)]
    assert month == ["4 May", "11 May", "18 May", "25 May"]
    axis = DayAxis(start, date(2029, 4, 30))
    years = axis.ticks(700)
    assert "2027" in [t.label for t in years]
    for tick, following in pairwise(years):
        assert (following.at - tick.at) / axis.length * 700 >= 40


def test_clock_labels_are_local_over_the_autumn_change():
    """The night the clocks go back is an hour longer, and 02:00 stands there twice."""
    start = datetime(2026, 10, 25, 0, 0, tzinfo=_BERLIN)
    end = datetime(2026, 10, 25, 6, 0, tzinfo=_BERLIN)
    clock = ClockAxis(start, end)
    assert clock.length == 7 * 60
    labels = [tick.label for tick in clock.ticks(700)]
    assert labels.count("02:00") == 2
    places = [tick.at for tick in clock.ticks(700)]
    assert places == sorted(places)


def test_spring_night_is_an_hour_shorter():
    """Elapsed time is what really passed."""
    start = datetime(2026, 3, 28, 23, 0, tzinfo=_BERLIN)
    assert elapsed_minutes(start, datetime(2026, 3, 29, 7, 0, tzinfo=_BERLIN)) == 7 * 60


def test_clock_of_several_days_names_days():
    """Over a week, hours would be unreadable."""
    start = datetime(2026, 5, 1, tzinfo=_BERLIN)
    labels = [t.label for t in ClockAxis(start, start + timedelta(days=7)).ticks(700)]
    assert labels[:2] == ["1 May", "2 May"]


def test_half_hour_zones_tick_on_their_own_hours():
    """Kathmandu is 5:45 ahead; its axis still shows full hours."""
    zone = ZoneInfo("Asia/Kathmandu")
    start = datetime(2026, 5, 1, 23, 12, tzinfo=zone)
    labels = [t.label for t in ClockAxis(start, start + timedelta(hours=8)).ticks(600)]
    assert labels
    assert all(label.endswith(":00") for label in labels)
