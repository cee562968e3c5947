"""Weekends against weekdays: a planted difference has its size, none is seldom called."""

import random

from annulet.analytics.weekend import weekend_relation
from tests.unit.analytics.made import noise, series

SATURDAY, SUNDAY = 5, 6


def at_weekends(nights, size, seed, phi=0.3):
    """Nights that are larger by ``size`` SD at weekends; the first is a Thursday."""
    memory = noise(nights, seed=seed, phi=phi)
    made = series(memory)
    weekday = [(day - 1) % 7 for day in made.days]
    return series([v + size * (w >= SATURDAY) for v, w in zip(memory, weekday, strict=True)])


def test_a_planted_weekend_has_its_size():
    """One SD more on Saturdays and Sundays: higher, and the interval holds it."""
    relation = weekend_relation(at_weekends(180, 1.0, seed=3))
    assert relation.low <= 1.0 <= relation.high
    assert relation.p < 0.01


def test_no_weekend_is_seldom_called():
    """Autocorrelated nights that drift, without weekends: p below 0.05 in about five of hundred."""
    rng = random.Random(7)
    small = 0
    for seed in range(300):
        plain = at_weekends(180, 0.0, seed=seed, phi=0.5)
        slope = rng.gauss(0, 0.02)
        drifting = series([v + slope * n for n, v in enumerate(plain.values)])
        small += weekend_relation(drifting).p < 0.05
    assert small / 300 <= 0.075


def test_few_weeks_and_gaps():
    """Below eight weeks with both parts nothing is judged; weeks without a weekend do not count."""
    assert weekend_relation(at_weekends(45, 1.0, seed=1)).p is None
    weekdays = at_weekends(180, 1.0, seed=1)
    only = series(
        [
            v if (d - 1) % 7 < SATURDAY else None
            for d, v in zip(weekdays.days, weekdays.values, strict=True)
        ]
    )
    assert weekend_relation(only).p is None
