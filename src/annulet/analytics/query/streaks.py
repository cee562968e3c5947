"""Runs of consecutive days."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TypedDict


@dataclass(frozen=True, slots=True)
class Streak:
    """Days in a row.

    Attributes:
        first: The first day (ordinal).
        length: How many days.
    """

    first: int
    length: int

    @property
    def last(self) -> int:
        """The last day (ordinal)."""
        return self.first + self.length - 1


def runs(days: Iterable[int]) -> list[Streak]:
    """The runs among some days, in order of time."""
    streaks: list[Streak] = []
    for day in sorted(set(days)):
        if streaks and day == streaks[-1].last + 1:
            streaks[-1] = Streak(streaks[-1].first, streaks[-1].length + 1)
        else:
            streaks.append(Streak(day, 1))
    return streaks


def longest_streak(days: Iterable[int]) -> Streak | None:
    """The longest run, the first of equally long ones; None without a day."""
    return max(runs(days), key=lambda run: run.length, default=None)


def current_streak(days: Iterable[int], end: int) -> Streak | None:
    """The run that lasts until ``end`` (ordinal); None where that day is not among the days."""
    last = next(reversed(runs(days)), None)
    return last if last is not None and last.last == end else None


class StreakParts(TypedDict):
    """The streaks as the parts of a line."""

    longest: Streak | None
    current: Streak | None
    may_be_longer: bool


@dataclass(frozen=True, slots=True)
class Streaks:
    """The asked streaks of some days.

    Attributes:
        longest: The longest one.
        current: The one that lasts until the end.
        may_be_longer: Whether unknown days may make one of them longer.
        is_current_unknown: Whether the end itself is unknown, so that nothing can be said of it.
    """

    longest: Streak | None = None
    current: Streak | None = None
    may_be_longer: bool = False
    is_current_unknown: bool = False

    @property
    def as_parts(self) -> StreakParts:
        """The parts of a line."""
        return StreakParts(
            longest=self.longest, current=self.current, may_be_longer=self.may_be_longer
        )


def streaks_of(met: set[int], unknown: set[int], end: int, asked: Collection[str]) -> Streaks:
    """The streaks among days (ordinals), and whether they may in truth be longer.

    Args:
        met: The days that count.
        unknown: The days that may count.
        end: The day until which the current streak lasts.
        asked: Names of figures; of streaks ``longest_streak`` and ``current_streak``.
    """
    longest = longest_streak(met) if "longest_streak" in asked else None
    current = current_streak(met, end) if "current_streak" in asked else None
    possible = met | unknown
    is_unknown = "current_streak" in asked and end in unknown
    longer = [
        "longest_streak" in asked and _length(longest_streak(possible)) > _length(longest),
        current is not None and _length(current_streak(possible, end)) > _length(current),
    ]
    return Streaks(longest, current, any(longer) or is_unknown, is_unknown)


def _length(streak: Streak | None) -> int:
    return 0 if streak is None else streak.length
