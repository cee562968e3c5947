"""Training load: MET-minutes of activity lately against those of the weeks before.

Exponentially weighted means of 7 and of 28 days (Williams et al., Br J Sports Med 2017;51:209),
the first divided by the second. As a forecast of injuries the ratio does not hold (Impellizzeri et
al., Int J Sports Physiol Perform 2020;15:907; Lolli et al., Br J Sports Med 2019;53:1510): it says
only whether the last week was more or less active than the last four.
"""

from __future__ import annotations

from annulet.analytics.derived.trailing import Trailing
from annulet.analytics.series import Series

LOAD_DAYS = 28
FEWEST_DAYS = 21
"""Recorded days of the 28."""

_ACUTE = 2 / (7 + 1)
_CHRONIC = 2 / (LOAD_DAYS + 1)


def training_load(met_min: Series) -> Series:
    """By day: the ratio of the two means; a day without a record changes neither.

    Args:
        met_min: MET-minutes of low, medium and high activity by day.
    """
    trailing = Trailing(met_min)
    acute = chronic = met_min.values[0] if len(met_min) else 0.0
    days, ratios = [], []
    for day, value in zip(met_min.days, met_min.values, strict=True):
        acute += _ACUTE * (value - acute)
        chronic += _CHRONIC * (value - chronic)
        if trailing.count(day, LOAD_DAYS) >= FEWEST_DAYS and chronic > 0:
            days.append(day)
            ratios.append(acute / chronic)
    return Series(tuple(days), tuple(ratios))
