"""From a draft to what a ring would report: natural units, roundings, limits, gaps as None."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.second_population.draft import Draft
from benchmarks.second_population.metrics import (
    BEDTIME,
    BREATH,
    DAILY,
    DEEP,
    EFFICIENCY,
    HR,
    HRV,
    LATENCY,
    METRICS,
    NIGHTLY,
    REM,
    SCORES,
    SLEEP,
    TEMPERATURE,
)
from benchmarks.second_population.noise import Values
from benchmarks.second_population.scores import add_scores

# A sleep belongs to the day of its end plus six hours, so it must end before 18:00.
LATEST_WAKING_MIN = 1075
DEEPEST, MOST_REM = 0.45, 0.45
ALONE = (HR, HRV, BREATH, TEMPERATURE)


@dataclass(frozen=True, slots=True)
class Gaps:
    """Which nights are missing: single ones, runs and holidays (runs a year, nights a run).

    On a share ``day_kept`` of single missing nights the day itself was measured. ``one_metric`` is
    the chance that a single vital of a recorded night is missing.
    """

    single: float = 0.04
    runs_a_year: float = 1.0
    run: tuple[int, int] = (2, 5)
    holidays_a_year: float = 0.0
    holiday: tuple[int, int] = (9, 18)
    day_kept: float = 0.5
    one_metric: float = 0.004


def published_values(draft: Draft, rounding: dict[str, float]) -> dict[str, Values]:
    """Rounds to the metrics' steps, keeps to what is possible, and adds the scores."""
    values: dict[str, Values] = {}
    for name, metric in METRICS.items():
        raw = draft.values[name]
        natural = np.exp(raw) if metric.scale == "log" else raw
        step = rounding.get(name, metric.rounding)
        limited = np.clip(natural, metric.low, metric.high)
        values[name] = np.round(np.round(limited / step) * step, 4)
    fit_together(values)
    add_scores(values, draft.base, draft.seed.stream("scores"))
    return values


def fit_together(values: dict[str, Values]) -> None:
    """Keeps stages within sleep, falling asleep within the time awake, and waking before 18:00."""
    sleep = values[SLEEP]
    values[DEEP] = np.minimum(values[DEEP], np.floor(sleep * DEEPEST))
    values[REM] = np.minimum(values[REM], np.floor(sleep * MOST_REM))
    in_bed = np.round(sleep * 2 * 100 / values[EFFICIENCY]) / 2
    values[LATENCY] = np.minimum(values[LATENCY], np.floor(in_bed - sleep))
    values[BEDTIME] = np.minimum(values[BEDTIME], np.floor(LATEST_WAKING_MIN - in_bed))


def missing_runs(
    nights: int, rate: float, length: tuple[int, int], rng: np.random.Generator
) -> Values:
    """Marks runs of missing nights: each night may begin one, at ``rate`` a year."""
    starts = rng.random(nights) < rate / 365
    lengths = rng.integers(length[0], length[1] + 1, nights)
    missing = np.zeros(nights)
    for night in range(nights):
        if starts[night]:
            missing[night : night + int(lengths[night])] = 1.0
    return missing


def missing_by_metric(draft: Draft, gaps: Gaps) -> dict[str, Values]:
    """Says for every metric and night whether the value is missing (1.0) or there (0.0)."""
    rng = draft.seed.stream("gaps")
    single = (rng.random(draft.nights) < gaps.single).astype(float)
    is_recorded = rng.random(draft.nights) < gaps.day_kept
    runs = missing_runs(draft.nights, gaps.runs_a_year, gaps.run, rng)
    away = missing_runs(draft.nights, gaps.holidays_a_year, gaps.holiday, rng)
    whole = np.maximum(runs, away)
    night = np.maximum(single, whole)
    day = np.maximum(np.where(is_recorded, 0.0, single), whole)
    missing = dict.fromkeys((*NIGHTLY, *SCORES[:2]), night) | dict.fromkeys(DAILY, day)
    for name in ALONE:
        alone = (rng.random(draft.nights) < gaps.one_metric).astype(float)
        missing[name] = np.maximum(missing[name], alone)
    return missing


def publish(draft: Draft, gaps: Gaps, rounding: dict[str, float]) -> dict[str, list[float | None]]:
    """Gives the person's nights: one list a metric, None where nothing was measured."""
    values = published_values(draft, rounding)
    missing = missing_by_metric(draft, gaps)
    return {
        name: [
            None if gone else value
            for value, gone in zip(values[name].tolist(), missing[name].tolist(), strict=True)
        ]
        for name in values
    }
