"""Derived metrics: known answers by hand, gaps stay gaps, too little history gives no value."""

import math
from datetime import datetime, timedelta

import pytest

from annulet.analytics.derived.hrv_status import hrv_status, hrv_week_vs_normal
from annulet.analytics.derived.regularity import Hypnogram, regularity, sleep_epochs
from annulet.analytics.derived.sleep_debt import sleep_debt
from annulet.analytics.derived.sleep_timing import (
    corrected_free_midsleep,
    midsleep,
    social_jetlag,
)
from annulet.analytics.derived.trailing import Trailing
from annulet.analytics.derived.training_load import training_load
from annulet.analytics.series import Series
from tests.unit.analytics.made import noise, series

MONDAY = datetime(2026, 5, 4).toordinal()  # noqa: DTZ001 - the person's wall clock


def nights(starts, stages="2" * 96):
    """One sleep a night, begun so many minutes after 23:00."""
    first = datetime(2026, 5, 3, 23)  # noqa: DTZ001 - the person's wall clock
    return [
        Hypnogram(first + timedelta(days=n, minutes=late), stages) for n, late in enumerate(starts)
    ]


def index(sleeps, recorded):
    """The regularity index of the last day."""
    timing = regularity(sleep_epochs(sleeps), recorded)
    return timing.values[-1] if len(timing) else None


def test_regularity_of_known_sleepers():
    """The same hours every night are 100; an hour later every other night costs its epochs."""
    days = range(MONDAY, MONDAY + 14)
    assert index(nights([0] * 14), days) == 100.0
    # Each pair of neighbours differs at both ends by 12 epochs of 288.
    assert index(nights([0, 60] * 7), days) == pytest.approx(200 * (1 - 24 / 288) - 100)
    day_and_night = nights([0, 720] * 7, "2" * 144)
    assert index(day_and_night, days) < -50
    awake_inside = nights([0] * 14, "22442" * 20)
    assert index(awake_inside, days) == 100.0


def test_regularity_counts_naps_and_leaves_gaps_out():
    """A nap on one day costs its epochs twice; a day without a night is compared with nothing."""
    days = range(MONDAY, MONDAY + 14)
    nap = Hypnogram(datetime(2026, 5, 10, 14), "2" * 12)  # noqa: DTZ001 - the person's wall clock
    with_nap = index([*nights([0] * 14), nap], days)
    assert with_nap == pytest.approx(200 * (1 - 24 / 288 / 13) - 100)
    gappy = [day for day in days if day != MONDAY + 7]
    assert index(nights([0] * 7) + nights([0] * 14)[8:], gappy) == 100.0
    assert index(nights([0] * 6), range(MONDAY, MONDAY + 6)) is None
    assert index(nights([0] * 7), range(MONDAY, MONDAY + 7)) == 100.0


def test_social_jetlag_and_the_corrected_midsleep():
    """Two hours later at weekends are two hours; half of the longer sleep is taken off MSFsc."""
    weekend = [day % 7 in {5, 6} for day in range(28)]
    timing = Series(
        tuple(range(MONDAY, MONDAY + 28)), tuple(300.0 if free else 180.0 for free in weekend)
    )
    asleep = Series(timing.days, tuple(540.0 if free else 420.0 for free in weekend))
    assert social_jetlag(timing).values[-1] == pytest.approx(120.0)
    weekly = (2 * 540 + 5 * 420) / 7
    corrected = corrected_free_midsleep(timing, asleep).values[-1]
    assert corrected == pytest.approx(300 - (540 - weekly) / 2)
    short = Series(timing.days, tuple(400.0 if free else 480.0 for free in weekend))
    assert corrected_free_midsleep(timing, short).values[-1] == pytest.approx(300.0)
    assert len(social_jetlag(timing.between(MONDAY, MONDAY + 11))) == 0
    assert midsleep(-60, 420) == 180.0


def test_sleep_debt_is_held_against_the_stated_need():
    """Half an hour less than the need is seven hours in two weeks, whatever the mean is."""
    short = series([450.0] * 14)
    assert sleep_debt(short, 480).values[-1] == pytest.approx(14 * 30)
    assert sleep_debt(short, 420).values[-1] == 0.0
    repaid = series([450.0] * 7 + [510.0] * 7)
    assert sleep_debt(repaid, 480).values[-1] == pytest.approx(0.0)
    assert len(sleep_debt(series([450.0] * 9), 480)) == 0
    gaps = series([450.0 if n % 4 else None for n in range(14)])
    assert sleep_debt(gaps, 480).values[-1] == pytest.approx(14 * 30)


def test_training_load_rises_with_the_last_week():
    """A steady person is at 1; a harder week lifts the ratio, a week of rest lowers it."""
    steady = [300.0] * 60
    assert training_load(series(steady)).values[-1] == pytest.approx(1.0)
    assert training_load(series(steady[:-7] + [600.0] * 7)).values[-1] > 1.2
    assert training_load(series(steady[:-7] + [0.0] * 7)).values[-1] < 0.5
    assert len(training_load(series([300.0] * 20))) == 0
    assert len(training_load(series([0.0] * 60))) == 0
    assert training_load(Series()) == Series()


def test_hrv_of_the_week_against_two_months():
    """A week ten percent higher, which counts in the 60 days too; constant weeks have no CV."""
    hrv = series([40.0] * 53 + [44.0] * 7)
    mean60 = (53 * math.log(40) + 7 * math.log(44)) / 60
    expected = 100 * (44 / math.exp(mean60) - 1)
    assert hrv_week_vs_normal(hrv).values[-1] == pytest.approx(expected)
    status = hrv_status(hrv, hrv.days[-1])
    assert status.week_ms == pytest.approx(44.0)
    assert status.low_ms < 40 < status.high_ms < 44
    assert status.cv_pct == pytest.approx(0.0)
    assert hrv_status(series([40.0] * 20), hrv.days[19]) is None
    assert len(hrv_week_vs_normal(series([0.0] * 60))) == 0


def test_trailing_figures_are_those_of_a_loop():
    """Counts and means over the last days, with gaps."""
    values = [v if n % 5 else None for n, v in enumerate(noise(90))]
    timing = series(values)
    trailing = Trailing(timing)
    for length in (3, 7, 28):
        for day in timing.days:
            inside = [
                v
                for d, v in zip(timing.days, timing.values, strict=True)
                if day - length < d <= day
            ]
            assert trailing.count(day, length) == len(inside)
            assert trailing.mean(day, length) == pytest.approx(sum(inside) / len(inside))
            assert list(trailing.values(day, length)) == inside
