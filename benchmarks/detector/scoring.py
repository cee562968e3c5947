"""Strict scoring: an event counts only when the alert begins inside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.detector import estimates
from benchmarks.detector.estimates import Estimate
from benchmarks.detector.population import BURN_IN, Person

__all__ = ["Outcome", "alert_starts", "evaluate", "matched"]

KINDS = ("fever", "alcohol", "travel", "load")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a detector did on a population.

    Attributes:
        false_nights: False-alert nights in 30 clear nights.
        false_episodes: False alerts that began, in 30 clear nights.
        recall: Share of events detected, by kind.
        delay: Mean nights from an event's start to its alert, by kind.
        precision: Detected events among all alerts that began.
        threshold: The threshold that was used.
    """

    false_nights: Estimate
    false_episodes: Estimate
    recall: dict[str, Estimate]
    delay: dict[str, Estimate]
    precision: float
    threshold: float


def evaluate(people: Sequence[Person], alerts: Sequence[np.ndarray], threshold: float) -> Outcome:
    """Score boolean alert nights of each person against what happened to them."""
    delays: dict[str, list[int]] = {kind: [] for kind in KINDS}
    planted = dict.fromkeys(KINDS, 0)
    false_nights, false_starts, clear_nights = [], [], []
    for person, all_alerts in zip(people, alerts, strict=True):
        alert = all_alerts.copy()
        alert[:BURN_IN] = False
        starts, clear = alert_starts(alert), clear_mask(person)
        for event in person.events:
            if event.start < BURN_IN:
                continue
            planted[event.kind] += 1
            inside = np.flatnonzero(starts[event.start : event.start + event.nights + 1])
            delays[event.kind] += [int(night) for night in inside[:1]]
        false_nights.append(int((alert & clear).sum()))
        false_starts.append(int((starts & clear).sum()))
        clear_nights.append(int(clear.sum()))
    detected = sum(map(len, delays.values()))
    return Outcome(
        false_nights=estimates.rate(false_nights, clear_nights, 30),
        false_episodes=estimates.rate(false_starts, clear_nights, 30),
        recall={kind: estimates.share(len(delays[kind]), planted[kind]) for kind in KINDS},
        delay={kind: estimates.mean(delays[kind]) for kind in KINDS},
        precision=detected / max(detected + sum(false_starts), 1),
        threshold=threshold,
    )


def alert_starts(alert: np.ndarray) -> np.ndarray:
    """Mark the nights on which an alert begins after two nights without one."""
    starts = alert.copy()
    starts[1:] &= ~alert[:-1]
    starts[2:] &= ~alert[:-2]
    return starts


def clear_mask(person: Person) -> np.ndarray:
    """Mark the measured nights after the burn-in on which nothing happened."""
    clear = person.valid.copy()
    clear[:BURN_IN] = False
    for event in person.events:
        clear[event.start : event.start + event.nights + 2] = False
    return clear


def matched(people: Sequence[Person], scores: Sequence[np.ndarray], false_nights: float) -> Outcome:
    """Score a detector at the lowest threshold with at most so many false nights in 30.

    Scores are rounded first: the last digit of a logarithm differs between processors, and equal
    scores must stay equal.
    """
    rounded = [np.round(np.nan_to_num(score, nan=-np.inf), 9) for score in scores]
    pairs = zip(people, rounded, strict=True)
    clear = np.sort(np.concatenate([score[clear_mask(p)] for p, score in pairs]))[::-1]
    threshold = float(np.nextafter(clear[int(false_nights * len(clear) / 30)], np.inf))
    return evaluate(people, [score >= threshold for score in rounded], threshold)
