"""Episodes of the body signal in words a person would use: what moved, how far, how sure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from annulet.analytics.anomalies import Findings
from annulet.analytics.baseline import Score
from annulet.analytics.episodes import Episode, chance_per_30
from annulet.analytics.traits import TRAITS, VITALS, traits_of
from annulet.toolkit.metrics import METRICS
from annulet.toolkit.wording.date_format import date_words, span_words
from annulet.toolkit.wording.number_format import amount, cell, listed, plain, rounded

__all__ = ["CAUTION", "Moved", "Story", "episode_object", "long_words", "short_words", "story"]

CAUTION: Final = "Illness, alcohol, heat, hard training, travel or cycle phase can look like this"
_LONGEST: Final = 200
_CLEAR: Final = 1.5
_UNMOVED: Final = 1.0
_FEWEST: Final = 2
_RAREST: Final = 1000
_SELDOM: Final = 100
_SHORT: Final = {"temperature_deviation_c": "temperature"}


@dataclass(frozen=True, slots=True)
class Moved:
    """One metric on the night of an episode on which it stood out most.

    Attributes:
        metric: Its name.
        score: The night as judged.
    """

    metric: str
    score: Score

    @property
    def z(self) -> float:
        """How far it stood from its usual."""
        return self.score.z or 0.0

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
    def direction(self) -> str:
        """``up`` or ``down``."""
        return "up" if self.z >= 0 else "down"

    def words(self) -> str:
        """The move in words, with its size and where it led."""
        metric = METRICS[self.metric]
        name = _SHORT.get(self.metric, metric.label)
        size = amount(self.value - self.expected, metric, averaged=False)
        said = f"{name} {self.direction} {size}"
        if self.metric in ("hr_lowest_bpm", "hrv_avg_ms"):
            said += f" to {rounded(self.value, metric.digits)}"
        return said


@dataclass(frozen=True, slots=True)
class Story:
    """An episode, sorted by what did what.

    Attributes:
        episode: The episode.
        moved: Vitals that moved the way strain moves them, strongest first.
        also: Other metrics that stood out on its nights, strongest first.
        still: Metrics that did not move.
        absent: Vitals that could not be judged.
    """

    episode: Episode
    moved: tuple[Moved, ...]
    also: tuple[Moved, ...]
    still: tuple[str, ...]
    absent: tuple[str, ...]

    @property
    def all(self) -> tuple[Moved, ...]:
        """Everything that moved, the vitals first."""
        return (*self.moved, *self.also)

    @property
    def measured(self) -> tuple[Moved, ...]:
        """What moved, without scores: they follow from the rest."""
        return tuple(one for one in self.all if not one.metric.endswith("_score"))

    @property
    def clear(self) -> bool:
        """Whether chance hardly ever does the like: what it often does needs no explanation."""
        return chance_per_30(self.episode.signal) * _SELDOM <= 30  # noqa: PLR2004 - nights


def story(episode: Episode, found: Findings, metrics: Sequence[str]) -> Story:
    """Sort out an episode: what moved with it and what did not."""
    vitals = [one for m in VITALS if (one := _extreme(episode, found, m, TRAITS[m].direction))]
    ranked = sorted(vitals, key=lambda one: -TRAITS[one.metric].direction * one.z)
    clear = [one for one in ranked if TRAITS[one.metric].direction * one.z >= _CLEAR]
    moved = clear if len(clear) >= _FEWEST else ranked[:_FEWEST]
    others = [one for m in metrics if m not in VITALS and (one := _extreme(episode, found, m, 0))]
    also = sorted((one for one in others if abs(one.z) >= _CLEAR), key=lambda one: -abs(one.z))
    unmoved = [
        one.metric
        for one in (*vitals, *others)
        if one not in moved and one not in also
        if abs(one.z) < _UNMOVED or one.metric not in VITALS
    ]
    # Scores follow from the rest: what was measured tells more.
    unmoved.sort(key=lambda metric: metric.endswith("_score"))
    judged = {one.metric for one in vitals}
    absent = tuple(m for m in VITALS if m not in judged)
    return Story(episode, tuple(moved), tuple(also), tuple(unmoved), absent)


def episode_object(told: Story, explanation: str, shown: Sequence[Moved]) -> dict[str, Any]:
    """An episode as the answer holds it.

    Args:
        told: The episode.
        explanation: Its words.
        shown: The metrics that are listed.
    """
    body: dict[str, Any] = {
        "start": _iso(told.episode.start),
        "end": _iso(told.episode.end),
        "days": told.episode.end - told.episode.start + 1,
        "metrics": [_metric_object(one) for one in shown],
        "explanation": explanation,
    }
    if told.episode.ongoing:
        body["ongoing"] = True
    return body


def short_words(told: Story) -> str:
    """One or two sentences of at most 200 characters."""
    moves = [one.words() for one in told.moved]
    still = f"; {METRICS[told.still[0]].label} unchanged" if told.still else ""
    also = [one.words() for one in told.measured[len(told.moved) :][:1]]
    tail = f". {_chance(told.episode.signal)}. Not a diagnosis."
    head = f"{_nights(told.episode)}: "
    for parts, rest in ((moves + also, still), (moves, still), (moves, ""), (moves[:3], "")):
        said = f"{head}{listed(parts)}{rest}{tail}"
        if len(said) <= _LONGEST:
            return said
    return f"{head}{listed(moves[:2])}{tail}"[:_LONGEST]


def long_words(told: Story, today: date, tags: Mapping[int, Sequence[str]] | None = None) -> str:
    """The whole story of an episode.

    Args:
        told: The episode.
        today: Today in the person's zone.
        tags: Names of tags by day (ordinal); None when nobody looked.
    """
    episode = told.episode
    first, last = date.fromordinal(episode.start), date.fromordinal(episode.end)
    when = f"{span_words(first, last, today)}, {_nights(episode)}"
    if last != first:
        when += f", strongest on {date_words(date.fromordinal(episode.peak.day), today)}"
    parts = [f"{when}: {_with_ranges(told.moved)}."]
    if told.also:
        parts.append(f"Also {listed([one.words() for one in told.also])}.")
    if told.still:
        parts.append(f"Unchanged: {listed([METRICS[m].label for m in told.still])}.")
    if told.absent:
        parts.append(f"Not measured: {listed([METRICS[m].label for m in told.absent])}.")
    count = len(told.moved)
    together = "all four" if count == len(VITALS) else f"{count} of the four"
    parts.append(f"{_chance(episode.signal)}: {together} vitals moved together.")
    if episode.rule == "pair":
        parts.append("No single night stood out; two in a row did.")
    if tags is not None:
        parts.append(_tags_near(episode, tags, today))
    if episode.ongoing:
        parts.append("It has not ended yet.")
    return " ".join([*parts, f"{CAUTION}: not a diagnosis."])


def _extreme(episode: Episode, found: Findings, metric: str, direction: int) -> Moved | None:
    """The judged night of an episode on which a metric stood out most."""
    scores = found.scores.get(metric, {})
    judged = [
        score
        for night in episode.nights
        if (score := scores.get(night.day)) is not None and score.z is not None
    ]
    if not judged:
        return None
    at = max(judged, key=lambda s: (s.z or 0.0) * direction if direction else abs(s.z or 0.0))
    return Moved(metric, at)


def _metric_object(one: Moved) -> dict[str, Any]:
    metric = METRICS[one.metric]
    return {
        "metric": one.metric,
        "value": rounded(one.value, metric.digits),
        "expected": cell(one.expected, metric, 0),
        "z": rounded(one.z, 1),
        "direction": one.direction,
    }


def _with_ranges(moved: Sequence[Moved]) -> str:
    return listed(
        [
            f"{one.words()} (usual {_figure(one, one.usual[0])} to {_figure(one, one.usual[1])})"
            for one in moved
        ]
    )


def _figure(one: Moved, value: float) -> str:
    return plain(value, METRICS[one.metric])


def _nights(episode: Episode) -> str:
    count = len(episode.nights)
    gap = episode.end - episode.start + 1 - count
    said = "1 night" if count == 1 else f"{count} nights"
    return f"{said} ({gap} missing)" if gap else said


def _chance(signal: float) -> str:
    every = 30 / chance_per_30(signal)
    if every > _RAREST:
        return f"By chance less than once in {_RAREST:,} nights"
    digits = 0 if every < 10 else -1  # noqa: PLR2004 - no more precision than there is
    return f"By chance about once in {math.floor(round(every, digits))} nights"


def _tags_near(episode: Episode, tags: Mapping[int, Sequence[str]], today: date) -> str:
    near = [
        f"{name} ({date_words(date.fromordinal(day), today)})"
        for day in range(episode.start - 2, episode.end + 1)
        for name in dict.fromkeys(tags.get(day, ()))
    ]
    return f"Tags nearby: {', '.join(near[:4]) if near else 'none'}."


def _iso(day: int) -> str:
    return date.fromordinal(day).isoformat()
