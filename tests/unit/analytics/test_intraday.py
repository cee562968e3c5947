"""Samples inside a day: one per instant and source, peaks kept, gaps never bridged."""

import math
from datetime import UTC, datetime, timedelta

from annulet.analytics.intraday import TimedValue, by_source, distinct, downsample, stats

START = datetime(2026, 5, 1, tzinfo=UTC)


def at(minute, value, source="awake"):
    """A sample at a minute of the day."""
    return TimedValue(START + timedelta(minutes=minute), value, source)


def shown(samples, minutes=60, hours=4):
    """The downsampled series of the first hours."""
    return downsample(samples, START, START + timedelta(hours=hours), timedelta(minutes=minutes))


def test_duplicates_count_once_per_source():
    """The same instant from two sources is two samples; twice from one is one."""
    rows = [at(5, 60), at(0, 50), at(5, 61), at(5, 62, "workout"), at(9, math.nan)]
    assert [(s.value, s.source) for s in distinct(rows)] == [
        (50, "awake"),
        (60, "awake"),
        (62, "workout"),
    ]


def test_statistics_say_when():
    """Lowest and highest come with their instants."""
    figures = stats(distinct([at(0, 60), at(5, 48), at(10, 120), at(15, 48)]))
    assert figures is not None
    assert (figures.low, figures.low_at) == (48, START + timedelta(minutes=5))
    assert (figures.high, figures.high_at) == (120, START + timedelta(minutes=10))
    assert figures.samples == 4
    assert stats([]) is None


def test_sources_are_told_apart():
    """Each source has its own statistics."""
    figures = by_source(distinct([at(0, 60), at(5, 150, "workout"), at(10, 62)]))
    assert {source: s.samples for source, s in figures.items()} == {"awake": 2, "workout": 1}
    assert figures["workout"].mean == 150


def test_peaks_survive():
    """The highest and the lowest sample stay visible at any resolution."""
    samples = [at(n, 60 + n % 3) for n in range(0, 240, 5)]
    samples[20] = at(100, 171)
    samples[40] = at(200, 44)
    values = shown(distinct(samples))
    assert max(v for v in values if v is not None) == 171
    assert min(v for v in values if v is not None) == 44


def test_a_step_that_stands_out_shows_its_peak():
    """Not only the highest of all survives: the second highest hour keeps its peak, too."""
    day = [at(n, 60 + n % 3) for n in range(0, 240, 5)]
    day += [at(61, 110), at(121, 95)]
    series = shown(sorted(day, key=lambda s: s.at))
    assert series[1] == 110
    assert series[2] == 95


def test_a_calm_hour_shows_its_mean():
    """Where nothing stands out, the mean is shown."""
    samples = [at(n, 60.0 if n % 10 else 62.0) for n in range(0, 240, 5)]
    samples += [at(1, 58.0), at(239, 64.0)]
    assert shown(distinct(samples))[1] == 61.0


def test_gaps_stay_gaps():
    """An hour without a sample is missing, not drawn through."""
    assert shown([at(10, 60), at(190, 61)]) == [60, None, None, 61]
    assert shown([]) == [None] * 4


def test_a_constant_day_is_constant():
    """Equal samples are shown as they are."""
    assert shown([at(n, 60.0) for n in range(0, 240, 30)]) == [60.0] * 4


def test_an_empty_range_has_no_values():
    """A range without length has no steps."""
    assert downsample([at(0, 60)], START, START, timedelta(minutes=5)) == []
