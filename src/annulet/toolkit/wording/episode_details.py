"""What moved in an episode of the body signal, and what did not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from annulet.analytics.baseline import Score
from annulet.analytics.episodes import SignalEpisode
from annulet.analytics.traits import TRAITS, VITALS, traits_of
from annulet.analytics.unusual_nights import UnusualNights

_CLEAR_Z: Final = 1.5
_UNMOVED_Z: Final = 1.0
_FEWEST: Final = 2
# Two of three values of a normal distribution lie within so many SD.
_TWO_IN_THREE: Final = 0.967
_SELDOM: Final = 0.25


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
        # With few nights the middle is not well known, so the range of the next one is wider.
        reach = _TWO_IN_THREE * score.scale * math.sqrt(1.0 + 2.0 / max(score.n, 1))
        return traits.natural(score.expected - reach), traits.natural(score.expected + reach)

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
        chance: The probability that chance makes one as strong in the period.
        judged_nights: Nights of the period that were judged.
    """

    episode: SignalEpisode
    moved: tuple[Excursion, ...]
    also: tuple[Excursion, ...]
    still: tuple[str, ...]
    absent: tuple[str, ...]
    chance: float
    judged_nights: int

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
        """Whether chance rarely makes the like in the period: what it often makes is no news."""
        return self.chance <= _SELDOM


def read_details(
    episode: SignalEpisode, unusual: UnusualNights, metrics: Sequence[str]
) -> EpisodeDetails:
    """Sort out what moved with an episode and what did not.

    Args:
        episode: The episode.
        unusual: The scores of every judged night.
        metrics: Names of the metrics that were asked for.
    """
    extremes = {
        metric: extreme
        for metric in dict.fromkeys((*VITALS, *metrics))
        if (extreme := _extreme(episode, unusual, metric)) is not None
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
    return EpisodeDetails(
        episode,
        tuple(moved),
        tuple(also),
        tuple(still),
        absent,
        unusual.chance(episode),
        unusual.judged_nights,
    )


def _extreme(episode: SignalEpisode, unusual: UnusualNights, metric: str) -> Excursion | None:
    """The judged night of an episode on which a metric was furthest from its usual."""
    scores = unusual.scores.get(metric, {})
    direction = TRAITS[metric].direction if metric in VITALS else 0
    judged = [
        (score.z * direction if direction else abs(score.z), score)
        for night in episode.nights
        if (score := scores.get(night.day)) is not None and score.z is not None
    ]
    return Excursion(metric, max(judged, key=lambda pair: pair[0])[1]) if judged else None
