"""Which of a day's sleeps are its main sleep.

The recorded type decides where it can. Length and time of day decide for the rest: a long sleep is
recorded in pieces when the sleeper was up for a while, shift workers have two, and a short night
carries the type of a nap.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

_LONG: Final = "long_sleep"
_NAP: Final = "late_nap"
_LONG_S: Final = 3 * 3600
"""A sleep of this length is a long sleep, as Oura documents it."""
_SHORT_NIGHT_S: Final = 3600
"""Less sleep than this is no night, whatever the hour."""
LONGEST_BREAK: Final = timedelta(hours=2)
"""Who is up for longer has got up; what follows is another sleep."""
_EVENING_H: Final = 21
_MORNING_H: Final = 9


@dataclass(frozen=True, slots=True)
class Stretch:
    """One sleep as it was recorded.

    Attributes:
        key: What identifies it.
        day: The day it belongs to.
        kind: The recorded type; empty where there is none.
        start: When it began, with the local offset; ``None`` when unknown.
        end: When it ended; ``None`` when unknown.
        asleep_s: Seconds asleep; ``None`` when unknown.
    """

    key: str
    day: date
    kind: str
    start: datetime | None
    end: datetime | None
    asleep_s: float | None

    @property
    def is_long(self) -> bool:
        """Whether it is a long sleep, by its type or by its length."""
        return self.kind == _LONG or (self.asleep_s or 0) >= _LONG_S

    def overlap(self, second: Stretch) -> timedelta:
        """How long both lasted at the same time."""
        if self.start and self.end and second.start and second.end:
            return min(self.end, second.end) - max(self.start, second.start)
        return timedelta()


def main_sleeps(stretches: Iterable[Stretch]) -> dict[date, tuple[str, ...]]:
    """The keys of the sleeps that make up the main sleep of each day, by start.

    They are all long sleeps of the day and the pieces beside them. A day without a long sleep has
    the longest run of pieces, if that is long enough or lies in the night. A nap is never part.
    """
    by_day: dict[date, list[Stretch]] = {}
    for stretch in stretches:
        by_day.setdefault(stretch.day, []).append(stretch)
    chosen = {day: _main_sleep(by_day[day]) for day in sorted(by_day)}
    return {day: tuple(part.key for part in parts) for day, parts in chosen.items() if parts}


def naps(
    stretches: Iterable[Stretch], main: Mapping[date, Iterable[str]]
) -> dict[date, tuple[str, ...]]:
    """The keys of the naps of each day, by start: every sleep that is no part of the main sleep.

    Args:
        stretches: All sleeps.
        main: The keys of the main sleep of each day, as `main_sleeps` gives them.
    """
    keys = {key for parts in main.values() for key in parts}
    by_day: dict[date, list[Stretch]] = {}
    for stretch in sorted(stretches, key=lambda s: (s.key not in keys, -(s.asleep_s or 0.0))):
        distinct = by_day.setdefault(stretch.day, [])
        if stretch.key in keys or not any(_is_version(stretch, known) for known in distinct):
            distinct.append(stretch)
    chosen = {
        day: tuple(s.key for s in sorted(by_day[day], key=_began) if s.key not in keys)
        for day in sorted(by_day)
    }
    return {day: nap_keys for day, nap_keys in chosen.items() if nap_keys}


def _main_sleep(stretches: list[Stretch]) -> list[Stretch]:
    pieces = _without_versions(stretch for stretch in stretches if stretch.kind != _NAP)
    runs = _runs(sorted(pieces, key=_began))
    long_runs = [run for run in runs if any(part.is_long for part in run)]
    if long_runs:
        return [part for run in long_runs for part in run]
    nights = [run for run in runs if _is_night(run)]
    return max(nights, key=_asleep_s, default=[])


def _without_versions(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Without sleeps that another, longer one has the greater part of: it is the same sleep."""
    distinct: list[Stretch] = []
    for stretch in sorted(stretches, key=lambda s: -(s.asleep_s or 0.0)):
        if not any(_is_version(stretch, longer) for longer in distinct):
            distinct.append(stretch)
    return distinct


def _is_version(stretch: Stretch, longer: Stretch) -> bool:
    if stretch.start is None or stretch.end is None:
        return False
    return stretch.overlap(longer) > (stretch.end - stretch.start) / 2


def _runs(stretches: list[Stretch]) -> list[list[Stretch]]:
    """Sleeps with only short breaks between them, together."""
    runs: list[list[Stretch]] = []
    for stretch in stretches:
        if runs and _is_beside(runs[-1][-1], stretch):
            runs[-1].append(stretch)
        else:
            runs.append([stretch])
    return runs


def _is_beside(earlier: Stretch, later: Stretch) -> bool:
    if earlier.end is None or later.start is None:
        return False
    return later.start - earlier.end <= LONGEST_BREAK


def _is_night(run: list[Stretch]) -> bool:
    asleep_s = _asleep_s(run)
    if asleep_s >= _LONG_S and len(run) > 1:
        return True
    return asleep_s >= _SHORT_NIGHT_S and all(map(_in_the_night, run))


def _in_the_night(stretch: Stretch) -> bool:
    """Whether the middle of a sleep lies between evening and morning."""
    if stretch.start is None or stretch.end is None:
        return False
    middle = stretch.start + (stretch.end - stretch.start) / 2
    return middle.hour >= _EVENING_H or middle.hour < _MORNING_H


def _asleep_s(run: list[Stretch]) -> float:
    return sum(part.asleep_s or 0.0 for part in run)


def _began(stretch: Stretch) -> tuple[float, str]:
    return (0.0 if stretch.start is None else stretch.start.timestamp(), stretch.key)
