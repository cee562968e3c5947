"""Whatever comes in: no exception, no number without data, and the symmetries that must hold."""

import math
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from annulet.analytics.baseline import judge
from annulet.analytics.change_points import change_points
from annulet.analytics.intraday import TimedValue, distinct, stats
from annulet.analytics.metric_trend import describe_trend
from annulet.analytics.period_difference import compare_periods
from annulet.analytics.series import Series, summarise
from annulet.analytics.tag_effects import tag_effects
from annulet.analytics.traits import TRAITS, VITALS, Traits, traits_of
from annulet.analytics.unusual_nights import find_unusual
from tests.unit.analytics.made import DAY, FIRST, noise, series

# Anything a broken upstream may send as a number, at any length, with gaps.
WILD = st.one_of(
    st.none(),
    st.floats(allow_nan=True, allow_infinity=True),
    st.floats(-1e6, 1e6),
    st.floats(30, 80),
    st.sampled_from([0.0, -0.0, 1e-320, 1e12, -1e12, 1e308, 55.0]),
    st.integers(min_value=-(10**30), max_value=10**30),
)
VALUES = st.one_of(st.lists(WILD, max_size=9), st.lists(WILD, min_size=30, max_size=80))
QUIET = settings(max_examples=60, deadline=None)
HR = TRAITS["hr_lowest_bpm"]
PLAIN = Traits(typical_sd=2.0, floor=1e-9)


def wild(values):
    """A series from anything."""
    return Series.of({DAY + timedelta(days=n): v for n, v in enumerate(values)})


def finite(*numbers):
    """Whether all numbers that are there are numbers."""
    return all(n is None or math.isfinite(n) for n in numbers)


@QUIET
@given(VALUES, st.sampled_from(["hr_lowest_bpm", "hrv_avg_ms", "stress_high_min"]))
def test_judging_anything(values, metric):
    """Every judged night has a finite score, and only days with data are judged."""
    data = wild(values)
    scores, _ = judge(data, traits_of(metric))
    assert {score.day for score in scores} <= set(data.days)
    assert all(finite(s.z, s.expected, s.scale) for s in scores)


@QUIET
@given(VALUES, st.integers(1, 120))
@example([1e-320, 1.0], 1)
def test_trends_of_anything(values, length):
    """Trends of anything are finite or absent."""
    data, end = wild(values), DAY + timedelta(days=max(len(values) - 1, 0))
    for metric in ("hrv_avg_ms", "temperature_deviation_c", "steps"):
        answer = describe_trend(data, traits_of(metric), end=end, length=length)
        for change in (answer.vs_window, answer.vs_week, answer.vs_month):
            assert change is None or finite(change.absolute, change.percent, change.noise)
        assert answer.slope is None or finite(*(answer.slope.low, answer.slope.high))
        assert (answer.window is None) or answer.nights > 0


@QUIET
@given(VALUES, st.sets(st.integers(0, 90)), st.integers(0, 80), st.integers(0, 80))
def test_comparisons_and_effects_of_anything(values, tagged, cut, scaled):
    """Differences of anything are finite or absent, and counted right."""
    data = wild(values)
    periods = [(DAY + timedelta(days=min(cut, scaled)), DAY + timedelta(days=d)) for d in (80, cut)]
    difference = compare_periods(data, HR, periods[0], (DAY, DAY + timedelta(days=cut)))
    assert finite(difference.difference, difference.judged, difference.low, difference.high)
    assert all(finite(p.before, p.after, p.low, p.high) for p in change_points(data, HR))
    assert (difference.period_mean is None) == (difference.period_n == 0)
    answer = tag_effects({"hr": (data, HR)}, frozenset(FIRST + n for n in tagged)).effects["hr"]
    assert finite(answer.value, answer.low, answer.high, answer.p_adjusted)
    assert answer.with_n + answer.without_n == len(data)


@QUIET
@given(st.lists(VALUES, min_size=4, max_size=4), st.sampled_from(["low", "medium", "high"]))
def test_finding_anything(four, sensitivity):
    """No input breaks the search, and only days with data are flagged."""
    data = {metric: wild(values) for metric, values in zip(VITALS, four, strict=True)}
    end = DAY + timedelta(days=80)
    answer = find_unusual(
        data, start=DAY, end=end, sensitivity=sensitivity, metrics=(*VITALS, "steps")
    )
    days = {day for s in data.values() for day in s.days}
    assert set(answer.alert_nights) <= days
    assert all(finite(o.score.z) for o in answer.outliers)


@QUIET
@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=40))
def test_samples_of_anything(values):
    """Statistics of samples are within their samples."""
    samples = distinct(
        TimedValue(stamp, value)
        for stamp, value in zip(map(_stamp, range(len(values))), values, strict=True)
    )
    answer = stats(samples)
    assert (answer is None) == (not samples)
    assert answer is None or answer.low <= answer.mean <= answer.high


def _stamp(n):
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=n)


@QUIET
@given(
    st.lists(st.floats(-100, 100), min_size=20, max_size=60),
    st.floats(-50, 50),
    st.floats(0.1, 20),
)
def test_shifting_and_scaling_change_no_verdict(values, offset, factor):
    """Another unit or another zero gives the same z-scores."""
    values = [round(v, 3) for v in values]
    plain, _ = judge(series(values), PLAIN)
    moved = Traits(typical_sd=2.0 * factor, floor=1e-9 * factor)
    scaled, _ = judge(series([v * factor + offset for v in values]), moved)
    for a, b in zip(plain, scaled, strict=True):
        assert (a.z is None) == (b.z is None)
        if a.z is not None and b.z is not None and a.scale > 1e-6:
            assert a.z == pytest.approx(b.z, rel=1e-5, abs=1e-5)


@QUIET
@given(st.permutations(list(range(40))))
def test_the_order_of_documents_does_not_matter(order):
    """Days shuffled on the way here give the same answer."""
    values = [55 + v for v in noise(40, sd=2.0)]
    straight = {date.fromordinal(FIRST + n): values[n] for n in range(40)}
    shuffled = {date.fromordinal(FIRST + n): values[n] for n in order}
    assert Series.of(straight) == Series.of(shuffled)


@QUIET
@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=40))
def test_a_z_score_with_the_night_inside_is_bounded(values):
    """The trap the baseline avoids: inside its own window no night passes (n-1)/sqrt(n)."""
    summary = summarise(values)
    assert summary is not None
    assert summary.sd is not None
    if summary.sd > 1e-9:
        bound = (len(values) - 1) / math.sqrt(len(values))
        assert max(abs(v - summary.mean) / summary.sd for v in values) <= bound + 1e-6


@QUIET
@given(st.floats(1, 1e6), st.integers(1, 60))
def test_constants_are_ordinary(value, nights):
    """A life without change has nothing unusual in it."""
    data = {metric: series([value] * nights) for metric in VITALS}
    end = DAY + timedelta(days=nights - 1)
    answer = find_unusual(data, start=DAY, end=end, metrics=VITALS)
    assert answer.episodes == ()
    assert answer.outliers == ()


@QUIET
@given(st.integers(0, 39))
def test_a_gap_is_not_a_value(hole):
    """A missing night changes no other day into data."""
    values = [55 + v for v in noise(40, sd=2.0)]
    holed = [None if n == hole else v for n, v in enumerate(values)]
    scores, _ = judge(series(holed), HR)
    assert FIRST + hole not in {score.day for score in scores}
    answer = describe_trend(series(holed), HR, end=DAY + timedelta(days=39), length=40)
    assert answer.nights == 39
