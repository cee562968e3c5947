"""Trends: covered windows, changes beside the person's noise, slopes that do not overclaim."""

from datetime import timedelta

import pytest

from annulet.analytics.metric_trend import describe_trend
from annulet.analytics.noise_model import Contrast, NoiseModel, learn
from annulet.analytics.series import Series
from annulet.analytics.slow_wander import Candidate
from annulet.analytics.traits import TRAITS, traits_of
from annulet.analytics.weekdays import WeekdayPattern
from tests.unit.analytics.made import DAY, FIRST, noise, series

HR = TRAITS["hr_lowest_bpm"]
HRV = TRAITS["hrv_avg_ms"]
TEMPERATURE = TRAITS["temperature_deviation_c"]


def last(values):
    """The day of the last value."""
    return DAY + timedelta(days=len(values) - 1)


def test_a_rising_metric_rises_with_an_interval_around_the_truth():
    """A planted slope is found, and its interval holds it."""
    values = [40 + 0.12 * max(n - 150, 0) + v for n, v in enumerate(noise(240, sd=3.0))]
    trend = describe_trend(series(values), HRV, end=last(values), length=90)
    assert trend.direction == "rising"
    assert trend.slope is not None
    assert trend.slope.low <= 0.12 * 7 <= trend.slope.high


def test_illness_and_gaps_do_not_turn_a_slope():
    """Four ill nights at the end and a hole do not hide a rise."""
    values = [40 + 0.15 * n + v for n, v in enumerate(noise(90, seed=2, sd=3.0))]
    ill = frozenset(range(FIRST + 80, FIRST + 84))
    for n in range(80, 84):
        values[n] -= 20
    holed = [None if n in range(30, 37) else v for n, v in enumerate(values)]
    trend = describe_trend(series(holed), HRV, end=last(values), length=90, left_out=ill)
    assert trend.direction == "rising"
    assert trend.nights == 83


def test_a_trendless_series_is_not_called():
    """Ordinary wandering is unclear or flat."""
    values = [55 + v for v in noise(120, seed=5, sd=2.0)]
    assert describe_trend(series(values), HR, end=last(values), length=60).direction in {
        "flat",
        "unclear",
    }


def test_a_constant_series_has_no_direction():
    """No change at all is called nothing, and its slope is zero."""
    trend = describe_trend(series([55.0] * 120), HR, end=last([0] * 120), length=60)
    assert trend.direction in {"flat", "unclear"}
    assert trend.slope is not None
    assert trend.slope.per_week == 0.0
    assert trend.vs_window is not None
    assert trend.vs_window.absolute == 0.0
    assert not trend.vs_window.is_beyond


def test_two_of_seven_nights_are_insufficient():
    """A window without coverage has no mean and no change."""
    values = [None, None, 55.0, None, None, 57.0, None]
    trend = describe_trend(series(values), HR, end=DAY + timedelta(days=6), length=7)
    assert trend.window is None
    assert trend.nights == 2
    assert trend.vs_window is None
    assert trend.direction == "unclear"


def test_no_day_and_one_day():
    """Nothing in, nothing out."""
    for values in (Series(), series([55.0])):
        trend = describe_trend(values, HR, end=DAY, length=30)
        assert trend.window is None
        assert trend.slope is None
        assert trend.vs_week is None


def test_a_tenth_of_weekly_hrv_is_noise():
    """Weekly HRV wanders by more than ten percent when nothing happens."""
    values = [45 + v for v in noise(60, seed=3, sd=6.5)]
    for n in range(53, 60):
        values[n] -= 4.0
    trend = describe_trend(series(values), HRV, end=last(values), length=7).vs_window
    assert trend is not None
    assert trend.noise is not None
    assert trend.noise / 45 > 0.08
    assert not trend.is_beyond


def test_percent_only_where_it_means_something():
    """A temperature deviation changes in degrees, never in percent."""
    values = [0.1 + v for v in noise(60, sd=0.18)]
    trend = describe_trend(series(values), TEMPERATURE, end=last(values), length=30)
    assert trend.vs_window is not None
    assert trend.vs_window.percent is None
    steps = describe_trend(series([8000.0] * 60), traits_of("steps"), end=last(values), length=30)
    assert steps.vs_window is not None
    assert steps.vs_window.percent == 0.0


