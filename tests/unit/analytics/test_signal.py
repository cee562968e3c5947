"""The body signal: directed, from two vitals on, told apart by what is missing."""

import pytest

from annulet.analytics.signal import body_signal, walk
from tests.unit.analytics.made import as_series, fever, vitals


def test_direction_matters():
    """HRV up and temperature down are the opposite of strain."""
    strain = {"hr_lowest_bpm": 2.0, "hrv_avg_ms": -2.0, "temperature_deviation_c": 2.0}
    calm = {metric: -z for metric, z in strain.items()}
    assert (body_signal(strain) or 0) > 2
    assert (body_signal(calm) or 0) < -2


def test_one_vital_is_no_body_signal():
    """A single vital is answered as a single metric."""
    assert body_signal({"hr_lowest_bpm": 9.0}) is None
    assert body_signal({}) is None
    assert body_signal({"hr_lowest_bpm": 2.0, "hrv_avg_ms": -2.0}) is not None


def test_one_wild_vital_cannot_alert_alone():
    """However far a single value is off, it stays below the medium threshold."""
    z = dict.fromkeys(("breath_avg_per_min", "temperature_deviation_c", "hrv_avg_ms"), 0.0)
    assert (body_signal({**z, "hr_lowest_bpm": 1e9}) or 0) < 2.0


@pytest.mark.parametrize("absent", ["temperature_deviation_c", "breath_avg_per_min"])
def test_fever_shows_without_one_vital(absent):
    """Three vitals are enough to see an illness."""
    lists = fever(vitals(100), 80)
    del lists[absent]
    nights = walk(as_series(lists)).nights
    assert all((night.signal or 0) >= 2 for night in nights[81:84])


def test_missing_nights_are_simply_not_there():
    """A night without vitals has no signal and breaks nothing."""
    lists = vitals(60)
    for values in lists.values():
        values[30] = None
    nights = walk(as_series(lists)).nights
    assert len(nights) == 59
    assert walk({}).nights == []
