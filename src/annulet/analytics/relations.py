"""What goes with what: one metric against another some days later.

Season, weekday and rhythm are taken out of both series. The metric's autocorrelation is then taken
out of both alike (Cochrane and Orcutt, J Am Stat Assoc 1949;44:32), which leaves the slope as it is
and makes the rest independent from night to night. The slope is the median of the
slopes between all pairs of nights (Sen, J Am Stat Assoc 1968;63:1379). Its interval and its p both
follow from how many of these slopes are above and below a value (Kendall's score, its variance that
of tied values), so that the interval holds zero exactly where p is above 0.05.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from annulet.analytics.ranks import adjusted
from annulet.analytics.residuals import autocorrelation, residuals
from annulet.analytics.series import Series
from annulet.analytics.traits import Traits

FEWEST_NIGHTS = 30
"""Pairs of nights below which nothing is judged."""
FEWEST_OTHER = 12
"""Nights on which the driver is another than its commonest value below which nothing is judged."""
ALPHA = 0.05
"""A relation is called at this adjusted p."""

_INTERVAL = 1.959963984540054
_MOST_SLOPES = 150_000
# Season, weekday and autocorrelation are estimated from the same nights, and what two series share
# for weeks is not taken out of them whole. With so much more spread an answer about a driver calls
# something false in at most one of twenty, for every kind of simulated person (bench_relations).
_INFLATION = 1.10


@dataclass(frozen=True, slots=True)
class Relation:
    """How a metric moves with a driver.

    Attributes:
        n: Nights with both.
        slope: Change of the metric per unit of the driver; None with too few nights.
        low: Lower end of its 95 % interval.
        high: Upper end.
        p: The chance of so strong a relation where there is none.
        p_adjusted: The same, adjusted for all relations looked at together.
        verdict: ``higher``, ``lower``, ``no clear difference`` or ``too few nights``.
    """

    n: int
    slope: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    p_adjusted: float | None = None
    verdict: str = "too few nights"


def relate(
    driver: Series,
    metric: Series,
    traits: Traits,
    *,
    lag_days: int = 0,
    left_out: frozenset[int] = frozenset(),
    patterns: tuple[Mapping[int, float], Mapping[int, float]] = ({}, {}),
) -> Relation:
    """Relate a metric to a driver.

    Args:
        driver: The driver.
        metric: The metric.
        traits: How the metric behaves.
        lag_days: How many days after the driver's day the metric's day lies.
        left_out: Days (ordinals) of illness, left out of both.
        patterns: What a rhythm adds to the driver and to the metric on each day.
    """
    cause = _free(driver.without(left_out), patterns[0])
    effect = _free(metric.without(left_out), patterns[1])
    pairs = _pairs(cause, effect, lag_days)
    if len(pairs) < FEWEST_NIGHTS:
        return Relation(len(pairs))
    if _other_days(driver, [day - lag_days for day, _, _ in pairs]) < FEWEST_OTHER:
        return Relation(len(pairs))
    fresh = list(_innovations(pairs, autocorrelation(effect, traits.phi)))
    if len(fresh) < FEWEST_NIGHTS:
        return Relation(len(fresh))
    xs, ys = zip(*fresh, strict=True)
    judged = judge_slopes(_slopes(xs, ys), _spread(xs, ys) * _INFLATION)
    return Relation(len(fresh)) if judged is None else replace(judged, n=len(fresh))


def judge_slopes(ordered: Sequence[float], spread: float) -> Relation | None:
    """The middle of slopes (or differences), its interval and its p, which never contradict.

    Args:
        ordered: The slopes between all pairs, in order of size.
        spread: The SD of the number above zero minus the number below, where there is no relation.

    Returns:
        None where there are too few for an interval.
    """
    count = len(ordered)
    # Zero belongs to the weaker side: it is in the interval unless the others outweigh it too.
    against = min(bisect_right(ordered, 0.0), count - bisect_left(ordered, 0.0))
    margin = 1.0 + _INTERVAL * spread
    outside = math.ceil((count - margin) / 2) - 1
    if not spread or outside < 0:
        return None
    z = max(count - 2 * against - 1.0, 0.0) / spread
    return Relation(
        count,
        _middle(ordered),
        ordered[outside],
        ordered[count - 1 - outside],
        math.erfc(z / math.sqrt(2.0)),
    )


def judge_together(relations: Mapping[str, Relation]) -> dict[str, Relation]:
    """Adjust the p of relations that were looked at together, and name what holds.

    A relation is called where its adjusted p is small and its interval excludes zero.
    """
    judged = [(name, relation.p) for name, relation in relations.items() if relation.p is not None]
    together = dict(relations)
    for (name, _), p in zip(judged, adjusted([p for _, p in judged]), strict=True):
        relation = together[name]
        together[name] = replace(relation, p_adjusted=p, verdict=_verdict(relation, p))
    return together


def _verdict(relation: Relation, p: float) -> str:
    low, high = relation.low or 0.0, relation.high or 0.0
    if p > ALPHA or low <= 0.0 <= high:
        return "no clear difference"
    return "higher" if low > 0.0 else "lower"


def _free(series: Series, pattern: Mapping[int, float]) -> Series:
    """The series without rhythm, season and weekday."""
    values = tuple(
        value - pattern[day] if day in pattern else value
        for day, value in zip(series.days, series.values, strict=True)
    )
    return residuals(Series(series.days, values))


def _pairs(cause: Series, effect: Series, lag: int) -> list[tuple[int, float, float]]:
    """Day of the effect, cause and effect, where both are known."""
    causes = dict(zip(cause.days, cause.values, strict=True))
    return [
        (day, causes[day - lag], value)
        for day, value in zip(effect.days, effect.values, strict=True)
        if day - lag in causes
    ]


def _innovations(
    pairs: Sequence[tuple[int, float, float]], phi: float
) -> Iterator[tuple[float, float]]:
    """Both sides without the metric's autocorrelation, which fades over a gap."""
    before: tuple[int, float, float] | None = None
    for day, x, y in pairs:
        if before is not None:
            weight = phi ** (day - before[0])
            # Nights after a gap depend less on the night before it, so they vary more: all are
            # put on one scale.
            scale = math.sqrt((1.0 - phi**2) / (1.0 - weight**2)) if phi else 1.0
            yield scale * (x - weight * before[1]), scale * (y - weight * before[2])
        before = (day, x, y)


