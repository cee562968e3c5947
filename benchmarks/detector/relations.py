"""Relations of drivers and metrics: how often nothing is called something, and what is found."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from annulet.analytics.relations import judge_together
from annulet.toolkit.effect_drivers import driver_named, relations_to
from annulet.toolkit.metrics import DEFAULT_METRICS, METRICS
from annulet.toolkit.reading.history import History
from benchmarks.detector import estimates
from benchmarks.detector.estimates import Estimate
from benchmarks.detector.subjects import Subject

__all__ = ["NULL_DRIVERS", "WINDOWS", "called", "false_answers", "power"]

WINDOWS = (60, 180)
NULL_DRIVERS = {"steps": 0, "stress_high_min": 0, "total_sleep_min": 1, "bedtime": 1}
"""Drivers, and after how many days they do nothing to any metric of either generator."""
REAL = {"steps": {"readiness_score", "activity_score"}}
"""Metrics that a driver does move: the scores hold the steps of the days before."""

_CALLED = {"higher", "lower"}


def called(subject: Subject, name: str, lag_days: int, days: int) -> set[str]:
    """The metrics of an answer about a driver that are called, of the default nine."""
    first = subject.last - days + 1
    series = {metric: s.between(first, subject.last) for metric, s in subject.series.items()}
    history = History(series, {}, (), date.fromordinal(subject.last))
    driver = driver_named(name, subject.last)
    metrics = [METRICS[metric] for metric in DEFAULT_METRICS if metric not in REAL.get(name, ())]
    ill = history.explained().ill
    judged = judge_together(relations_to(driver, metrics, history, lag_days, ill))
    return {metric for metric, relation in judged.items() if relation.verdict in _CALLED}


def false_answers(subjects: Iterable[Subject], days: int) -> dict[str, Estimate]:
    """By driver, and over all: the share of answers that call a metric that nothing moves."""
    group = list(subjects)
    counts: dict[str, list[bool]] = {}
    for name, lag_days in NULL_DRIVERS.items():
        column = "bedtime_min_from_midnight" if name == "bedtime" else name
        counts[name] = [
            bool(called(subject, name, lag_days, days))
            for subject in group
            if column in subject.series
        ]
    counts["all"] = [answer for answers in counts.values() for answer in answers]
    return {name: estimates.share(sum(a), len(a)) for name, a in counts.items() if a}


def power(subjects: Iterable[Subject], days: int, name: str, lag: int, metric: str) -> Estimate:
    """The share of answers that call a metric that a driver does move."""
    answers = [metric in called(subject, name, lag, days) for subject in subjects]
    return estimates.share(sum(answers), len(answers))
