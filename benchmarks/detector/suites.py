"""The questions put to the detectors: the main population and the cases that are hard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.random import Generator

from annulet.analytics.episodes import LEVELS, alerts
from annulet.analytics.metric_trend import describe_trend
from annulet.analytics.series import Series
from annulet.analytics.signal import Walk, walk
from annulet.analytics.tag_effects import tag_effects
from annulet.analytics.traits import TRAITS, traits_of
from benchmarks.detector import estimates
from benchmarks.detector.detectors import FIRST_DAY, metric_series, signal_by_night, vitals
from benchmarks.detector.estimates import Estimate
from benchmarks.detector.population import BURN_IN, METRICS, Event, Person, Scenario, simulate
from benchmarks.detector.scoring import alert_starts

__all__ = [
    "Shifted",
    "false_effects",
    "false_trends",
    "judge",
    "level_alerts",
    "level_shift",
    "population",
    "second_illness",
    "second_illness_recall",
    "signals",
    "spurious_levels",
    "z_rates",
]

_FIRST_FEVER = Event("fever", 150, 6)
_SECOND_FEVER = Event("fever", 168, 6)
_AR_PHI = 0.35
_HISTORY = {"7-13": (7, 13), "14-27": (14, 27), "28-59": (28, 59), "60": (60, 60)}


@dataclass(frozen=True, slots=True)
class Shifted:
    """What happened after resting heart rate rose for good.

    Attributes:
        noticed: Share of people whose new level was recognised within 45 nights.
        median_night: Median night on which it was.
        alert_nights: Mean nights with a signal of 2 or more in those 45.
    """

    noticed: Estimate
    median_night: float
    alert_nights: Estimate


def population(users: int, seeds: Sequence[int], **scenario: object) -> list[Person]:
    """Draw people of several seeds, 420 nights each."""
    chosen = Scenario(**scenario)  # type: ignore[arg-type]
    return [person for seed in seeds for person in simulate(users, 420, seed, chosen)]


def second_illness(users: int, seeds: Sequence[int]) -> list[Person]:
    """Draw people with two fevers, the second twelve nights after the first has ended."""
    scenario = Scenario(rates={}, planted=(_FIRST_FEVER, _SECOND_FEVER))
    return [person for seed in seeds for person in simulate(users, 300, seed, scenario)]


def judge(people: Sequence[Person]) -> list[Walk]:
    """Judge all nights of each person as the product does."""
    return [walk(vitals(person)) for person in people]


def signals(people: Sequence[Person], judged: Sequence[Walk]) -> list[np.ndarray]:
    """Return the body signal of every night of each person."""
    return [signal_by_night(p, nights) for p, nights in zip(people, judged, strict=True)]


def second_illness_recall(
    scores: Sequence[np.ndarray], threshold: float
) -> tuple[Estimate, Estimate]:
    """Estimate the share of first and of second fevers whose alert begins inside them."""
    detected = np.zeros(2)
    for score in scores:
        starts = alert_starts(np.nan_to_num(score, nan=-np.inf) >= threshold)
        for place, event in enumerate((_FIRST_FEVER, _SECOND_FEVER)):
            detected[place] += starts[event.start : event.start + event.nights + 1].any()
    first, second = (estimates.share(count, len(scores)) for count in detected)
    return first, second


def level_alerts(people: Sequence[Person], judged: Sequence[Walk], level: str) -> list[np.ndarray]:
    """Return the alert nights of the product at one of its levels."""
    masks = []
    for person, (nights, _) in zip(people, judged, strict=True):
        mask = np.zeros(len(person.values), bool)
        mask[[nights[i].day - FIRST_DAY for i in alerts(nights, LEVELS[level])]] = True
        masks.append(mask)
    return masks


def z_rates(judged: Sequence[Walk], beyond: float = 2.0) -> dict[str, Estimate]:
    """Estimate how often ordinary values lie beyond so many scales, by nights of history."""
    counts = {name: np.zeros((2, len(judged))) for name in (*_HISTORY, "all")}
    for place, person in enumerate(judged):
        for night in person.nights:
            for score in night.scores.values():
                if score.z is not None:
                    for name in (_history(score.n), "all"):
                        counts[name][:, place] += abs(score.z) >= beyond, 1
    return {name: estimates.rate(*count, per=1) for name, count in counts.items()}


def _history(nights: int) -> str:
    return next(name for name, (low, high) in _HISTORY.items() if low <= nights <= high)


def level_shift(users: int, seed: int) -> Shifted:
    """Raise resting heart rate by six beats for good on night 150, and see what happens."""
    judged = judge(simulate(users, 300, seed, Scenario(rates={}, level_shift=(150, 6.0))))
    noticed, alert_nights = [], []
    for nights, shifts in judged:
        after = [s.noticed.toordinal() - FIRST_DAY - 150 for s in shifts["hr_lowest_bpm"]]
        noticed += [night for night in after if 0 <= night < 45][:1]
        recent = [night for night in nights if 0 <= night.day - FIRST_DAY - 150 < 45]
        alert_nights.append(sum((night.signal or 0) >= 2 for night in recent))
    median = float(np.median(noticed)) if noticed else float("nan")
    return Shifted(estimates.share(len(noticed), users), median, estimates.mean(alert_nights))


def spurious_levels(people: Sequence[Person], judged: Sequence[Walk]) -> Estimate:
    """Estimate new levels of resting heart rate a year where nothing happened."""
    shifts = [len(person.shifts["hr_lowest_bpm"]) for person in judged]
    return estimates.rate(shifts, [len(person.values) for person in people], per=365)


def false_trends(series: int, seed: int, length: int, phi: float = _AR_PHI) -> Estimate:
    """Estimate the share of trendless series that are called rising or falling."""
    rng = np.random.default_rng(seed)
    end = date.fromordinal(FIRST_DAY + 239)
    called = 0
    for _ in range(series):
        values = np.round(56 + 2 * _autoregressive(rng, 240, phi))
        measured = np.flatnonzero(rng.random(240) >= 0.08)
        data = Series(
            tuple(int(FIRST_DAY + night) for night in measured),
            tuple(float(values[night]) for night in measured),
        )
        result = describe_trend(data, TRAITS["hr_lowest_bpm"], end=end, length=length)
        called += result.direction in {"rising", "falling"}
    return estimates.share(called, series)


def false_effects(people: Sequence[Person], tags: int, seed: int) -> tuple[Estimate, Estimate]:
    """Draw tags without any effect towards weekends and compare nine metrics with and without.

    Returns:
        The share of tag-metric pairs called a difference, its interval over tags, and the share of
        tags with any such pair.
    """
    rng = np.random.default_rng(seed)
    called, compared = [], []
    weight = np.where(np.arange(180) % 7 < 2, 4.0, 1.0)
    for person in people:
        nights = slice(BURN_IN, BURN_IN + 180)
        data = {
            metric: (metric_series(person, column, nights), traits_of(metric))
            for column, metric in enumerate(METRICS)
        }
        for _ in range(tags):
            count = int(rng.integers(5, 40))
            drawn = rng.choice(180, count, replace=False, p=weight / weight.sum())
            nights = frozenset(int(FIRST_DAY + BURN_IN + t) for t in drawn)
            results = tag_effects(data, nights).effects
            called.append(sum(r.verdict in {"higher", "lower"} for r in results.values()))
            compared.append(len(results))
    tagged = estimates.share(sum(count > 0 for count in called), len(called))
    return estimates.rate(called, compared, per=1), tagged


def _autoregressive(rng: Generator, nights: int, phi: float) -> np.ndarray:
    e = rng.standard_t(6, nights) * np.sqrt(4 / 6)
    values = np.empty(nights)
    values[0] = e[0]
    for i in range(1, nights):
        values[i] = phi * values[i - 1] + np.sqrt(1 - phi**2) * e[i]
    return values
