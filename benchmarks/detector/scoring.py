"""Strict scoring: an event counts only when the alert begins inside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.detector.population import BURN_IN, Person

__all__ = ["Outcome", "evaluate", "matched"]

KINDS = ("fever", "alcohol", "travel", "load")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a detector did on a population.

    Attributes:
        false_nights: False-alert nights per 30 clear nights.
        false_episodes: False alerts that began, per 30 clear nights.
        spread: 10 %, 50 % and 90 % of false nights over people.
        recall: Share of events found, by kind.
        delay: Mean nights from an event's start to its alert, by kind.
        precision: Events found among all alerts that began.
        threshold: The threshold that was used.
    """

    false_nights: float
    false_episodes: float
    spread: tuple[float, float, float]
    recall: dict[str, float]
    delay: dict[str, float]
    precision: float
    threshold: float


def evaluate(people: Sequence[Person], alerts: Sequence[np.ndarray], threshold: float) -> Outcome:
    """Score boolean alert nights of each person against what happened to them."""
    false = np.zeros(len(people))
    clear = np.zeros(len(people))
    rises_false = 0
    found = dict.fromkeys(KINDS, 0)
    seen = dict.fromkeys(KINDS, 0)
    delays: dict[str, list[int]] = {kind: [] for kind in KINDS}
    for i, (person, alert) in enumerate(zip(people, alerts, strict=True)):
        nights = len(alert)
        alert = alert & (np.arange(nights) >= BURN_IN)  # noqa: PLW2901 - burn-in is silent
        rise = alert.copy()
        rise[1:] &= ~alert[:-1]
        rise[2:] &= ~alert[:-2]
        quiet = person.valid & (np.arange(nights) >= BURN_IN)
        for event in person.events:
            last = min(event.start + event.nights, nights - 1)
            quiet[event.start : last + 2] = False
            if event.start < BURN_IN:
                continue
            seen[event.kind] += 1
            inside = np.flatnonzero(rise[event.start : last + 1])
            if len(inside):
                found[event.kind] += 1
                delays[event.kind].append(int(inside[0]))
        false[i] = (alert & quiet).sum()
        clear[i] = quiet.sum()
        rises_false += int((rise & quiet).sum())
    total_found = sum(found.values())
    per_person = 30 * false / np.maximum(clear, 1)
    return Outcome(
        false_nights=float(30 * false.sum() / clear.sum()),
        false_episodes=float(30 * rises_false / clear.sum()),
        spread=tuple(float(q) for q in np.quantile(per_person, (0.1, 0.5, 0.9))),
        recall={k: found[k] / seen[k] if seen[k] else float("nan") for k in KINDS},
        delay={k: float(np.mean(d)) if d else float("nan") for k, d in delays.items()},
        precision=total_found / max(total_found + rises_false, 1),
        threshold=threshold,
    )


def matched(
    people: Sequence[Person],
    scores: Sequence[np.ndarray],
    false_nights: float,
    rule: Callable[[np.ndarray, float], np.ndarray] | None = None,
) -> Outcome:
    """Find by bisection the threshold that gives so many false nights per 30, and score it."""
    alert = rule or (lambda score, level: np.nan_to_num(score, nan=-np.inf) >= level)
    low, high = 0.0, 20.0
    for _ in range(30):
        middle = (low + high) / 2
        outcome = evaluate(people, [alert(s, middle) for s in scores], middle)
        if outcome.false_nights > false_nights:
            low = middle
        else:
            high = middle
    return evaluate(people, [alert(s, high) for s in scores], high)
