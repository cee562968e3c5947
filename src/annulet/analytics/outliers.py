"""Single metrics far from their usual, and what could not be judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from annulet.analytics.baseline import MIN_NIGHTS, Score
from annulet.analytics.episodes import Level
from annulet.analytics.traits import VITALS, Traits, traits_of


@dataclass(frozen=True, slots=True)
class Outlier:
    """One metric far from its usual on one night.

    Attributes:
        metric: Name of the metric.
        score: The night as judged.
    """

    metric: str
    score: Score


@dataclass(frozen=True, slots=True)
class Unjudged:
    """Something that could not be evaluated.

    Attributes:
        subject: A metric, or ``body_signal``.
        nights: Measured nights there are.
        needed: Measured nights still missing before it can be.
    """

    subject: str
    nights: int
    needed: int


def find_outliers(
    scores: Mapping[str, Mapping[int, Score]],
    metrics: Sequence[str],
    first: int,
    inside: frozenset[int],
    level: Level,
) -> tuple[Outlier, ...]:
    """Single metrics far from their usual since a day, outside of stretches, farthest first."""
    outliers = [
        Outlier(metric, score)
        for metric in metrics
        for day, score in scores[metric].items()
        if day >= first and day not in inside and score.z is not None
        if abs(score.z) >= level.single
    ]
    return tuple(sorted(outliers, key=lambda o: (-abs(o.score.z or 0.0), o.score.day, o.metric)))


def find_unjudged(
    scores: Mapping[str, Mapping[int, Score]], metrics: Sequence[str], *, judged_any: bool
) -> tuple[Unjudged, ...]:
    """What could not be evaluated, and how many nights it still needs."""
    missing = []
    if not judged_any:
        nights = sorted(len(scores[m]) for m in VITALS)[-2]
        missing.append(Unjudged("body_signal", nights, max(MIN_NIGHTS + 1 - nights, 1)))
    for metric in metrics:
        nights = len(scores[metric])
        if not any(score.z is not None for score in scores[metric].values()):
            least = _least(traits_of(metric))
            missing.append(Unjudged(metric, nights, max(least + 1 - nights, 1)))
    return tuple(missing)


def _least(traits: Traits) -> int:
    return MIN_NIGHTS if traits.typical_sd is not None else 2 * MIN_NIGHTS
