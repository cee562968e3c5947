"""Runs of consecutive days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


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
