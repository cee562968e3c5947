"""Rank statistics: midranks, the stratified rank-sum test, the shift with its interval."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from annulet.analytics.windows import sorted_median

_EXACT_UP_TO = 7
_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Shifted:
    """How far one sample lies from another.

    Attributes:
        value: The Hodges-Lehmann shift: the median of all pairwise differences.
        low: Lower end of Moses' 95 % interval.
        high: Upper end.
    """

    value: float
    low: float
    high: float


def shift(first: Sequence[float], second: Sequence[float], *, inflation: float = 1.0) -> Shifted:
    """The shift of ``first`` against ``second``, both with a value at least.

    Args:
        first: The sample in question.
        second: The sample it is compared with.
        inflation: How much larger the variance is than for independent values.
    """
    m, n = len(first), len(second)
    gaps = sorted([a - b for a in first for b in second])
    spread = math.sqrt(m * n * (m + n + 1) / 12 * inflation)
    cut = math.floor(m * n / 2 - NormalDist().inv_cdf(0.5 + _CONFIDENCE / 2) * spread)
    cut = max(0, min(cut, (m * n - 1) // 2))
    return Shifted(sorted_median(gaps), gaps[cut], gaps[-1 - cut])


def rank_sum_p(
    values: Sequence[float],
    chosen: Sequence[bool],
    strata: Sequence[Hashable],
    *,
    inflation: float = 1.0,
) -> float:
    """Two-sided p of the rank-sum test, the chosen ones permuted within their strata.

    Up to seven chosen values the permutation distribution is counted out in full; beyond, its
    exact mean and variance enter a normal approximation. Ties are right in both.

    Args:
        values: All values.
        chosen: Which of them belong to the sample in question.
        strata: The stratum of each value.
        inflation: How much larger the variance is than for exchangeable values.
    """
    doubled = _doubled_midranks(values)
    groups: dict[Hashable, list[tuple[int, bool]]] = {}
    for rank, picked, stratum in zip(doubled, chosen, strata, strict=True):
        groups.setdefault(stratum, []).append((rank, picked))
    observed = sum(rank for rank, picked in zip(doubled, chosen, strict=True) if picked)
    if sum(chosen) <= _EXACT_UP_TO:
        p = _exact_p(groups, observed)
        if inflation > 1.0 and p < 1.0:
            p = 2 * _upper_tail(-NormalDist().inv_cdf(p / 2) / math.sqrt(inflation))
        return p
    return _approximate_p(groups, observed, inflation)


def adjusted(p_values: Sequence[float]) -> list[float]:
    """Benjamini-Hochberg: each p adjusted for how many were looked at."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i], reverse=True)
    answer = [1.0] * len(p_values)
    smallest = 1.0
    for place, i in enumerate(order):
        rank = len(p_values) - place
        smallest = min(smallest, p_values[i] * len(p_values) / rank)
        answer[i] = smallest
    return answer


def _doubled_midranks(values: Sequence[float]) -> list[int]:
    """Twice the midrank of each value, so that ties stay whole numbers."""
    ordered = sorted(values)
    return [bisect_left(ordered, v) + bisect_right(ordered, v) + 1 for v in values]


def _approximate_p(
    groups: dict[Hashable, list[tuple[int, bool]]], observed: int, inflation: float
) -> float:
    mean = variance = 0.0
    for group in groups.values():
        n, m = len(group), sum(picked for _, picked in group)
        average = sum(rank for rank, _ in group) / n
        mean += m * average
        if n > 1:
            spread = math.fsum((rank - average) ** 2 for rank, _ in group) / (n - 1)
            variance += spread * m * (n - m) / n
    if variance == 0.0:
        return 1.0
    # Ranks are doubled here: half a rank of continuity correction is one.
    gap = max(abs(observed - mean) - 1.0, 0.0)
    return min(1.0, 2 * _upper_tail(gap / math.sqrt(variance * inflation)))


def _exact_p(groups: dict[Hashable, list[tuple[int, bool]]], observed: int) -> float:
    """Count all choices within the strata by the rank sum they give.

    The counts of all sums are the coefficients of a polynomial; packed into one large integer,
    adding a value is one shift and one addition.
    """
    width = 8 + sum(len(group).bit_length() for group in groups.values()) * _EXACT_UP_TO
    packed = 1
    for group in groups.values():
        picked = sum(flag for _, flag in group)
        counts = [1] + [0] * picked
        for rank, _ in group:
            for size in range(picked, 0, -1):
                counts[size] += counts[size - 1] << (rank * width)
        packed *= counts[picked]
    mask = (1 << width) - 1
    at_most = at_least = total = position = 0
    while packed:
        count = packed & mask
        if count:
            total += count
            at_most += count if position <= observed else 0
            at_least += count if position >= observed else 0
        packed >>= width
        position += 1
    return min(1.0, 2 * min(at_most, at_least) / total)


def _upper_tail(z: float) -> float:
    """The probability of a standard normal value above ``z``, exact far out too."""
    return 0.5 * math.erfc(z / math.sqrt(2.0))
