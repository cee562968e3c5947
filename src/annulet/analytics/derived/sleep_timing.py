"""When a person sleeps: midsleep, social jet lag, and midsleep on free days corrected for debt.

Midsleep is the middle between bedtime and waking of the main sleep. Social jet lag is the distance
between the mean midsleep of free and of work days (Wittmann et al., Chronobiol Int 2006;23:497).
The corrected midsleep on free days (MSFsc) takes off half of what is slept longer on free days than
in the week's mean (Roenneberg et al., Curr Biol 2012;22:939). Free days are Saturday and Sunday,
by waking: the ring does not know who works when.
"""

from __future__ import annotations

from collections.abc import Callable

from annulet.analytics.derived.trailing import Trailing
from annulet.analytics.series import Series

TIMING_DAYS = 28
"""Days that a figure of free against work days looks at."""
FEWEST_FREE = 3
FEWEST_WORK = 8

_SATURDAY = 5
_WORK_DAYS, _FREE_DAYS, _WEEK = 5, 2, 7


def midsleep(bedtime_min: float, wake_min: float) -> float:
    """The middle between bedtime and waking, both in minutes from the midnight of the day.

    >>> midsleep(-30, 450)
    210.0
    """
    return (bedtime_min + wake_min) / 2


def social_jetlag(midsleeps: Series) -> Series:
    """By day: minutes between midsleep on free and on work days of the four weeks up to it."""
    free, work = _parts(midsleeps)
    return _by_day(midsleeps, free, work, lambda day: abs(_mean(free, day) - _mean(work, day)))


def corrected_free_midsleep(midsleeps: Series, asleep_min: Series) -> Series:
    """By day: MSFsc of the four weeks up to it, in minutes from midnight.

    Args:
        midsleeps: Midsleep by day, minutes from midnight.
        asleep_min: Minutes asleep by day.
    """
    free, work = _parts(midsleeps)
    free_asleep, work_asleep = _parts(asleep_min)

    def corrected(day: int) -> float | None:
        if not free_asleep.count(day, TIMING_DAYS) or not work_asleep.count(day, TIMING_DAYS):
            return None
        on_free, on_work = _mean(free_asleep, day), _mean(work_asleep, day)
        weekly = (_FREE_DAYS * on_free + _WORK_DAYS * on_work) / _WEEK
        return _mean(free, day) - max(on_free - weekly, 0.0) / 2

    return _by_day(midsleeps, free, work, corrected)


def _parts(series: Series) -> tuple[Trailing, Trailing]:
    """The free and the work days of a series."""
    free = frozenset(day for day in series.days if (day + 6) % 7 >= _SATURDAY)
    work = frozenset(series.days) - free
    return Trailing(series.without(work)), Trailing(series.without(free))


def _mean(part: Trailing, day: int) -> float:
    return part.mean(day, TIMING_DAYS)


def _by_day(
    series: Series, free: Trailing, work: Trailing, figure: Callable[[int], float | None]
) -> Series:
    pairs = [
        (day, value)
        for day in series.days
        if free.count(day, TIMING_DAYS) >= FEWEST_FREE
        and work.count(day, TIMING_DAYS) >= FEWEST_WORK
        and (value := figure(day)) is not None
    ]
    return Series(tuple(day for day, _ in pairs), tuple(value for _, value in pairs))
