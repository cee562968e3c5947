"""Which of several sleeps is the night, and how regular nights are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from annulet.analytics.residuals import robust_sd
from annulet.analytics.series import Series
from annulet.analytics.windows import sorted_median

__all__ = ["Regularity", "Stretch", "main_nights", "regularity"]

_NIGHT = "long_sleep"


@dataclass(frozen=True, slots=True)
class Stretch:
    """One sleep as it was recorded.

    Attributes:
        key: What identifies it.
        day: The day it belongs to.
        kind: The recorded type.
        start: When it began; None when nobody says.
        asleep: Seconds asleep; None when nobody says.
    """

    key: str
    day: date
    kind: str
    start: datetime | None
    asleep: float | None


@dataclass(frozen=True, slots=True)
class Regularity:
    """How regular a clock time is.

    Attributes:
        middle: The median, minutes from midnight.
        sd: The robust SD in minutes; None for fewer than three nights.
        n: Nights.
    """

    middle: float
    sd: float | None
    n: int


def main_nights(stretches: Iterable[Stretch]) -> dict[date, str]:
    """The night of each day: the longest long sleep. A nap never stands in for it."""
    best: dict[date, Stretch] = {}
    for stretch in stretches:
        if stretch.kind != _NIGHT:
            continue
        other = best.get(stretch.day)
        if other is None or _rank(stretch) > _rank(other):
            best[stretch.day] = stretch
    return {day: best[day].key for day in sorted(best)}


def regularity(bedtimes: Series) -> Regularity | None:
    """Median and spread of bedtimes in minutes from midnight (negative before it)."""
    if not len(bedtimes):
        return None
    values = bedtimes.values
    return Regularity(sorted_median(sorted(values)), robust_sd(values), len(values))


def _rank(stretch: Stretch) -> tuple[float, float, str]:
    asleep = -1.0 if stretch.asleep is None else stretch.asleep
    # Of equally long sleeps the earlier one; naive and aware starts are never mixed in a day.
    began = 0.0 if stretch.start is None else -stretch.start.timestamp()
    return (asleep, began, stretch.key)