def test_percent_is_against_the_earlier_window():
    """Twice as much as before is plus a hundred percent."""
    values = [4000.0] * 30 + [8000.0] * 30
    trend = describe_trend(series(values), traits_of("steps"), end=last(values), length=30)
    assert trend.vs_window is not None
    assert trend.vs_window.percent == pytest.approx(100.0)
    assert trend.vs_window.absolute == pytest.approx(4000.0)


def model(phi=0.35, ratio=0.0):
    """A noise model of known parameters."""
    wander = Candidate(1.0, 1.0, ratio, 60.0)
    return NoiseModel(1.0, phi, 0.0, WeekdayPattern(), (wander,), 180)


def test_the_noise_of_weeks_is_that_of_the_theory():
    """Week against week, AR(1) nights of SD 1 and 0.35 wander by 0.70."""
    weeks = Contrast.of_means(range(7), range(7, 14))
    assert model().spread(weeks).sd == pytest.approx(0.70, abs=0.01)
    assert model(phi=0.0).spread(Contrast.of_means([0], [1])).sd == pytest.approx(2**0.5)


def test_a_slow_wander_widens_long_windows_most():
    """A wander that forgets itself in two months matters for seasons, little for weeks."""
    widened = [
        model(ratio=0.3).spread(c).sd / model().spread(c).sd
        for c in (Contrast.of_means(range(n), range(n, 2 * n)) for n in (7, 90))
    ]
    assert widened[0] < 1.25
    assert widened[1] > 1.8


def test_the_levels_of_a_spread_are_its_quantiles():
    """Nine of ten lie within the reach of nine tenths, whatever the mixture."""
    spread = model(ratio=0.1).spread(Contrast.of_means(range(30), range(30, 60)))
    for level in (0.9, 0.95, 0.988):
        assert spread.chance(spread.reach(level)) == pytest.approx(1 - level, rel=1e-3)


def test_the_model_is_the_persons_own():
    """A restless person has a wider band than a steady one."""
    calm = learn(series([55 + v for v in noise(180, sd=1.0)]), HR, FIRST + 179, FIRST + 149)
    wild = learn(series([55 + v for v in noise(180, sd=4.0)]), HR, FIRST + 179, FIRST + 149)
    assert calm is not None
    assert wild is not None
    assert wild.sd > 2 * calm.sd
    assert learn(series([55.0] * 6), HR, FIRST + 5, FIRST + 5) is None


@pytest.mark.parametrize("nothing", [0.0, 1e-322])
def test_nights_without_a_size_do_not_break_the_yardstick(nothing):
    """A device that sends zeros for weeks gets an answer, and the other nights give the measure."""
    values = [nothing] * 60 + [40.0 + n % 3 for n in range(30)]
    for data in (values[:60], values):
        trend = describe_trend(series(data), HRV, end=last(data), length=30)
        assert trend.vs_window is not None
        assert trend.vs_window.noise is not None
        assert trend.vs_window.noise > 0


def test_three_weeks_give_no_slope():
    """A slope needs four weeks with three nights each."""
    values = [55 + v for v in noise(60, sd=2.0)]
    assert describe_trend(series(values), HR, end=last(values), length=21).slope is None
    holed = [None if n % 7 < 5 and n > 38 else v for n, v in enumerate(values)]
    assert describe_trend(series(holed), HR, end=last(values), length=28).slope is None
    assert describe_trend(series(values), HR, end=last(values), length=28).slope is not None


def test_no_slope_is_fitted_across_another_ring():
    """A jump on the day of a new ring is no trend; the slope begins with the ring."""
    values = [55 + v + (4 if n >= 130 else 0) for n, v in enumerate(noise(180, sd=1.5))]
    across = describe_trend(series(values), HR, end=last(values), length=90)
    told = describe_trend(series(values), HR, end=last(values), length=90, breaks=(FIRST + 130,))
    assert across.direction == "rising"
    assert told.direction != "rising"
    assert told.since == FIRST + 130
