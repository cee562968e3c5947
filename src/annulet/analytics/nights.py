"""Which of several sleeps is the night."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

__all__ = ["Stretch", "main_nights"]

_NIGHT = "long_sleep"


@dataclass(frozen=True, slots=True)
class Stretch:
    """One sleep as it was recorded.

    Attributes:
        key: What identifies it.
        day: The day it belongs to.
        kind: The recorded type.
        start: When it began; None when it is not known.
        asleep: Seconds asleep; None when it is not known.
    """

    key: str
    day: date
    kind: str
    start: datetime | None
    asleep: float | None


def main_nights(stretches: Iterable[Stretch]) -> dict[date, str]:
    """The night of each day: the longest long sleep. A nap never stands in for it."""
    best: dict[date, Stretch] = {}
    for stretch in stretches:
        if stretch.kind != _NIGHT:
            continue
        longest = best.get(stretch.day)
        if longest is None or _rank(stretch) > _rank(longest):
            best[stretch.day] = stretch
    return {day: best[day].key for day in sorted(best)}


def _rank(stretch: Stretch) -> tuple[float, float, str]:
    asleep = -1.0 if stretch.asleep is None else stretch.asleep
    # Of equally long sleeps the earlier one; naive and aware starts are never mixed in a day.
    began = 0.0 if stretch.start is None else -stretch.start.timestamp()
    return (asleep, began, stretch.key)
