"""Which sleeps count, and which one is the night of a day.

A rejected detection (``rest``) and a deleted sleep never show. The night is the ``long_sleep``,
the longest where a day has several; naps never stand in for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from annulet.analytics.nights import Stretch, main_nights
from annulet.contract.documents import Sleep

__all__ = ["finished", "in_progress", "minutes", "nights"]

_NEVER: Final = frozenset({"rest", "deleted"})
_NIGHT: Final = "long_sleep"
_LONG_S: Final = 3 * 3600


def finished(sleeps: Iterable[Sleep]) -> list[Sleep]:
    """The finished sleeps that a person would call sleep, by start."""
    known = [s for s in sleeps if s.type not in _NEVER and s.day]
    unfinished = {id(sleep) for sleep in in_progress(known)}
    ended = [sleep for sleep in known if id(sleep) not in unfinished]
    return sorted(ended, key=lambda s: (s.day or date.min, _instant(s)))


def in_progress(sleeps: Iterable[Sleep]) -> list[Sleep]:
    """The sleeps that have not ended yet, or never got an end; their figures are not final.

    Oura leaves the end out of a few old nights that are otherwise whole: a sleep that another one
    has followed, and that has its total, is over.
    """
    known = list(sleeps)
    newest = max(map(_instant, known), default=0.0)
    return [
        sleep
        for sleep in known
        if sleep.bedtime_end is None
        and (sleep.total_sleep_duration is None or _instant(sleep) >= newest)
    ]


def nights(sleeps: Iterable[Sleep]) -> dict[date, Sleep]:
    """The night of each day."""
    known = finished(sleeps)
    chosen = main_nights(
        Stretch(
            key=f"{place:06}",
            day=sleep.day,
            kind=_kind(sleep),
            start=sleep.bedtime_start,
            asleep=sleep.total_sleep_duration or sleep.time_in_bed,
        )
        for place, sleep in enumerate(known)
        if sleep.day is not None
    )
    return {day: known[int(key)] for day, key in chosen.items()}


def minutes(seconds: float | None) -> int | None:
    """Whole minutes; missing stays missing."""
    return None if seconds is None else round(seconds / 60)


def _kind(sleep: Sleep) -> str:
    # Old documents carry no type, some no more than the time in bed: then the documented length
    # of a long sleep decides.
    if sleep.type is None:
        asleep = sleep.total_sleep_duration
        length = sleep.time_in_bed if asleep is None else asleep
        return _NIGHT if (length or 0) >= _LONG_S else ""
    return sleep.type


def _instant(sleep: Sleep) -> float:
    start = sleep.bedtime_start
    return start.timestamp() if isinstance(start, datetime) else 0.0
