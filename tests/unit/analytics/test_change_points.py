"""Change points: found with their day, none out of nothing, a slope is no step."""

import pytest

from annulet.analytics.change_points import change_points
from annulet.analytics.traits import TRAITS
from annulet.analytics.usual_range import usual_range
from tests.unit.analytics.made import FIRST, noise, series

HR = TRAITS["hr_lowest_bpm"]


@pytest.mark.parametrize("size", [6.0, -6.0])
def test_a_step_is_dated(size):
    """A step of three SD is found within three days, with an interval around its size."""
    values = [55 + v + (size if n >= 200 else 0) for n, v in enumerate(noise(360, sd=2.0))]
    (point,) = change_points(series(values), HR)
    assert abs(point.since - (FIRST + 200)) <= 3
    assert point.low <= size <= point.high
    assert point.after - point.before == pytest.approx(size, abs=1.5)
    assert not point.is_gradual


def test_two_steps_are_two():
    """Up and down again are two change points in their order."""
    values = [55 + v + (7 if 120 <= n < 240 else 0) for n, v in enumerate(noise(360, sd=2.0))]
    points = change_points(series(values), HR)
    assert [round((p.since - FIRST) / 10) for p in points] == [12, 24]


def test_nothing_and_a_slope_are_no_steps():
    """Ordinary years have no change point, and neither has a steady rise."""
    ordinary = sum(
        len(change_points(series([55 + v for v in noise(365, seed=s, sd=2.0)]), HR))
        for s in range(20)
    )
    assert ordinary <= 3
    rising = [55 + v + 0.03 * n for n, v in enumerate(noise(365, seed=4, sd=2.0))]
    assert len(change_points(series(rising), HR)) <= 1
    assert change_points(series([55.0] * 30), HR) == ()


@pytest.mark.parametrize("nights", [42, 48, 54, 60])
def test_a_step_in_few_nights(nights):
    """So few nights show no rise over half a year; the step in their middle is told."""
    half = nights // 2
    values = [55 + v + (12 if n >= half else 0) for n, v in enumerate(noise(nights, sd=1.0))]
    (point,) = change_points(series(values), HR)
    assert abs(point.since - (FIRST + half)) <= 3


def test_a_rise_over_weeks_is_not_told_as_a_step():
    """What rose over three months is no step on a day: where a change is told, so is that."""
    told = []
    for seed in range(12):
        rise = (min(max((n - 150) / 90, 0.0), 1.0) for n in range(360))
        values = [55 + v + 6 * r for v, r in zip(noise(360, seed=seed, sd=2.0), rise, strict=True)]
        told += change_points(series(values), HR)
    assert sum(not point.is_gradual for point in told) <= 1


def test_two_of_three_days_are_usual_with_any_number_of_days():
    """With few days behind it the range is wider, so that it still holds two of three."""
    nights = noise(4000, phi=0.0)
    for n in (7, 14, 60):
        inside = [
            usual_range(nights[at - n : at]).low
            <= nights[at]
            <= usual_range(nights[at - n : at]).high
            for at in range(100, 4000, 3)
        ]
        assert 0.62 <= sum(inside) / len(inside) <= 0.71, n
