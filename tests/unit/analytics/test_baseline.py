"""The baseline is causal, robust, self-cleaning, and notices a new level."""

from datetime import date

import pytest

from annulet.analytics.baseline import Baseline, judge
from annulet.analytics.series import Series
from annulet.analytics.traits import TRAITS, Traits, traits_of
from tests.unit.analytics.made import FIRST, noise, series

HR = TRAITS["hr_lowest_bpm"]


def test_a_night_never_changes_its_own_baseline():
    """Whatever the night itself is, expectation and scale stay what the past says."""
    past = [55 + v for v in noise(40, sd=2.0)]
    calm, _ = judge(series([*past, 55.0]), HR)
    wild, _ = judge(series([*past, 95.0]), HR)
    assert calm[-1].expected == wild[-1].expected
    assert calm[-1].scale == wild[-1].scale


def test_an_extreme_night_is_not_bounded_by_the_window():
    """A z-score with the night inside seven nights can never pass 2.27; this one can."""
    scores, _ = judge(series([*(55 + v for v in noise(7, sd=2.0)), 80.0]), HR)
    assert scores[-1].z is not None
    assert scores[-1].z > 6


def test_six_nights_give_no_answer_and_seven_do():
    """A baseline begins with seven nights."""
    scores, _ = judge(series([55.0 + n % 2 for n in range(8)]), HR)
    assert [score.z is None for score in scores] == [True] * 7 + [False]


def test_a_metric_without_a_typical_spread_waits_longer():
    """Where nothing is known beforehand, two weeks are the least."""
    scores, _ = judge(series([50.0 + n % 3 for n in range(16)]), Traits())
    assert [score.z is None for score in scores] == [True] * 14 + [False] * 2


@pytest.mark.parametrize("traits", [HR, Traits()])
def test_a_constant_series_is_judged_without_dividing_by_zero(traits):
    """Equal nights are exactly usual, and the next unequal one is judged by the floor."""
    scores, shifts = judge(series([55.0] * 30 + [58.0]), traits)
    assert scores[29].z == 0.0
    assert scores[30].z is not None
    assert scores[30].z > 1.5
    assert shifts == []


def test_an_artefact_does_not_enter_the_baseline():
    """The night after an absurd value is judged as if it had not been."""
    past = [55 + v for v in noise(40, sd=2.0)]
    with_it, _ = judge(series([*past, 90.0, 55.0]), HR)
    without, _ = judge(series([*past, None, 55.0]), HR)
    assert with_it[-1].expected == pytest.approx(without[-1].expected, abs=0.2)
    assert with_it[-1].n == without[-1].n


def test_a_night_held_out_does_not_enter_the_baseline():
    """Held-out nights are judged, but teach nothing."""
    values = [55 + v for v in noise(40, sd=2.0)]
    scores, _ = judge(series(values), HR, held_out=frozenset({FIRST + 20}))
    plain, _ = judge(series(values), HR)
    assert scores[-1].n == plain[-1].n - 1


@pytest.mark.parametrize("size", [6.0, -6.0])
def test_a_new_level_is_reported_once_and_then_usual(size):
    """A lasting change becomes the new usual, with the day it began."""
    values = [55 + v + (size if n >= 60 else 0) for n, v in enumerate(noise(120, sd=2.0))]
    scores, shifts = judge(series(values), HR)
    assert len(shifts) == 1
    assert abs((shifts[0].since - date.fromordinal(FIRST + 60)).days) <= 3
    assert shifts[0].after - shifts[0].before == pytest.approx(size, abs=2.0)
    assert max(abs(score.z or 0) for score in scores[75:]) < 3.5


def test_an_isolated_illness_is_no_new_level():
    """A week of high values that ends leaves the level where it was."""
    values = [55 + v + (5 if 60 <= n < 66 else 0) for n, v in enumerate(noise(100, sd=2.0))]
    _, shifts = judge(series(values), HR)
    assert shifts == []


def test_a_weekend_sleeper_is_not_unusual_on_mondays():
    """What the weekday always adds is taken out after four weeks."""
    traits = traits_of("total_sleep_min")
    values = [
        430 + v + (90 if (FIRST + n) % 7 < 2 else 0) for n, v in enumerate(noise(140, sd=25.0))
    ]
    scores, _ = judge(series(values), traits)
    flagged = [score for score in scores[60:] if score.z is not None and abs(score.z) >= 2.5]
    assert len(flagged) <= 2


def test_hrv_is_judged_on_ratios():
    """Halving is as far as doubling; a value that has no logarithm is missing."""
    traits = TRAITS["hrv_avg_ms"]
    past = [40.0, 42.0, 38.0, 41.0, 39.0, 40.0, 40.0, 41.0, 39.0, 40.0]
    up, _ = judge(series([*past, 80.0]), traits)
    down, _ = judge(series([*past, 20.0]), traits)
    assert up[-1].z == pytest.approx(-(down[-1].z or 0), rel=0.02)
    zero, _ = judge(series([*past, 0.0]), traits)
    assert len(zero) == len(past)


def test_usual_of_a_day_to_come():
    """What is usual can be asked without a value, once there is enough history."""
    baseline = Baseline(HR)
    for n in range(6):
        score = baseline.score(FIRST + n, 55.0 + n % 2)
        assert score is not None
        baseline.learn(score)
    assert baseline.usual(FIRST + 6) is None
    score = baseline.score(FIRST + 6, 55.0)
    assert score is not None
    baseline.learn(score)
    usual = baseline.usual(FIRST + 7)
    assert usual is not None
    assert usual[0] == pytest.approx(55.4, abs=0.3)
    assert usual[2] == 7


def test_old_nights_do_not_count():
    """After a long pause the history is too old to judge by."""
    scores, _ = judge(
        Series(tuple(FIRST + n for n in (*range(30), 200)), (55.0,) * 30 + (70.0,)), HR
    )
    assert scores[-1].z is None
