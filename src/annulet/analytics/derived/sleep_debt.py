"""Sleep debt: what two weeks of sleep lack against a stated need.

The need is stated by the person, or eight hours: it is never learnt from the person's own mean,
which would hide the debt of a person who always sleeps too little. Naps count. A long sleep repays
(the idea of a balance: Van Dongen et al., Sleep 2003;26:117; need of 7 hours and more: Watson et
al., Sleep 2015;38:843).
"""

from __future__ import annotations

from annulet.analytics.derived.trailing import Trailing
from annulet.analytics.series import Series

DEBT_DAYS = 14
FEWEST_DAYS = 10
"""Recorded days of the fourteen; the others are taken for days like these."""


def sleep_debt(sleep_24h_min: Series, need_min: float) -> Series:
    """By day: the minutes of sleep that the fourteen days up to it lack; no debt is 0.

    Args:
        sleep_24h_min: All sleep of each day.
        need_min: The need of a day.
    """
    trailing = Trailing(sleep_24h_min)
    days = [d for d in sleep_24h_min.days if trailing.count(d, DEBT_DAYS) >= FEWEST_DAYS]
    lacking = [max(need_min - trailing.mean(day, DEBT_DAYS), 0.0) * DEBT_DAYS for day in days]
    return Series(tuple(days), tuple(lacking))
