"""What goes with what: one metric against another some days later.

Season, weekday and rhythm are taken out of both series. The metric's autocorrelation is then taken
out of both alike (Cochrane and Orcutt, J Am Stat Assoc 1949;44:32), which leaves the slope as it is
and makes the rest independent from night to night. The slope is the median of the
slopes between all pairs of nights (Sen, J Am Stat Assoc 1968;63:1379), its interval and p follow
from Kendall's rank correlation.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

from annulet.analytics.ranks import adjusted
from annulet.analytics.residuals import autocorrelation, residuals
from annulet.analytics.series import Series
from annulet.analytics.traits import Traits

FEWEST_NIGHTS = 30
"""Pairs of nights below which nothing is judged."""
ALPHA = 0.05
"""A relation is called at this adjusted p."""

_INTERVAL = 1.959964
_MOST_SLOPES = 150_000
# Season, weekday and autocorrelation are estimated from the same nights, and what two series share
# for weeks is not taken out of them whole. With so much more spread an answer about a driver calls
# something false in at most one of twenty, for every kind of simulated person (bench_relations).
_INFLATION = 1.15


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
    fresh = list(_innovations(pairs, autocorrelation(effect, traits.phi)))
    if len(fresh) < FEWEST_NIGHTS:
        return Relation(len(fresh))
    xs, ys = zip(*fresh, strict=True)
    if len(set(xs)) < 3 or len(set(ys)) < 3:  # noqa: PLR2004 - nothing moves
        return Relation(len(fresh))
    slopes = _slopes(xs, ys)
    if not slopes:
        return Relation(len(fresh))
    score, spread = _kendall(xs, ys)
    spread *= _INFLATION
    p = 2.0 * (1.0 - NormalDist().cdf(max(abs(score) - 1.0, 0.0) / spread)) if spread else 1.0
    low, high = _interval(slopes, spread, len(xs))
    return Relation(len(fresh), _middle(slopes), low, high, p)


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


def _kendall(xs: Sequence[float], ys: Sequence[float]) -> tuple[float, float]:
    """Concordant minus discordant pairs, and the SD of that number without a relation."""
    n = len(xs)
    order = sorted(range(n), key=lambda i: (xs[i], ys[i]))
    seen: list[float] = []
    score = 0
    pending: list[float] = []
    last: float | None = None
    for i in order:
        if last is not None and xs[i] != last:
            for value in pending:
                insort(seen, value)
            pending = []
        score += bisect_left(seen, ys[i]) - (len(seen) - bisect_right(seen, ys[i]))
        pending.append(ys[i])
        last = xs[i]
    return float(score), math.sqrt(n * (n - 1) * (2 * n + 5) / 18)


def _interval(slopes: Sequence[float], spread: float, n: int) -> tuple[float, float]:
    """The 95 % interval of Sen's slope."""
    share = _INTERVAL * spread / (n * (n - 1) / 2)
    count = len(slopes)
    low = max(math.floor(count * (1.0 - share) / 2), 0)
    high = min(math.ceil(count * (1.0 + share) / 2), count - 1)
    return slopes[low], slopes[high]


def _middle(ordered: Sequence[float]) -> float:
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