def _other_days(driver: Series, days: Sequence[int]) -> int:
    """On how many of the days the driver has another value than its commonest."""
    values = dict(zip(driver.days, driver.values, strict=True))
    ((_, most),) = Counter(values[day] for day in days).most_common(1)
    return len(days) - most


def _slopes(xs: Sequence[float], ys: Sequence[float]) -> list[float]:
    """The slopes between pairs of nights in order of size, thinned evenly where they are many."""
    n = len(xs)
    step = max(1, n * (n - 1) // 2 // _MOST_SLOPES)
    slopes = []
    for gap in range(1, n, step):
        for i in range(n - gap):
            across = xs[i + gap] - xs[i]
            if across:
                slopes.append((ys[i + gap] - ys[i]) / across)
    slopes.sort()
    return slopes


def _spread(xs: Sequence[float], ys: Sequence[float]) -> float:
    """The SD of Kendall's score without a relation, values that are equal taken into account.

    Kendall, Rank Correlation Methods, 1970, chapter 5; on the scale of the slopes that were taken.
    """
    n = len(xs)
    ties = [[count for count in Counter(side).values() if count > 1] for side in (xs, ys)]
    fives = [sum(t * (t - 1) * (2 * t + 5) for t in side) for side in ties]
    triples = [sum(t * (t - 1) * (t - 2) for t in side) for side in ties]
    doubles = [sum(t * (t - 1) for t in side) for side in ties]
    variance = (
        (n * (n - 1) * (2 * n + 5) - sum(fives)) / 18
        + triples[0] * triples[1] / (9 * n * (n - 1) * (n - 2))
        + doubles[0] * doubles[1] / (2 * n * (n - 1))
    )
    step = max(1, n * (n - 1) // 2 // _MOST_SLOPES)
    return math.sqrt(max(variance, 0.0)) / step


def _middle(ordered: Sequence[float]) -> float:
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
