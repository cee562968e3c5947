"""Series keep gaps, windows need coverage, and nothing becomes a number out of nothing."""

import math
from datetime import date, timedelta

import pytest

from annulet.analytics.series import Series, enough, summarise

DAY = date(2026, 3, 1)


def test_missing_and_impossible_values_are_missing():
    """None, NaN, infinities and absurd sizes never become data."""
    wild = (None, math.nan, math.inf, -math.inf, 1e300, 10**400, 7.0)
    series = Series.of({DAY + timedelta(days=n): value for n, value in enumerate(wild)})
    assert series.as_dict() == {DAY + timedelta(days=6): 7.0}


def test_days_are_put_in_order_and_found():
    """A series does not depend on the order in which days came."""
    series = Series.of({DAY + timedelta(days=2): 3.0, DAY: 1.0})
    assert series.values == (1.0, 3.0)
    assert series.get(DAY) == 1.0
    assert series.get(DAY + timedelta(days=1)) is None
    assert series.get(DAY + timedelta(days=9)) is None


def test_windows_are_calendar_days_inclusive_of_the_end():
    """Seven days up to a day are seven calendar days, whatever is missing in them."""
    series = Series.of({DAY + timedelta(days=n): float(n) for n in range(10) if n != 5})
    assert series.window(DAY + timedelta(days=9), 7).values == (3, 4, 6, 7, 8, 9)
    assert series.between(DAY, DAY).values == (0.0,)
    assert series.between(DAY + timedelta(days=3), DAY).values == ()


def test_summary_of_nothing_is_nothing():
    """No value, no mean; one value, no spread."""
    assert summarise([]) is None
    alone = summarise([4.0])
    assert alone is not None
    assert (alone.mean, alone.sd) == (4.0, None)


def test_summary_uses_the_sample_divisor():
    """The SD divides by one fewer than there are values."""
    summary = summarise([1.0, 2.0, 3.0, 4.0])
    assert summary is not None
    assert summary.sd == pytest.approx(1.2909944)


@pytest.mark.parametrize(
    ("nights", "length", "answer"),
    [(2, 7, False), (3, 7, True), (12, 30, True), (11, 30, False), (1, 1, True), (0, 1, False)],
)
def test_coverage_rule(nights, length, answer):
    """Forty percent of the days and three at least; a shorter window needs all of its days."""
    assert enough(nights, length) is answer


def test_left_out_days_are_gone():
    """Days can be left out by their ordinals."""
    series = Series.of({DAY: 1.0, DAY + timedelta(days=1): 2.0})
    assert series.without(frozenset({DAY.toordinal()})).values == (2.0,)
    assert series.without(frozenset()) is series
