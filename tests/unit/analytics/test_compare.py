"""Comparisons: the right side, honest intervals, plain words when there is too little."""

from datetime import timedelta

import pytest

from annulet.analytics.compare import compare
from annulet.analytics.traits import TRAITS
from tests.unit.analytics.made import DAY, noise, series

HR = TRAITS["hr_lowest_bpm"]


def days(first, last):
    """A period by night numbers."""
    return DAY + timedelta(days=first), DAY + timedelta(days=last)


def test_the_difference_is_period_minus_against():
    """A higher period is higher, and the other way round lower."""
    values = [55 + v + (6 if n >= 83 else 0) for n, v in enumerate(noise(90, sd=1.5))]
    there = compare(series(values), HR, days(83, 89), days(76, 82))
    back = compare(series(values), HR, days(76, 82), days(83, 89))
    assert there.verdict == "higher"
    assert back.verdict == "lower"
    assert there.difference == pytest.approx(-(back.difference or 0))
    assert there.low is not None
    assert there.low <= 6 <= (there.high or 0)


def test_ordinary_weeks_show_no_clear_difference():
    """Weekly wandering is not called."""
    values = [55 + v for v in noise(90, seed=4, sd=2.0)]
    assert compare(series(values), HR, days(83, 89), days(76, 82)).verdict == "no clear difference"


def test_too_few_nights_are_said():
    """Two nights of a week are too few, and the means stay what they are."""
    values = [55 + v for v in noise(90, sd=2.0)]
    holed = [None if 78 <= n <= 82 else v for n, v in enumerate(values)]
    found = compare(series(holed), HR, days(83, 89), days(76, 82))
    assert found.verdict == "too few nights"
    assert found.low is None
    assert found.against_n == 2
    assert found.against_mean == pytest.approx((values[76] + values[77]) / 2)


def test_nothing_against_nothing():
    """Empty periods have no mean."""
    found = compare(series([]), HR, days(0, 6), days(7, 13))
    assert (found.period_mean, found.against_mean, found.difference) == (None, None, None)
    assert found.verdict == "too few nights"


def test_six_days_of_life_are_too_few():
    """A newcomer has no noise to measure by."""
    assert compare(series([55.0, 60.0] * 3), HR, days(3, 5), days(0, 2)).verdict == "too few nights"


def test_a_single_day_is_judged_as_one():
    """One day against a month has the wide interval of one day."""
    values = [55 + v for v in noise(90, sd=2.0)]
    day = compare(series(values), HR, days(89, 89), days(59, 88))
    week = compare(series(values), HR, days(83, 89), days(53, 82))
    assert day.verdict == "no clear difference"
    assert (day.high or 0) - (day.low or 0) > 1.5 * ((week.high or 0) - (week.low or 0))


def test_a_period_against_itself_is_the_same():
    """No difference, without an interval to speak of."""
    values = [55 + v for v in noise(60, sd=2.0)]
    found = compare(series(values), HR, days(40, 59), days(40, 59))
    assert found.difference == 0.0
    assert found.verdict == "no clear difference"
