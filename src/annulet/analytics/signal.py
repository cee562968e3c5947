"""The body signal: resting heart rate, breathing and temperature up, HRV down, on one night.

Each of the four is judged against its own baseline; the directed scores are added and divided by
the spread that such a sum has on ordinary nights, on which the four move together a little.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from annulet.analytics.baseline import Baseline, Score, Shift
from annulet.analytics.series import Series
from annulet.analytics.traits import TRAITS, VITALS

_CLIP = 5.0
_FEWEST = 2
# How directed scores of two vitals move together on ordinary nights (in simulated people).
_TOGETHER = {
    frozenset({"hr_lowest_bpm", "hrv_avg_ms"}): 0.51,
    frozenset({"hr_lowest_bpm", "breath_avg_per_min"}): 0.29,
    frozenset({"hr_lowest_bpm", "temperature_deviation_c"}): 0.30,
    frozenset({"hrv_avg_ms", "breath_avg_per_min"}): 0.19,
    frozenset({"hrv_avg_ms", "temperature_deviation_c"}): 0.18,
    frozenset({"breath_avg_per_min", "temperature_deviation_c"}): 0.22,
}
# Two nights in a row this high are strain, not custom: the second teaches no baseline. For twelve
# nights after, a new level of one metric needs more evidence than usual.
_STRAIN = 2.0
_STRAIN_MEMORY = 12
# Holding such nights out makes scales a little small; this brings the sum back to its spread.
_WIDEN = 1.04


class SignalNight(NamedTuple):
    """The body signal of one night.

    Attributes:
        day: Ordinal of the night.
        signal: The directed sum; None where fewer than two vitals could be judged.
        scores: The judged vitals of the night by metric.
    """

    day: int
    signal: float | None
    scores: dict[str, Score]


class Walk(NamedTuple):
    """All nights of a person's vitals, judged in order.

    Attributes:
        nights: Every night on which at least one vital was measured.
        shifts: New levels by metric.
    """

    nights: list[SignalNight]
    shifts: dict[str, list[Shift]]


def body_signal(z: Mapping[str, float]) -> float | None:
    """Add the directed scores of the vitals; None with fewer than two of the four."""
    used = [metric for metric in VITALS if metric in z]
    if len(used) < _FEWEST:
        return None
    total = sum(TRAITS[m].direction * max(-_CLIP, min(_CLIP, z[m])) for m in used)
    return total / _SPREAD[tuple(used)]


def walk(
    vitals: Mapping[str, Series], patterns: Mapping[str, Mapping[int, float]] | None = None
) -> Walk:
    """Judge the nights of the four vitals together, each night against those before it.

    Args:
        vitals: Series by metric.
        patterns: What is known to explain a vital on each of its days, by metric.
    """
    used = [metric for metric in VITALS if len(vitals.get(metric, Series()))]
    baselines = {metric: Baseline(TRAITS[metric]) for metric in used}
    values = {m: dict(zip(vitals[m].days, vitals[m].values, strict=True)) for m in used}
    explained = patterns or {}
    nights: list[SignalNight] = []
    shifts: dict[str, list[Shift]] = {metric: [] for metric in used}
    before, since_strain = 0.0, _STRAIN_MEMORY
    for day in sorted(set().union(*(vitals[m].days for m in used))):
        scores = {}
        for metric in used:
            value = values[metric].get(day)
            if value is None:
                continue
            offset = explained[metric][day] if metric in explained else 0.0
            score = baselines[metric].score(day, value, offset)
            if score is not None:
                scores[metric] = score
        signal = body_signal({m: s.z for m, s in scores.items() if s.z is not None})
        nights.append(SignalNight(day, signal, scores))
        high = min(before, signal or 0.0) >= _STRAIN
        before, since_strain = signal or 0.0, 0 if high else since_strain + 1
        for metric, score in scores.items():
            strained = since_strain < _STRAIN_MEMORY
            shift = baselines[metric].learn(score, held_out=high, strained=strained)
            if shift is not None:
                shifts[metric].append(shift)
    return Walk(nights, shifts)


def _spread(used: tuple[str, ...]) -> float:
    pairs = sum(_TOGETHER[frozenset({a, b})] for i, a in enumerate(used) for b in used[i + 1 :])
    return _WIDEN * math.sqrt(len(used) + 2.0 * pairs)


def _subsets() -> list[tuple[str, ...]]:
    chosen: list[tuple[str, ...]] = [()]
    for metric in VITALS:
        chosen += [(*subset, metric) for subset in chosen]
    return chosen


_SPREAD = {subset: _spread(subset) for subset in _subsets()}
