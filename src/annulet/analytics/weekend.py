"""Weekends against the other days of their own weeks.

Each week gives one difference: the mean of Saturday and Sunday minus that of Monday to Friday.
What changes from week to week drops out of it, so the differences are nearly independent. They are
judged by Wilcoxon's signed ranks (Biometrics Bulletin 1945;1:80); the size is the median of their
pairwise means, with its interval (Hodges and Lehmann, Ann Math Stat 1963;34:598).
"""

from __future__ import annotations

import math
from statistics import NormalDist, fmean

from annulet.analytics.relations import Relation
from annulet.analytics.series import Series

_FEWEST_WEEKS = 8
_FEWEST_WEEKDAYS = 3
_SATURDAY = 5
_INTERVAL = 1.959964


def weekend_relation(series: Series) -> Relation:
    """How a metric differs at weekends, not yet judged; ``n`` counts the nights of whole weeks."""
    weeks: dict[int, tuple[list[float], list[float]]] = {}
    for day, value in zip(series.days, series.values, strict=True):
        week, weekday = divmod(day - 1, 7)  # ordinal 1 is a Monday
        weeks.setdefault(week, ([], []))[weekday >= _SATURDAY].append(value)
    pairs = [(rest, end) for rest, end in weeks.values() if end and len(rest) >= _FEWEST_WEEKDAYS]
    n = sum(len(rest) + len(end) for rest, end in pairs)
    gaps = [fmean(end) - fmean(rest) for rest, end in pairs]
    gaps = [gap for gap in gaps if gap]
    if len(gaps) < _FEWEST_WEEKS:
        return Relation(n)
    count = len(gaps)
    means = sorted((gaps[i] + gaps[j]) / 2 for i in range(count) for j in range(i, count))
    # The signed-rank sum is the number of positive pairwise means.
    positive = sum(mean > 0 for mean in means) + sum(mean == 0 for mean in means) / 2
    spread = math.sqrt(count * (count + 1) * (2 * count + 1) / 24)
    gap = max(abs(positive - len(means) / 2) - 0.5, 0.0)
    p = 2.0 * (1.0 - NormalDist().cdf(gap / spread))
    cut = max(math.floor(len(means) / 2 - _INTERVAL * spread), 0)
    middle = (means[len(means) // 2] + means[(len(means) - 1) // 2]) / 2
    return Relation(n, middle, means[cut], means[-1 - cut], p)
