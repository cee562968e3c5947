"""What moved in an episode of the body signal, and what did not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from annulet.analytics.anomalies import Findings
from annulet.analytics.baseline import Score
from annulet.analytics.episodes import Episode, chance_per_30
from annulet.analytics.traits import TRAITS, VITALS, traits_of

__all__ = ["EpisodeDetails", "Excursion", "read_details"]

_CLEAR_Z: Final = 1.5
_UNMOVED_Z: Final = 1.0
_FEWEST: Final = 2
_SELDOM: Final = 100


@dataclass(frozen=True, slots=True)
class Excursion:
    """One metric on the night of an episode on which it was furthest from its usual.

    Attributes:
        metric: Its name.
        score: The night as judged.
    """

    metric: str
    score: Score

    @property
    def z(self) -> float:
        """How far it was from its usual, in units of the usual spread."""
        return self.score.z or 0.0

    @property
    def strain(self) -> float:
        """How far it moved the way strain moves it."""
        return TRAITS[self.metric].direction * self.z

    @property
    def value(self) -> float:
        """What was measured."""
        return self.score.value

    @property
    def expected(self) -> float:
        """What is usual."""
        return traits_of(self.metric).natural(self.score.expected)

    @property
    def usual(self) -> tuple[float, float]:
        """The usual range: about two nights in three."""
        traits, score = traits_of(self.metric), self.score
        return (
            traits.natural(score.expected - score.scale),
            traits.natural(score.expected + score.scale),
        )

    @property
    def direction(self) -> Literal["up", "down"]:
        """Whether it rose or fell."""
        return "up" if self.z >= 0 else "down"


@dataclass(frozen=True, slots=True)
class EpisodeDetails:
    """An episode with its metrics, by what they did.

    Attributes:
        episode: The episode.
        moved: Vitals that moved the way strain moves them, strongest first.
        also: Other metrics that stood out on its nights, strongest first.
        still: Metrics that did not move.
        absent: Vitals that could not be judged.
    """

    episode: Episode
    moved: tuple[Excursion, ...]
    also: tuple[Excursion, ...]
    still: tuple[str, ...]
    absent: tuple[str, ...]

    @property
    def all(self) -> tuple[Excursion, ...]:
        """Everything that moved, the vitals first."""
        return (*self.moved, *self.also)

    @property
    def measured(self) -> tuple[Excursion, ...]:
        """What moved, without scores: they follow from the rest."""
        return tuple(moved for moved in self.all if not moved.metric.endswith("_score"))

    @property
    def is_clear(self) -> bool:
        """Whether chance rarely does the like: what it often does needs no explanation."""
        return chance_per_30(self.episode.signal) * _SELDOM <= 30  # noqa: PLR2004 - nights


def read_details(episode: Episode, findings: Findings, metrics: Sequence[str]) -> EpisodeDetails:
    """Sort out what moved with an episode and what did not.

    Args:
        episode: The episode.
        findings: The scores of every judged night.
        metrics: Names of the metrics that were asked for.
    """
    extremes = {
        metric: extreme
        for metric in dict.fromkeys((*VITALS, *metrics))
        if (extreme := _extreme(episode, findings, metric)) is not None
    }
    vitals = [extremes[metric] for metric in VITALS if metric in extremes]
    others = [extreme for metric, extreme in extremes.items() if metric not in VITALS]
    ranked = sorted(vitals, key=lambda vital: -vital.strain)
    clear = [vital for vital in ranked if vital.strain >= _CLEAR_Z]
    moved = clear if len(clear) >= _FEWEST else ranked[:_FEWEST]
    also = sorted((e for e in others if abs(e.z) >= _CLEAR_Z), key=lambda extreme: -abs(extreme.z))
    still = [
        extreme.metric
        for extreme in (*vitals, *others)
        if extreme not in moved and extreme not in also
        if abs(extreme.z) < _UNMOVED_Z or extreme.metric not in VITALS
    ]
    # Scores follow from the rest: what was measured tells more.
    still.sort(key=lambda metric: metric.endswith("_score"))
    absent = tuple(metric for metric in VITALS if metric not in extremes)
    return EpisodeDetails(episode, tuple(moved), tuple(also), tuple(still), absent)


def _extreme(episode: Episode, findings: Findings, metric: str) -> Excursion | None:
    """The judged night of an episode on which a metric was furthest from its usual."""
    scores = findings.scores.get(metric, {})
    direction = TRAITS[metric].direction if metric in VITALS else 0
    judged = [
        (score.z * direction if direction else abs(score.z), score)
        for night in episode.nights
        if (score := scores.get(night.day)) is not None and score.z is not None
    ]
    return Excursion(metric, max(judged, key=lambda pair: pair[0])[1]) if judged else None
