"""Comparisons: the right side, honest intervals, plain words when there is too little."""

from datetime import timedelta

import pytest

from annulet.analytics.period_difference import compare_periods
from annulet.analytics.traits import TRAITS
from tests.unit.analytics.made import DAY, FIRST, noise, series

HR = TRAITS["hr_lowest_bpm"]


def days(first, last):
    """A period by night numbers."""
    return DAY + timedelta(days=first), DAY + timedelta(days=last)


def test_the_difference_is_period_minus_against():
    """A higher period is higher, and the other way round lower."""
    values = [55 + v + (6 if n >= 83 else 0) for n, v in enumerate(noise(90, sd=1.5))]
    there = compare_periods(series(values), HR, days(83, 89), days(76, 82))
    back = compare_periods(series(values), HR, days(76, 82), days(83, 89))
    assert there.verdict == "higher"
    assert back.verdict == "lower"
    assert there.difference == pytest.approx(-(back.difference or 0))
    assert there.low is not None
    assert there.low <= 6 <= (there.high or 0)


def test_ordinary_weeks_show_no_clear_difference():
    """Weekly wandering is not called."""
    values = [55 + v for v in noise(90, seed=4, sd=2.0)]
    assert (
        compare_periods(series(values), HR, days(83, 89), days(76, 82)).verdict
        == "no clear difference"
    )


def test_too_few_nights_are_said():
    """Two nights of a week are too few, and the means stay what they are."""
    values = [55 + v for v in noise(90, sd=2.0)]
    holed = [None if 78 <= n <= 82 else v for n, v in enumerate(values)]
    difference = compare_periods(series(holed), HR, days(83, 89), days(76, 82))
    assert difference.verdict == "too few nights"
    assert difference.low is None
    assert difference.against_n == 2
    assert difference.against_mean == pytest.approx((values[76] + values[77]) / 2)


def test_nothing_against_nothing():
    """Empty periods have no mean."""
    difference = compare_periods(series([]), HR, days(0, 6), days(7, 13))
    assert (difference.period_mean, difference.against_mean, difference.difference) == (
        None,
        None,
        None,
    )
    assert difference.verdict == "too few nights"


def test_six_days_of_life_are_too_few():
    """A newcomer has no noise to measure by."""
    assert (
        compare_periods(series([55.0, 60.0] * 3), HR, days(3, 5), days(0, 2)).verdict
        == "too few nights"
    )


def test_a_single_day_is_judged_as_one():
    """One day against a month has the wide interval of one day."""
    values = [55 + v for v in noise(90, sd=2.0)]
    day = compare_periods(series(values), HR, days(89, 89), days(59, 88))
    week = compare_periods(series(values), HR, days(83, 89), days(53, 82))
    assert day.verdict == "no clear difference"
    assert (day.high or 0) - (day.low or 0) > 1.5 * ((week.high or 0) - (week.low or 0))


def test_a_period_against_itself_is_the_same():
    """No difference, without an interval to speak of."""
    values = [55 + v for v in noise(60, sd=2.0)]
    difference = compare_periods(series(values), HR, days(40, 59), days(40, 59))
    assert difference.difference == 0.0
    assert difference.verdict == "no clear difference"


def test_a_weekend_is_no_difference():
    """On Tuesday a week without its weekend differs by arithmetic, and not in the verdict."""
    values = [
        420 + v + (90 if (FIRST + n) % 7 < 2 else 0) for n, v in enumerate(noise(180, sd=25.0))
    ]
    monday = next(n for n in range(170, 178) if (FIRST + n) % 7 == 2)
    sleep = TRAITS["total_sleep_min"]
    week = compare_periods(
        series(values[: monday + 2]), sleep, days(monday, monday + 1), days(monday - 7, monday - 1)
    )
    assert week.difference < -15
    assert week.verdict == "no clear difference"
    assert abs(week.judged) < abs(week.difference) / 2


def test_illness_is_left_out_of_both_sides():
    """Ill nights count in the means and not in the judgement, unless they are most of a period."""
    values = [55 + v + (9 if 84 <= n <= 87 else 0) for n, v in enumerate(noise(120, sd=1.5))]
    ill = frozenset(range(FIRST + 84, FIRST + 88))
    month = compare_periods(series(values[:90]), HR, days(70, 89), days(50, 69), left_out=ill)
    assert month.difference > 1.2
    assert abs(month.judged) < 1.2
    few = compare_periods(series(values[:88]), HR, days(84, 87), days(54, 83), left_out=ill)
    assert few.verdict == "higher"


def test_the_verdict_does_not_depend_on_company():
    """What is called has an interval without zero; what is not may have one too."""
    for seed in range(12):
        values = [55 + v for v in noise(120, seed=seed, sd=2.0)]
        values = [v + (1.8 if n >= 90 else 0) for n, v in enumerate(values)]
        month = compare_periods(series(values), HR, days(90, 119), days(60, 89))
        if month.verdict in {"higher", "lower"}:
            assert month.low > 0 or month.high < 0
