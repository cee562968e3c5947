"""Weekends against the other days of their own weeks.

Each week gives one difference: the mean of Saturday and Sunday minus that of Monday to Friday.
What changes from week to week drops out of it, so the differences are nearly independent. They are
judged by Wilcoxon's signed ranks (Biometrics Bulletin 1945;1:80); the size is the median of their
pairwise means, with its interval (Hodges and Lehmann, Ann Math Stat 1963;34:598).
"""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import fmean

from annulet.analytics.relations import Relation, judge_slopes
from annulet.analytics.series import Series

_FEWEST_WEEKS = 8
_FEWEST_WEEKDAYS = 3
_SATURDAY = 5


def weekend_relation(series: Series) -> Relation:
    """How a metric differs at weekends, not yet judged; ``n`` counts the nights of whole weeks."""
    weeks = _whole_weeks(series)
    n = sum(weekend_nights(series))
    gaps = [fmean(end) - fmean(rest) for rest, end in weeks]
    gaps = [gap for gap in gaps if gap]
    if len(gaps) < _FEWEST_WEEKS:
        return Relation(n)
    count = len(gaps)
    means = sorted((gaps[i] + gaps[j]) / 2 for i in range(count) for j in range(i, count))
    # Above minus below zero is twice the signed-rank sum, less what it is by chance.
    spread = 2.0 * math.sqrt(count * (count + 1) * (2 * count + 1) / 24)
    judged = judge_slopes(means, spread)
    return Relation(n) if judged is None else replace(judged, n=n)


def weekend_nights(series: Series) -> tuple[int, int]:
    """How many nights of whole weeks are of the weekend, and how many are not."""
    weeks = _whole_weeks(series)
    return sum(len(end) for _, end in weeks), sum(len(rest) for rest, _ in weeks)


def _whole_weeks(series: Series) -> list[tuple[list[float], list[float]]]:
    """Values of Monday to Friday and of the weekend, of weeks with enough of both."""
    weeks: dict[int, tuple[list[float], list[float]]] = {}
    for day, value in zip(series.days, series.values, strict=True):
        week, weekday = divmod(day - 1, 7)  # ordinal 1 is a Monday
        weeks.setdefault(week, ([], []))[weekday >= _SATURDAY].append(value)
    return [(rest, end) for rest, end in weeks.values() if end and len(rest) >= _FEWEST_WEEKDAYS]
