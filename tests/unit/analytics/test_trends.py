"""Trends: covered windows, changes beside the person's noise, slopes that do not overclaim."""

from datetime import timedelta

import pytest

from annulet.analytics.noise import Yardstick, yardstick
from annulet.analytics.series import Series
from annulet.analytics.slope import Week, direction, slope, weekly_medians
from annulet.analytics.traits import TRAITS, traits_of
from annulet.analytics.trends import trend
from tests.unit.analytics.made import DAY, FIRST, noise, series

HR = TRAITS["hr_lowest_bpm"]
HRV = TRAITS["hrv_avg_ms"]
TEMPERATURE = TRAITS["temperature_deviation_c"]


def last(values):
    """The day of the last value."""
    return DAY + timedelta(days=len(values) - 1)


def test_a_rising_metric_rises_with_an_interval_around_the_truth():
    """A planted slope is found, and its interval holds it."""
    values = [40 + 0.12 * n + v for n, v in enumerate(noise(90, sd=3.0))]
    found = trend(series(values), HRV, end=last(values), length=90)
    assert found.direction == "rising"
    assert found.slope is not None
    assert found.slope.low <= 0.12 * 7 <= found.slope.high


def test_illness_and_gaps_do_not_turn_a_slope():
    """Four ill nights at the end and a hole do not hide a rise."""
    values = [40 + 0.15 * n + v for n, v in enumerate(noise(90, seed=2, sd=3.0))]
    ill = frozenset(range(FIRST + 80, FIRST + 84))
    for n in range(80, 84):
        values[n] -= 20
    holed = [None if n in range(30, 37) else v for n, v in enumerate(values)]
    found = trend(series(holed), HRV, end=last(values), length=90, left_out=ill)
    assert found.direction == "rising"
    assert found.nights == 83


def test_a_trendless_series_is_not_called():
    """Ordinary wandering is unclear or flat."""
    values = [55 + v for v in noise(120, seed=5, sd=2.0)]
    assert trend(series(values), HR, end=last(values), length=60).direction in {"flat", "unclear"}


def test_a_constant_series_is_flat():
    """No change at all is the one thing that is surely flat."""
    found = trend(series([55.0] * 120), HR, end=last([0] * 120), length=60)
    assert found.direction == "flat"
    assert found.slope is not None
    assert found.slope.per_week == 0.0
    assert found.vs_window is not None
    assert found.vs_window.absolute == 0.0
    assert not found.vs_window.beyond_noise


def test_two_of_seven_nights_are_insufficient():
    """A window without coverage has no mean and no change."""
    values = [None, None, 55.0, None, None, 57.0, None]
    found = trend(series(values), HR, end=DAY + timedelta(days=6), length=7)
    assert found.window is None
    assert found.nights == 2
    assert found.vs_window is None
    assert found.direction == "unclear"


def test_no_day_and_one_day():
    """Nothing in, nothing out."""
    for values in (Series(), series([55.0])):
        found = trend(values, HR, end=DAY, length=30)
        assert found.window is None
        assert found.slope is None
        assert found.vs_week is None


def test_a_tenth_of_weekly_hrv_is_noise():
    """Weekly HRV wanders by more than ten percent when nothing happens."""
    values = [45 + v for v in noise(60, seed=3, sd=6.5)]
    for n in range(53, 60):
        values[n] -= 4.0
    found = trend(series(values), HRV, end=last(values), length=7).vs_week
    assert found is not None
    assert found.noise is not None
    assert found.noise / 45 > 0.08
    assert not found.beyond_noise


def test_percent_only_where_it_means_something():
    """A temperature deviation changes in degrees, never in percent."""
    values = [0.1 + v for v in noise(60, sd=0.18)]
    found = trend(series(values), TEMPERATURE, end=last(values), length=30)
    assert found.vs_window is not None
    assert found.vs_window.percent is None
    steps = trend(series([8000.0] * 60), traits_of("steps"), end=last(values), length=30)
    assert steps.vs_window is not None
    assert steps.vs_window.percent == 0.0


def test_percent_is_against_the_earlier_window():
    """Twice as much as before is plus a hundred percent."""
    values = [4000.0] * 30 + [8000.0] * 30
    found = trend(series(values), traits_of("steps"), end=last(values), length=30)
    assert found.vs_window is not None
    assert found.vs_window.percent == pytest.approx(100.0)
    assert found.vs_window.absolute == pytest.approx(4000.0)


def test_the_noise_of_weeks_is_that_of_the_theory():
    """Week against week, AR(1) nights of SD 1 and 0.35 wander by 0.70."""
    one, other = range(7), range(7, 14)
    assert Yardstick(1.0, 0.35).difference(one, other) == pytest.approx(0.70, abs=0.01)
    assert Yardstick(1.0, 0.0).difference([0], [1]) == pytest.approx(2**0.5)
    assert Yardstick(1.0, 0.35).difference(one, one) == 0.0


def test_the_yardstick_is_the_persons_own():
    """A restless person has a wider band than a steady one."""
    calm = yardstick(series([55 + v for v in noise(180, sd=1.0)]), HR, FIRST + 179)
    wild = yardstick(series([55 + v for v in noise(180, sd=4.0)]), HR, FIRST + 179)
    assert calm is not None
    assert wild is not None
    assert wild.sd > 2 * calm.sd
    assert yardstick(series([55.0] * 6), HR, FIRST + 5) is None


@pytest.mark.parametrize("nothing", [0.0, 1e-322])
def test_nights_without_a_size_do_not_break_the_yardstick(nothing):
    """A device that sends zeros for weeks gets an answer, and the other nights give the measure."""
    values = [nothing] * 60 + [40.0 + n % 3 for n in range(30)]
    for data in (values[:60], values):
        found = trend(series(data), traits_of("hrv_avg_ms"), end=last(data), length=30)
        assert found.vs_week is not None
        assert found.vs_week.noise is not None
        assert found.vs_week.noise > 0


def test_weeks_need_three_nights():
    """A week of two nights is no week; the short rest of a window is one from five days on."""
    values = [1.0] * 7 + [None] * 5 + [2.0] * 2 + [3.0] * 7
    weeks = weekly_medians(series(values), DAY + timedelta(days=20), 21)
    assert [week.median for week in weeks] == [1.0, 3.0]
    full = series([1.0] * 40)
    assert len(weekly_medians(full, DAY + timedelta(days=39), 33)) == 5
    assert len(weekly_medians(full, DAY + timedelta(days=39), 32)) == 4


def test_three_weeks_give_no_slope():
    """A slope needs four weeks."""
    weeks = [Week(float(n), float(n)) for n in range(4)]
    assert slope(weeks[:3]) is None
    fitted = slope(weeks)
    assert fitted is not None
    assert fitted.per_week == pytest.approx(1.0)
    assert direction(fitted, 1.0, 28) == "rising"
    assert direction(None, 1.0, 28) == "unclear"
