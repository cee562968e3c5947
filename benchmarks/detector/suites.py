"""The questions put to the detectors: the main population and the cases that are hard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.random import Generator

from annulet.analytics.effects import effects
from annulet.analytics.episodes import LEVELS, alerts
from annulet.analytics.series import Series
from annulet.analytics.signal import walk
from annulet.analytics.traits import TRAITS, traits_of
from annulet.analytics.trends import trend
from benchmarks.detector.detectors import FIRST_DAY, vitals
from benchmarks.detector.population import (
    BURN_IN,
    METRICS,
    SCALE,
    Event,
    Person,
    Scenario,
    simulate,
)

__all__ = [
    "Shifted",
    "false_effects",
    "false_trends",
    "level_shift",
    "medium_alerts",
    "population",
    "second_illness",
    "second_illness_recall",
    "spurious_levels",
    "z_rates",
]

_FIRST_FEVER = Event("fever", 150, 6)
_SECOND_FEVER = Event("fever", 168, 6)
_AR_PHI = 0.35


@dataclass(frozen=True, slots=True)
class Shifted:
    """What happened after resting heart rate rose for good.

    Attributes:
        noticed: Share of people whose new level was recognised within 45 nights.
        median_night: Median night on which it was.
        alert_nights: Mean nights with a signal of 2 or more in those 45.
    """

    noticed: float
    median_night: float
    alert_nights: float


def population(users: int, seeds: Sequence[int], **scenario: object) -> list[Person]:
    """People of several draws, 420 nights each."""
    chosen = Scenario(**scenario)  # type: ignore[arg-type]
    return [person for seed in seeds for person in simulate(users, 420, seed, chosen)]


def second_illness(users: int, seeds: Sequence[int]) -> list[Person]:
    """People with two fevers, the second beginning twelve nights after the first has ended."""
    scenario = Scenario(rates={}, planted=(_FIRST_FEVER, _SECOND_FEVER))
    return [person for seed in seeds for person in simulate(users, 300, seed, scenario)]


def second_illness_recall(scores: Sequence[np.ndarray], threshold: float) -> tuple[float, float]:
    """Share of first and of second fevers whose alert begins inside them."""
    found = np.zeros(2)
    for score in scores:
        alert = np.nan_to_num(score, nan=-np.inf) >= threshold
        rise = alert.copy()
        rise[1:] &= ~alert[:-1]
        rise[2:] &= ~alert[:-2]
        for place, event in enumerate((_FIRST_FEVER, _SECOND_FEVER)):
            found[place] += rise[event.start : event.start + event.nights + 1].any()
    return float(found[0] / len(scores)), float(found[1] / len(scores))


def medium_alerts(people: Sequence[Person], level: str = "medium") -> list[np.ndarray]:
    """Alert nights of the product as shipped."""
    answers = []
    for person in people:
        nights = walk(vitals(person)).nights
        alert = np.zeros(len(person.values), bool)
        alert[[nights[i].day - FIRST_DAY for i in alerts(nights, LEVELS[level])]] = True
        answers.append(alert)
    return answers


def z_rates(people: Sequence[Person], beyond: float = 2.0) -> dict[str, float]:
    """How often ordinary nights lie beyond so many scales, by nights of history."""
    bands = {"7-13": (7, 13), "14-27": (14, 27), "28-59": (28, 59), "60": (60, 60)}
    counts = {name: [0, 0] for name in bands}
    for person in people:
        for night in walk(vitals(person)).nights:
            for score in night.scores.values():
                if score.z is None:
                    continue
                for name, (low, high) in bands.items():
                    if low <= score.n <= high:
                        counts[name][0] += abs(score.z) >= beyond
                        counts[name][1] += 1
    total = [sum(c[0] for c in counts.values()), sum(c[1] for c in counts.values())]
    return {name: a / max(b, 1) for name, (a, b) in {**counts, "all": total}.items()}


def level_shift(users: int, seed: int) -> Shifted:
    """Resting heart rate rises by six beats for good on night 150."""
    people = simulate(users, 300, seed, Scenario(rates={}, level_shift=(150, 6.0)))
    noticed, alert_nights = [], 0
    for person in people:
        judged = walk(vitals(person))
        nights = [
            shift.noticed.toordinal() - FIRST_DAY - 150 for shift in judged.shifts["hr_lowest_bpm"]
        ]
        inside = [n for n in nights if 0 <= n < 45]
        noticed += inside[:1]
        alert_nights += sum(
            1 for n in judged.nights if 0 <= n.day - FIRST_DAY - 150 < 45 and (n.signal or 0) >= 2
        )
    median = float(np.median(noticed)) if noticed else float("nan")
    return Shifted(len(noticed) / users, median, alert_nights / users)


def spurious_levels(people: Sequence[Person]) -> float:
    """New levels of resting heart rate per year where nothing happened."""
    shifts = sum(len(walk(vitals(person)).shifts["hr_lowest_bpm"]) for person in people)
    return shifts / (sum(len(p.values) for p in people) / 365)


def false_trends(series: int, seed: int, length: int, phi: float = _AR_PHI) -> float:
    """Share of trendless series that are called rising or falling."""
    rng = np.random.default_rng(seed)
    end = date.fromordinal(FIRST_DAY + 239)
    called = 0
    for _ in range(series):
        values = np.round(56 + 2 * _autoregressive(rng, 240, phi))
        kept = np.flatnonzero(rng.random(240) >= 0.08)
        data = Series(
            tuple(int(FIRST_DAY + t) for t in kept), tuple(float(values[t]) for t in kept)
        )
        found = trend(data, TRAITS["hr_lowest_bpm"], end=end, length=length)
        called += found.direction in {"rising", "falling"}
    return called / series


def false_effects(people: Sequence[Person], tags: int, seed: int) -> tuple[float, float]:
    """Tags without any effect, drawn towards weekends, on nine metrics.

    Returns:
        The share of tag-metric pairs called a difference, and of tags with any such pair.
    """
    rng = np.random.default_rng(seed)
    pairs = false_pairs = false_tags = asked = 0
    for person in people:
        data = _all_metrics(person)
        weight = np.where(np.arange(180) % 7 < 2, 4.0, 1.0)
        for _ in range(tags):
            count = int(rng.integers(5, 40))
            drawn = rng.choice(180, count, replace=False, p=weight / weight.sum())
            nights = frozenset(int(FIRST_DAY + BURN_IN + t) for t in drawn)
            found = effects(data, nights)
            wrong = sum(one.verdict in {"higher", "lower"} for one in found.values())
            pairs += len(found)
            false_pairs += wrong
            false_tags += wrong > 0
            asked += 1
    return false_pairs / pairs, false_tags / asked


def _all_metrics(person: Person) -> dict[str, tuple[Series, object]]:
    data = {}
    for column, metric in enumerate(METRICS):
        x = person.values[BURN_IN : BURN_IN + 180, column]
        kept = np.flatnonzero(~np.isnan(x))
        values = np.exp(x[kept]) if metric == "hrv_avg_ms" else x[kept] * SCALE[column]
        days = tuple(int(FIRST_DAY + BURN_IN + t) for t in kept)
        data[metric] = (Series(days, tuple(float(v) for v in values)), traits_of(metric))
    return data


def _autoregressive(rng: Generator, nights: int, phi: float) -> np.ndarray:
    e = rng.standard_t(6, nights) * np.sqrt(4 / 6)
    out = np.empty(nights)
    out[0] = e[0]
    for i in range(1, nights):
        out[i] = phi * out[i - 1] + np.sqrt(1 - phi**2) * e[i]
    return out
