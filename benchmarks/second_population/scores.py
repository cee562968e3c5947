"""Scores from the published metrics of a person: plausible sums of our own, not Oura's formulas.

A score follows its metrics, so a change in them is a change in the score. Each score has a small
draw of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from benchmarks.second_population.metrics import (
    ACTIVITY_SCORE,
    DEEP,
    EFFICIENCY,
    HR,
    HRV,
    LATENCY,
    METRICS,
    READINESS_SCORE,
    REM,
    SLEEP,
    SLEEP_SCORE,
    STEPS,
    TEMPERATURE,
)
from benchmarks.second_population.noise import Values

WORST, BEST = 20, 99


def share(values: Values, empty: float, full: float) -> Values:
    """How much of the way from ``empty`` to ``full`` each value is, between 0 and 1."""
    return np.clip((values - empty) / (full - empty), 0.0, 1.0)


def sleep_score(values: Mapping[str, Values]) -> Values:
    """Sums duration, deep sleep, REM sleep, efficiency and latency."""
    return (
        26.0
        + 34.0 * share(values[SLEEP], 210, 480)
        + 9.0 * share(values[DEEP], 10, 105)
        + 9.0 * share(values[REM], 20, 130)
        + 14.0 * share(values[EFFICIENCY], 62, 97)
        + 7.0 * share(-values[LATENCY], -50, -4)
    )


def readiness_score(values: Mapping[str, Values], base: Mapping[str, float]) -> Values:
    """Holds the vitals and sleep of the night, and the steps before it, against the usual ones."""
    heart_rate = (values[HR] - base[HR]) / METRICS[HR].night_sd
    hrv = (np.log(values[HRV]) - base[HRV]) / METRICS[HRV].night_sd
    warm = np.maximum(values[TEMPERATURE] / METRICS[TEMPERATURE].night_sd, 0.0)
    sleep = (values[SLEEP] - base[SLEEP]) / METRICS[SLEEP].night_sd
    activity = (np.log(values[STEPS] + 1.0) - base[STEPS]) / METRICS[STEPS].night_sd
    before = np.concatenate((np.zeros(1), activity[:-1]))
    return 80.0 - 2.8 * heart_rate + 1.8 * hrv - 1.6 * warm + 2.4 * sleep - 0.7 * before


def activity_score(values: Mapping[str, Values]) -> Values:
    """Sums the day's steps and the mean of the last seven days."""
    steps = values[STEPS]
    counts = steps.tolist()
    week = np.array([sum(counts[max(0, day - 6) : day + 1]) for day in range(len(counts))])
    days = np.minimum(np.arange(1, len(steps) + 1), 7)
    return 46.0 + 27.0 * share(steps, 1500, 13000) + 24.0 * share(week / days, 2500, 11000)


def add_scores(
    values: dict[str, Values], base: Mapping[str, float], rng: np.random.Generator
) -> None:
    """Adds the three scores to the published values, in whole points."""
    own = rng.standard_normal((len(values[HR]), 3))
    scores = {
        SLEEP_SCORE: sleep_score(values) + 1.5 * own[:, 0],
        READINESS_SCORE: readiness_score(values, base) + 2.0 * own[:, 1],
        ACTIVITY_SCORE: activity_score(values) + 1.5 * own[:, 2],
    }
    for name, raw in scores.items():
        values[name] = np.clip(np.round(raw), WORST, BEST)
