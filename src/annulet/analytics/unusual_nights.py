"""Everything unusual in a period: stretches of the body signal, outliers, lasting changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from annulet.analytics.alert_rate import AlertRate, alert_rate
from annulet.analytics.baseline import SETTLED_NIGHTS, Score, judge
from annulet.analytics.change_points import ChangePoint, change_points, shift_on
from annulet.analytics.episodes import LEVELS, Level, SignalEpisode, alerts, episodes, strained_days
from annulet.analytics.outliers import Outlier, Unjudged, find_outliers, find_unjudged
from annulet.analytics.period_difference import without_pattern
from annulet.analytics.rhythm import TEMPERATURE, Rhythm, cyclic_patterns, find_rhythm
from annulet.analytics.series import Series
from annulet.analytics.signal import SignalNight, walk
from annulet.analytics.traits import VITALS, traits_of

_RECENT_DAYS = 45


@dataclass(frozen=True, slots=True)
class JudgedVitals:
    """The nights of the four vitals, judged.

    Attributes:
        nights: Every night on which at least one vital was measured.
        ill: Days (ordinals) that look like illness.
        rhythm: A rhythm in temperature; None where there is none.
        rhythmic: What the rhythm explains of a metric on each day, by metric.
        patterns: The same with the shift that another ring made.
        ring_shifts: The lasting changes that came with another ring, by metric.
    """

    nights: tuple[SignalNight, ...]
    ill: frozenset[int]
    rhythm: Rhythm | None
    rhythmic: Mapping[str, Mapping[int, float]]
    patterns: Mapping[str, Mapping[int, float]]
    ring_shifts: Mapping[str, tuple[ChangePoint, ...]]


@dataclass(frozen=True, slots=True)
class UnusualNights:
    """What is unusual between two days.

    Attributes:
        level: The sensitivity in force.
        episodes: Stretches of the body signal that touch the period, strongest first.
        alert_nights: Days (ordinals) of the period with an alert.
        outliers: Single metrics far from their usual, outside the stretches, farthest first.
        changes: Lasting changes in the period or in the last six weeks of it, by metric.
        unjudged: What could not be evaluated.
        judged_nights: Nights of the period on which the body signal could be judged.
        history: Nights in the baseline of the last judged night.
        scores: Every judged night by metric and day.
        rate: How often chance alone alerts this person.
        rhythm: A rhythm that was taken into account; None where there is none.
    """

    level: Level
    episodes: tuple[SignalEpisode, ...]
    alert_nights: tuple[int, ...]
    outliers: tuple[Outlier, ...]
    changes: Mapping[str, tuple[ChangePoint, ...]]
    unjudged: tuple[Unjudged, ...]
    judged_nights: int
    history: int
    scores: Mapping[str, Mapping[int, Score]]
    rate: AlertRate
    rhythm: Rhythm | None

    @property
    def provisional(self) -> bool:
        """Whether the history is still short."""
        return self.history < SETTLED_NIGHTS

    @property
    def expected_false(self) -> float:
        """Alert nights by chance in the judged nights of the period."""
        return self.rate.expected(self.judged_nights)

    def chance(self, episode: SignalEpisode) -> float:
        """The probability that chance makes a stretch as strong in the period."""
        return self.rate.chance_in(self.judged_nights, episode.signal)


def judge_vitals(
    series: Mapping[str, Series], *, breaks: Collection[int] = (), also: Sequence[str] = ()
) -> JudgedVitals:
    """Judge the vitals night by night, a rhythm and another ring taken into account.

    Args:
        series: Every metric there is.
        breaks: First days (ordinals) of another ring.
        also: Metrics beside the vitals for which the patterns are wanted.
    """
    vitals = {m: series[m] for m in VITALS if m in series}
    nights = walk(vitals).nights
    ill = strained_days(episodes(nights, LEVELS["medium"]))
    rhythm = find_rhythm(vitals.get(TEMPERATURE, Series()).without(ill))
    wanted = {m: series[m] for m in dict.fromkeys((*vitals, *also)) if m in series}
    rhythmic = cyclic_patterns(rhythm, wanted, ill)
    ring_shifts = _ring_shifts(wanted, ill, rhythmic, breaks) if breaks else {}
    patterns = {**rhythmic}
    for metric, points in ring_shifts.items():
        known = rhythmic.get(metric) or dict.fromkeys(wanted[metric].days, 0.0)
        patterns[metric] = {day: value + shift_on(day, points) for day, value in known.items()}
    if any(metric in patterns for metric in vitals):
        nights = walk(vitals, patterns).nights
    return JudgedVitals(tuple(nights), ill, rhythm, rhythmic, patterns, ring_shifts)


def _ring_shifts(
    series: Mapping[str, Series],
    ill: frozenset[int],
    rhythmic: Mapping[str, Mapping[int, float]],
    breaks: Collection[int],
) -> dict[str, tuple[ChangePoint, ...]]:
    """The lasting changes of each metric that came with another ring."""
    shifts = {}
    for metric, recorded in series.items():
        calm = without_pattern(recorded.without(ill), rhythmic.get(metric))
        points = change_points(calm, traits_of(metric), breaks=breaks)
        if on_break := tuple(point for point in points if point.is_break):
            shifts[metric] = on_break
    return shifts


def find_unusual(
    series: Mapping[str, Series],
    *,
    start: date,
    end: date,
    sensitivity: str = "medium",
    metrics: Sequence[str] = (),
    breaks: Collection[int] = (),
) -> UnusualNights:
    """Look for what is unusual between two days, both inclusive.

    Args:
        series: Every metric there is, with its history before ``start``. The four vitals make the
            body signal, whatever ``metrics`` asks for.
        start: First day.
        end: Last day.
        sensitivity: ``low``, ``medium`` or ``high``.
        metrics: Metrics to look at one by one.
        breaks: First days (ordinals) of another ring.
    """
    level = LEVELS[sensitivity]
    first, last = start.toordinal(), end.toordinal()
    known = {metric: nights.between(1, last) for metric, nights in series.items()}
    vitals = judge_vitals(known, breaks=breaks)
    runs = episodes(vitals.nights, level)
    scores = {m: {n.day: n.scores[m] for n in vitals.nights if m in n.scores} for m in VITALS}
    held_out = strained_days(runs)
    for metric in metrics:
        if metric not in scores:
            own, _ = judge(known.get(metric, Series()), traits_of(metric), held_out=held_out)
            scores[metric] = {score.day: score for score in own}
    touching = tuple(e for e in runs if e.end >= first)
    inside = frozenset(day for e in touching for day in range(e.start, e.end + 1))
    measured = [n for n in vitals.nights if n.signal is not None]
    histories = [s.n for s in measured[-1].scores.values() if s.z is not None] if measured else []
    since = min(first, last - _RECENT_DAYS)
    return UnusualNights(
        level=level,
        episodes=tuple(sorted(touching, key=lambda e: (-e.signal, e.start))),
        alert_nights=tuple(
            day for i in alerts(measured, level) if first <= (day := measured[i].day)
        ),
        outliers=find_outliers(scores, metrics, first, inside, level),
        changes=_changes(known, vitals, metrics, breaks, since),
        unjudged=find_unjudged(scores, metrics, judged_any=bool(measured)),
        judged_nights=sum(1 for n in measured if n.day >= first),
        history=min(histories, default=0),
        scores=scores,
        rate=alert_rate(measured, level),
        rhythm=vitals.rhythm,
    )


def _changes(
    series: Mapping[str, Series],
    vitals: JudgedVitals,
    metrics: Sequence[str],
    breaks: Collection[int],
    since: int,
) -> dict[str, tuple[ChangePoint, ...]]:
    """The lasting changes since a day, of the asked metrics and the vitals."""
    changes = {}
    for metric in dict.fromkeys((*metrics, *VITALS)):
        calm = series.get(metric, Series()).without(vitals.ill)
        calm = without_pattern(calm, vitals.rhythmic.get(metric))
        points = change_points(calm, traits_of(metric), breaks=breaks)
        recent = tuple(point for point in points if point.since >= since)
        if recent:
            changes[metric] = recent
    return changes
