"""HRV of the last week against the normal range of the last two months.

The mean of ln RMSSD over 7 days against that over 60 days; within half a standard deviation of the
60 days lies the normal range (Plews et al., Int J Sports Physiol Perform 2014;9:1026; the
coefficient of variation of 7 days: Plews et al., Eur J Appl Physiol 2012;112:3729).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import fmean, stdev

from annulet.analytics.derived.trailing import Trailing
from annulet.analytics.series import Series

HRV_DAYS = 60
_WEEK = 7
_FEWEST_OF_WEEK = 4
_FEWEST = 30
_NORMAL_SD = 0.5


@dataclass(frozen=True, slots=True)
class HrvStatus:
    """One week against the normal range.

    Attributes:
        week_ms: The week's mean, back on the scale of RMSSD.
        low_ms: Where the normal range begins.
        high_ms: Where it ends.
        cv_pct: The coefficient of variation of the week's ln RMSSD.
    """

    week_ms: float
    low_ms: float
    high_ms: float
    cv_pct: float


def hrv_week_vs_normal(hrv_ms: Series) -> Series:
    """By day: how many percent the last week lies above (or below) the last 60 days."""
    trailing = Trailing(_logarithms(hrv_ms))
    pairs = [
        (day, 100.0 * math.expm1(trailing.mean(day, _WEEK) - trailing.mean(day, HRV_DAYS)))
        for day in trailing.series.days
        if _enough(trailing, day)
    ]
    return Series(tuple(day for day, _ in pairs), tuple(value for _, value in pairs))


def hrv_status(hrv_ms: Series, day: int) -> HrvStatus | None:
    """The week up to a day (ordinal) against the 60 days; None with too few nights."""
    trailing = Trailing(_logarithms(hrv_ms))
    if not _enough(trailing, day):
        return None
    week, normal = trailing.values(day, _WEEK), trailing.values(day, HRV_DAYS)
    mean, centre, reach = fmean(week), fmean(normal), _NORMAL_SD * stdev(normal)
    return HrvStatus(
        math.exp(mean),
        math.exp(centre - reach),
        math.exp(centre + reach),
        100.0 * stdev(week) / mean if mean else 0.0,
    )


def _enough(trailing: Trailing, day: int) -> bool:
    return (
        trailing.count(day, _WEEK) >= _FEWEST_OF_WEEK and trailing.count(day, HRV_DAYS) >= _FEWEST
    )


def _logarithms(hrv_ms: Series) -> Series:
    pairs = [(d, math.log(v)) for d, v in zip(hrv_ms.days, hrv_ms.values, strict=True) if v > 0]
    return Series(tuple(day for day, _ in pairs), tuple(value for _, value in pairs))
