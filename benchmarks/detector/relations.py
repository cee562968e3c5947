"""Relations of drivers and metrics: how often nothing is called something, and what is found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import numpy as np

from annulet.analytics.relations import judge_together
from annulet.analytics.series import Series
from annulet.toolkit.effect_drivers import SCANNED_DRIVERS, driver_named, relations_to
from annulet.toolkit.effect_scan import WEEKEND, look_through
from annulet.toolkit.metrics import DEFAULT_METRICS, METRICS
from annulet.toolkit.reading.history import History
from benchmarks.detector import estimates
from benchmarks.detector.estimates import Estimate
from benchmarks.detector.subjects import Subject

NULL_DRIVERS = {"steps": 0, "stress_high_min": 0, "total_sleep_min": 1, "bedtime": 1}
"""Drivers, and after how many days they do nothing to any metric of either generator."""
REAL = {"steps": {"readiness_score", "activity_score"}}
"""Metrics that a driver does move: the scores hold the steps of the days before."""

WORKOUTS = ("workout_count", "workout_min")
"""Drivers that are drawn beside each person, so that they move nothing."""

_CALLED = {"higher", "lower"}
_COLUMNS = {"bedtime": "bedtime_min_from_midnight"}


def called(subject: Subject, drivers: Iterable[tuple[str, int]], days: int) -> list[set[str]]:
    """The metrics that each answer about a driver calls, of the default nine.

    Args:
        subject: The person.
        drivers: Each driver, and the days after it that are asked about.
        days: How many days are read.
    """
    history = _history(subject, days)
    ill = history.explained().ill
    answers = []
    for name, lag_days in drivers:
        driver = driver_named(name, subject.last)
        metrics = [METRICS[m] for m in DEFAULT_METRICS if m not in REAL.get(name, ())]
        judged = judge_together(relations_to(driver, metrics, history, lag_days, ill))
        answers.append({m for m, relation in judged.items() if relation.verdict in _CALLED})
    return answers


def false_answers(subjects: Iterable[Subject], days: int) -> dict[str, Estimate]:
    """By driver: the share of answers that call a metric that nothing moves."""
    counts: dict[str, list[bool]] = {name: [] for name in (*NULL_DRIVERS, *WORKOUTS)}
    for person, alone in enumerate(subjects):
        subject = _with_workouts(alone, days, person)
        asked = {**NULL_DRIVERS, **dict.fromkeys(WORKOUTS, 0)}
        drivers = [(name, lag) for name, lag in asked.items() if _column(name) in subject.series]
        for (name, _), metrics in zip(drivers, called(subject, drivers, days), strict=True):
            counts[name].append(bool(metrics))
    return {name: estimates.share(sum(a), len(a)) for name, a in counts.items() if a}


def false_scans(subjects: Iterable[Subject], days: int) -> Estimate:
    """The false share of what a scan of a day later calls: its false discovery rate.

    Drivers move nothing then, and neither do two events drawn at random, one rare and one on every
    third day. Weekends are judged with them and do differ, so what is called there is true.
    """
    shares = []
    for person, subject in enumerate(subjects):
        draw = np.random.default_rng((subject.last, person))
        asked = np.arange(subject.last - days, subject.last)
        happened = {
            f"tag {name}": frozenset(int(day) for day in asked[draw.random(days) < share])
            for name, share in (("rare", 0.1), ("frequent", 1 / 3))
        }
        drivers = [
            driver_named(name, subject.last) for name in SCANNED_DRIVERS if name in subject.series
        ]
        metrics = [METRICS[name] for name in DEFAULT_METRICS]
        scan = look_through(happened, drivers, metrics, _history(subject, days), lag=1)
        pairs = [key.split("|") for key in scan.called]
        are_false = [what != WEEKEND and m not in REAL.get(what, ()) for what, m in pairs]
        shares.append(sum(are_false) / len(are_false) if are_false else 0.0)
    return estimates.share(sum(shares), len(shares))


def _with_workouts(subject: Subject, days: int, person: int) -> Subject:
    """The person with workouts as people do them: on their weekdays, more in some months."""
    draw = np.random.default_rng((subject.last, days, person))
    asked = range(subject.last - days, subject.last)
    weekdays = draw.normal(0.0, 1.0, 7)
    season = np.cumsum(draw.normal(0.0, 0.15, days))
    form = np.cumsum(draw.normal(0.0, 0.02, days))
    odds = -0.5 + season + weekdays[[day % 7 for day in asked]]
    active = draw.random(days) < 1.0 / (1.0 + np.exp(-odds))
    minutes = np.exp(3.7 + form + draw.normal(0.0, 0.4, days))
    workouts = {
        "workout_count": {day: float(active[n]) for n, day in enumerate(asked)},
        "workout_min": {day: float(minutes[n]) for n, day in enumerate(asked) if active[n]},
    }
    series = {name: Series(tuple(of), tuple(of.values())) for name, of in workouts.items()}
    return replace(subject, series={**subject.series, **series})


def power(subjects: Iterable[Subject], days: int, driver: tuple[str, int], metric: str) -> Estimate:
    """The share of answers that call a metric that a driver does move."""
    answers = [metric in called(subject, [driver], days)[0] for subject in subjects]
    return estimates.share(sum(answers), len(answers))


def _history(subject: Subject, days: int) -> History:
    first = subject.last - days + 1
    series = {metric: s.between(first, subject.last) for metric, s in subject.series.items()}
    return History(series, {}, (), date.fromordinal(subject.last))


def _column(name: str) -> str:
    return _COLUMNS.get(name, name)
