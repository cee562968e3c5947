"""Everything unusual in a period: episodes of the body signal, single outliers, new levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from annulet.analytics.baseline import MIN_NIGHTS, SETTLED_NIGHTS, Score, Shift, judge
from annulet.analytics.episodes import LEVELS, Episode, Level, alerts, episodes, strained_days
from annulet.analytics.series import Series
from annulet.analytics.signal import walk
from annulet.analytics.traits import VITALS, Traits, traits_of

__all__ = ["Findings", "Outlier", "Unjudged", "find"]


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


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found between two days.

    Attributes:
        level: The sensitivity in force.
        episodes: Episodes of the body signal that touch the period, strongest first.
        flagged: Days (ordinals) of the period with an alert.
        outliers: Single metrics far from their usual, outside the episodes, farthest first.
        shifts: New levels that began or were noticed in the period, by metric.
        unjudged: What could not be evaluated.
        judged_nights: Nights of the period on which the body signal could be judged.
        history: Nights in the baseline of the last judged night.
        scores: Every judged night by metric and day.
    """

    level: Level
    episodes: tuple[Episode, ...]
    flagged: tuple[int, ...]
    outliers: tuple[Outlier, ...]
    shifts: Mapping[str, tuple[Shift, ...]]
    unjudged: tuple[Unjudged, ...]
    judged_nights: int
    history: int
    scores: Mapping[str, Mapping[int, Score]]

    @property
    def provisional(self) -> bool:
        """Whether the history is still short."""
        return self.history < SETTLED_NIGHTS


def find(
    series: Mapping[str, Series],
    *,
    start: date,
    end: date,
    sensitivity: str = "medium",
    metrics: Sequence[str] = (),
) -> Findings:
    """Look for what is unusual between two days, both inclusive.

    Args:
        series: Every metric there is, with its history before ``start``. The four vitals make the
            body signal, whatever ``metrics`` asks for.
        start: First day.
        end: Last day.
        sensitivity: ``low``, ``medium`` or ``high``.
        metrics: Metrics to look at one by one.
    """
    level = LEVELS[sensitivity]
    first, last = start.toordinal(), end.toordinal()
    judged = walk({m: series[m].between(1, last) for m in VITALS if m in series})
    runs = episodes(judged.nights, level)
    flagged = tuple(
        day for i in alerts(judged.nights, level) if first <= (day := judged.nights[i].day)
    )
    held_out = strained_days(runs)
    scores = {m: {n.day: n.scores[m] for n in judged.nights if m in n.scores} for m in VITALS}
    shifts = {m: tuple(judged.shifts.get(m, ())) for m in VITALS}
    for metric in metrics:
        if metric not in scores:
            own, moved = judge(
                series.get(metric, Series()).between(1, last), traits_of(metric), held_out=held_out
            )
            scores[metric] = {score.day: score for score in own}
            shifts[metric] = tuple(moved)
    touching = tuple(e for e in runs if e.end >= first)
    inside = frozenset(day for e in touching for day in range(e.start, e.end + 1))
    measured = [n for n in judged.nights if n.signal is not None]
    histories = [s.n for s in measured[-1].scores.values() if s.z is not None] if measured else []
    return Findings(
        level=level,
        episodes=tuple(sorted(touching, key=lambda e: (-e.signal, e.start))),
        flagged=flagged,
        outliers=_outliers(scores, metrics, first, inside, level),
        shifts={
            m: tuple(s for s in moved if s.noticed.toordinal() >= first)
            for m, moved in shifts.items()
            if m in metrics or m in VITALS
        },
        unjudged=_unjudged(scores, metrics, judged_any=bool(measured)),
        judged_nights=sum(1 for n in measured if n.day >= first),
        history=min(histories, default=0),
        scores=scores,
    )


def _outliers(
    scores: Mapping[str, Mapping[int, Score]],
    metrics: Sequence[str],
    first: int,
    inside: frozenset[int],
    level: Level,
) -> tuple[Outlier, ...]:
    found = [
        Outlier(metric, score)
        for metric in metrics
        for day, score in scores[metric].items()
        if day >= first and day not in inside and score.z is not None
        if abs(score.z) >= level.single
    ]
    return tuple(sorted(found, key=lambda o: (-abs(o.score.z or 0.0), o.score.day, o.metric)))


def _unjudged(
    scores: Mapping[str, Mapping[int, Score]], metrics: Sequence[str], *, judged_any: bool
) -> tuple[Unjudged, ...]:
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
