"""Which sleeps count, and the night of each day.

A rejected detection (``rest``) and a deleted sleep never show. The night is the whole main sleep of
a day; naps never stand in for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from annulet.contract.documents import Sleep
from annulet.toolkit.reading.main_sleep import join_parts, main_sleep_parts

_NEVER: Final = frozenset({"rest", "deleted"})


def finished(sleeps: Iterable[Sleep]) -> list[Sleep]:
    """The finished sleeps that a person would call sleep, by start, once each."""
    known = [s for s in sleeps if s.type not in _NEVER and s.day]
    unfinished = {id(sleep) for sleep in in_progress(known)}
    ended = [sleep for sleep in known if id(sleep) not in unfinished]
    return sorted(_once_each(ended), key=lambda s: (s.day or date.min, _instant(s)))


def _once_each(sleeps: Iterable[Sleep]) -> list[Sleep]:
    """One record of each sleep: two with the same start and end are one, whatever their ids.

    The one with more sleep in it stays, else the first.
    """
    chosen: dict[object, Sleep] = {}
    for place, sleep in enumerate(sleeps):
        ends = (sleep.bedtime_start, sleep.bedtime_end)
        key: object = place if None in ends else ends
        known = chosen.get(key)
        if known is None or _asleep_s(sleep) > _asleep_s(known):
            chosen[key] = sleep
    return list(chosen.values())


def _asleep_s(sleep: Sleep) -> float:
    return sleep.total_sleep_duration or 0.0


def in_progress(sleeps: Iterable[Sleep]) -> list[Sleep]:
    """The sleeps that have not ended yet, or never got an end; their figures are not final.

    Oura leaves the end out of a few old nights that are otherwise whole: a sleep that another one
    has followed, and that has its total, is over. So is one with a total and no start, and one
    whose end is there and impossible. What followed is seen only among all sleeps that were read.
    """
    known = list(sleeps)
    newest = max(map(_instant, known), default=0.0)
    return [
        sleep
        for sleep in known
        if sleep.bedtime_end is None
        and "bedtime_end" not in sleep.extra
        and (sleep.total_sleep_duration is None or _is_newest(sleep, newest))
    ]


def nights(sleeps: Iterable[Sleep]) -> dict[date, Sleep]:
    """The main sleep of each day, as one record."""
    return {day: join_parts(parts) for day, parts in main_sleep_parts(finished(sleeps)).items()}


def minutes(seconds: float | None) -> int | None:
    """Whole minutes; missing stays missing."""
    return None if seconds is None else round(seconds / 60)


def _is_newest(sleep: Sleep, newest: float) -> bool:
    return sleep.bedtime_start is not None and _instant(sleep) >= newest


def _instant(sleep: Sleep) -> float:
    start = sleep.bedtime_start
    return start.timestamp() if isinstance(start, datetime) else 0.0
