"""Claims of answers hold on people of both generators: a small sample always, a large on demand.

A gate fails where the whole 95 % interval of a figure lies on the wrong side of it.
"""

import pytest

from benchmarks.detector import claims
from benchmarks.detector.subjects import of_kind

QUIET = ("plain", "heavy_tails", "weekday_regular", "cycle_regular", "shift_work")
OWN = ("own: calm", "own: slow wander")


def check_quiet(kind, people):
    """Bands hold, and where nothing lasting happens hardly anything is called."""
    group = of_kind(kind, people)
    trends, periods = claims.trend_claims(group), claims.period_claims(group)
    for days in claims.WINDOWS:
        band = trends[f"noise band {days} d"]
        assert band.may_reach(0.86), (kind, days, band)
        assert band.may_stay_within(0.94), (kind, days, band)
        called = trends[f"any of nine in trends {days} d"]
        assert called.may_stay_within(0.10), (kind, days, called)
    for name, estimate in periods.items():
        gate = 0.10 if name.startswith("any of nine") else 0.07
        if "called" in name or name.startswith("any of nine"):
            assert estimate.may_stay_within(gate), (kind, name, estimate)


def check_alerts(kind, people):
    """The alerts that chance makes are about those that an answer announces."""
    told = claims.alert_claims(of_kind(kind, people))
    false, announced = told["false alert nights in 30"], told["announced in 30"]
    assert false.low <= 1.1 * announced.high, (kind, false, announced)
    assert announced.low <= 1.1 * false.high, (kind, false, announced)


@pytest.mark.parametrize("kind", ["plain", "own: slow wander"])
def test_little_is_called_where_nothing_happens(kind):
    """Nine metrics in one answer call little by chance."""
    check_quiet(kind, 10)


@pytest.mark.parametrize(("kind", "people"), [("plain", 12), ("fever", 30)])
def test_alerts_are_announced(kind, people):
    """The stated rate is the person's own, also where illness lies between quiet nights."""
    check_alerts(kind, people)


def test_tags_without_effect_are_not_blamed():
    """Neither the night before nor a daily tag is taken for an effect."""
    for kind in ("tag_after_bad_night", "tag_daily_none"):
        called = claims.effect_claims(of_kind(kind, 10))["an answer calls something"]
        assert called.may_stay_within(0.07), (kind, called)


@pytest.mark.full
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("kind", [*QUIET, *OWN])
def test_full_quiet(kind):
    """Bands, directions, changes and differences hold for sixty people of a kind."""
    check_quiet(kind, 60)
    check_alerts(kind, 60)


@pytest.mark.full
@pytest.mark.timeout(3000)
@pytest.mark.parametrize(
    "kind",
    [
        *("tag_random", "tag_after_bad_night", "tag_cycle", "tag_weekend", "tag_daily_none"),
        *("tag_runs_none", "tag_rare_none"),
    ],
)
def test_full_tags(kind):
    """A tag that does nothing is blamed in at most seven of a hundred answers."""
    called = claims.effect_claims(of_kind(kind, 100))["an answer calls something"]
    assert called.may_stay_within(0.07), called


@pytest.mark.full
@pytest.mark.timeout(3000)
def test_full_power():
    """Honesty is not silence: slopes, changes, steps and tags that are there are found."""
    assert claims.slope_power(of_kind("power_slope", 120)).may_reach(0.45)
    assert claims.change_power(of_kind("power_change", 120)).may_reach(0.45)
    assert claims.effect_claims(of_kind("power_tag", 60))["a true effect is called"].may_reach(0.7)
    assert claims.step_power(of_kind("step_1_5sd", 400))[0].may_reach(0.8)
    hits, dated = claims.step_power(of_kind("step_2sd", 60))
    assert hits.may_reach(0.85)
    assert dated.may_reach(0.85)
    for kind in ("plain", "strong_slow_wander"):
        false = claims.change_point_claims(of_kind(kind, 40))
        assert false.may_stay_within(0.05), (kind, false)


@pytest.mark.full
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("kind", ["ramp_1_5sd", "ramp_3sd", "ramp_year"])
def test_full_slopes(kind):
    """A slope is seldom told as a step on a day."""
    told, _ = claims.ramp_steps(of_kind(kind, 60))
    assert told.may_stay_within(0.07), told
