"""One step in a long series: the split of its weekly medians that shuffling cannot explain."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from annulet.analytics.series import Series
from annulet.analytics.slope import weekly_medians

__all__ = ["Step", "find_step"]

_EDGE = 3
_SHUFFLES = 199
_ALPHA = 0.05
_MULTIPLIER = 6364136223846793005
_INCREMENT = 1442695040888963407
_MASK = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Step:
    """A lasting change of level.

    Attributes:
        day: The first day of the week in which the new level begins.
        size: New level minus old level.
        p: How often shuffled weeks show as large a step.
    """

    day: date
    size: float
    p: float


def find_step(series: Series, *, end: date, length: int = 180) -> Step | None:
    """Find the one step of a window; None when there is none to be sure of."""
    weeks = weekly_medians(series, end, length)
    values = [week.median for week in weeks]
    if len(values) < 2 * _EDGE or min(values) == max(values):
        return None
    at, largest = _best_split(values)
    state = 1
    as_large = 1
    shuffled = list(values)
    for _ in range(_SHUFFLES):
        state = _shuffle(shuffled, state)
        as_large += _best_split(shuffled)[1] >= largest
    p = as_large / (_SHUFFLES + 1)
    if p >= _ALPHA:
        return None
    after, before = values[at:], values[:at]
    size = math.fsum(after) / len(after) - math.fsum(before) / len(before)
    return Step(date.fromordinal(weeks[at].start), size, p)


def _best_split(values: Sequence[float]) -> tuple[int, float]:
    k = len(values)
    total = math.fsum(values)
    head = math.fsum(values[: _EDGE - 1])
    best = (_EDGE, -1.0)
    for i in range(_EDGE, k - _EDGE + 1):
        head += values[i - 1]
        gap = abs(head / i - (total - head) / (k - i)) * math.sqrt(i * (k - i) / k)
        if gap > best[1]:
            best = (i, gap)
    return best


def _shuffle(values: list[float], state: int) -> int:
    """Shuffle in place with a fixed generator, so that the same input has the same answer."""
    for i in range(len(values) - 1, 0, -1):
        state = (state * _MULTIPLIER + _INCREMENT) & _MASK
        j = (state >> 33) % (i + 1)
        values[i], values[j] = values[j], values[i]
    return state
