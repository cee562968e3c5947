"""What changes after a tag: tagged nights against the others, season and weekday taken out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from annulet.analytics.compare import NO_DIFFERENCE, TOO_FEW
from annulet.analytics.ranks import Shifted, adjusted, rank_sum_p, shift
from annulet.analytics.residuals import autocorrelation, residuals
from annulet.analytics.series import Series
from annulet.analytics.traits import Traits

__all__ = ["ALPHA", "FEWEST_FOR_RANGE", "FEWEST_FOR_VERDICT", "FIRM", "Effect", "effects"]

FEWEST_FOR_RANGE = 3
"""Tagged (and untagged) nights below which only counts are told."""
FEWEST_FOR_VERDICT = 5
"""Nights below which there is a range and no verdict."""
FIRM = 12
"""Nights from which a verdict is firm."""
ALPHA = 0.05
"""A difference is called at this adjusted p."""

_LAGS = 7
_WEEKEND = (5, 6)


@dataclass(frozen=True, slots=True)
class Effect:
    """How a metric differs on nights that follow a tag.

    Attributes:
        with_n: Tagged nights.
        without_n: Other nights.
        value: The typical difference; None below three nights on either side.
        low: Lower end of its 95 % interval.
        high: Upper end.
        p: Rank-sum p; None below five nights on either side.
        p_adjusted: The same, adjusted for all metrics looked at together.
        verdict: ``higher``, ``lower``, ``no clear difference`` or ``too few nights``.
    """

    with_n: int
    without_n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    p_adjusted: float | None = None
    verdict: str = TOO_FEW


def effects(
    metrics: Mapping[str, tuple[Series, Traits]],
    tagged: frozenset[int],
    *,
    left_out: frozenset[int] = frozenset(),
) -> dict[str, Effect]:
    """Compare tagged nights with the others, metric by metric.

    Args:
        metrics: Series and traits by metric.
        tagged: Days (ordinals) of the nights that follow the tag.
        left_out: Days of illness, which belong to neither side.
    """
    found = {
        name: _effect(series, traits, tagged, left_out)
        for name, (series, traits) in metrics.items()
    }
    judged = [(name, e.p) for name, e in found.items() if e.p is not None]
    for (name, _), p in zip(judged, adjusted([p for _, p in judged]), strict=True):
        found[name] = replace(found[name], p_adjusted=p, verdict=_verdict(found[name], p))
    return found


def _effect(
    series: Series, traits: Traits, tagged: frozenset[int], left_out: frozenset[int]
) -> Effect:
    rest = residuals(series.without(left_out))
    chosen = [day in tagged for day in rest.days]
    one = [v for v, flag in zip(rest.values, chosen, strict=True) if flag]
    other = [v for v, flag in zip(rest.values, chosen, strict=True) if not flag]
    fewest = min(len(one), len(other))
    if fewest < FEWEST_FOR_RANGE:
        return Effect(len(one), len(other))
    inflation = _inflation(rest, chosen, traits)
    moved = _shift(series.without(left_out), tagged, shift(one, other).value, inflation)
    p = None
    if fewest >= FEWEST_FOR_VERDICT:
        weekend = [(day + 6) % 7 in _WEEKEND for day in rest.days]
        p = rank_sum_p(rest.values, chosen, weekend, inflation=inflation)
    return Effect(len(one), len(other), moved.value, moved.low, moved.high, p)


def _shift(series: Series, tagged: frozenset[int], first: float, inflation: float) -> Shifted:
    """The shift, its own part in the season and the weekdays given back.

    Tagged nights are among those that tell what is usual, so the usual moves towards them and a
    first estimate is too small; a second look with the first one taken out is nearly right.
    """
    calm = tuple(
        v - first if day in tagged else v for day, v in zip(series.days, series.values, strict=True)
    )
    rest = residuals(Series(series.days, calm))
    pairs = list(zip(rest.days, rest.values, strict=True))
    return shift(
        [v + first for day, v in pairs if day in tagged],
        [v for day, v in pairs if day not in tagged],
        inflation=inflation,
    )


def _verdict(effect: Effect, p: float) -> str:
    if p > ALPHA or not effect.value:
        return NO_DIFFERENCE
    return "higher" if effect.value > 0 else "lower"


def _inflation(rest: Series, chosen: list[bool], traits: Traits) -> float:
    """How much more the difference of means varies because neighbouring nights resemble.

    A tag on five nights in a row is not five independent witnesses; one on scattered nights is.
    """
    n, m = len(chosen), sum(chosen)
    weight = dict(zip(rest.days, (1 / m if flag else -1 / (n - m) for flag in chosen), strict=True))
    phi = autocorrelation(rest, traits.phi)
    factor = 1.0
    alone = math.fsum(w * w for w in weight.values())
    for lag in range(1, _LAGS + 1):
        together = math.fsum(w * weight.get(day + lag, 0.0) for day, w in weight.items())
        factor += 2 * phi**lag * together / alone
    return max(1.0, factor)
