"""Made-up series for tests of the analytics."""

import math
import random
from datetime import date

from annulet.analytics.series import Series
from annulet.analytics.traits import VITALS

DAY = date(2026, 1, 1)
FIRST = DAY.toordinal()


def noise(nights, *, seed=1, phi=0.35, sd=1.0):
    """Noise in which a night resembles the one before."""
    rng = random.Random(seed)
    values, state = [], rng.gauss(0, 1)
    for _ in range(nights):
        state = phi * state + math.sqrt(1 - phi * phi) * rng.gauss(0, 1)
        values.append(sd * state)
    return values


def series(values, first=FIRST):
    """A series from values by night; None is a missing night."""
    measured = [(first + n, float(v)) for n, v in enumerate(values) if v is not None]
    return Series(tuple(d for d, _ in measured), tuple(v for _, v in measured))


def vitals(nights, *, seed=1):
    """Four ordinary vitals as lists that a test may change."""
    return {
        "hr_lowest_bpm": [55 + v for v in noise(nights, seed=seed, sd=2.0)],
        "hrv_avg_ms": [42 * math.exp(v) for v in noise(nights, seed=seed + 1000, sd=0.14)],
        "breath_avg_per_min": [15 + v for v in noise(nights, seed=seed + 2000, sd=0.45)],
        "temperature_deviation_c": noise(nights, seed=seed + 3000, sd=0.18),
    }


def fever(lists, start, nights=5, strength=1.0):
    """Plant an illness into vitals."""
    for n in range(start, start + nights):
        if lists["hr_lowest_bpm"][n] is not None:
            lists["hr_lowest_bpm"][n] += 8 * strength
            lists["hrv_avg_ms"][n] *= math.exp(-0.4 * strength)
            lists["breath_avg_per_min"][n] += 2 * strength
            lists["temperature_deviation_c"][n] += 0.9 * strength
    return lists


def as_series(lists):
    """The lists as the analytics take them."""
    return {metric: series(lists[metric]) for metric in VITALS if metric in lists}
