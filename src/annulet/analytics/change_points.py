"""The days on which the level of a metric changed for good.

A series is split where the means before and after differ most for what a slow wander explains.
The noise is learnt from what the split leaves, so that a step does not hide itself. A split counts
when chance makes one as clear in one of twenty years, and when the level moved within days: what
moved over weeks is a slope.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from statistics import linear_regression

from annulet.analytics.noise_model import INTERVAL_LEVEL, Contrast, NoiseModel, learn
from annulet.analytics.series import Series
from annulet.analytics.traits import Traits

__all__ = ["ChangePoint", "change_points", "shift_on"]

_CHANCE = 1e-3
_BESIDE_A_BREAK = 0.01
_BREAK_DAYS = 3
_BLOCK = 7
_FEWEST_A_BLOCK = 3
_FEWEST_BLOCKS = 2
_FEWEST_NIGHTS = 42
# Without memory between nights a split would have to be at least as clear, in SD.
_SCREEN = 3.0
_MOST = 4
_REACHES = (45, 120, 730)
_NEAR = 18
_SHARP = 0.5
_AROUND = 60
_SEARCH = 10


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """A lasting change of level.

    Attributes:
        since: The first day (ordinal) of the new level.
        before: Mean of the level before, in the unit of the metric.
        after: Mean of the level since.
        low: Lower end of the 95 % interval of the change.
        high: Upper end.
        is_break: Whether it falls on a known break, such as another ring.
    """

    since: int
    before: float
    after: float
    low: float
    high: float
    is_break: bool = False


def shift_on(day: int, points: Iterable[ChangePoint]) -> float:
    """What lasting changes add to the values of a day (ordinal), in the unit of the metric."""
    return math.fsum((point.low + point.high) / 2.0 for point in points if day >= point.since)


def change_points(
    series: Series, traits: Traits, *, breaks: Collection[int] = ()
) -> tuple[ChangePoint, ...]:
    """Find the lasting changes of level in a series, oldest first.

    Args:
        series: The metric, nights of illness and a known rhythm taken out.
        traits: How it behaves.
        breaks: Days (ordinals) on which a change is likely, such as another ring's first.
    """
    if len(series) < _FEWEST_NIGHTS:
        return ()
    parts = [series]
    points: list[ChangePoint] = []
    while parts and len(points) < _MOST:
        part = parts.pop()
        point = _split(part, traits, breaks)
        if point is not None:
            points.append(point)
            days = part.days
            sides = part.between(days[0], point.since - 1), part.between(point.since, days[-1])
            parts += [side for side in sides if len(side) >= _FEWEST_NIGHTS]
    return tuple(sorted(points, key=lambda point: point.since))


def _split(part: Series, traits: Traits, breaks: Collection[int]) -> ChangePoint | None:
    last = part.days[-1]
    first_guess, clear = _largest_gap(part)
    if clear < _SCREEN and not breaks:
        return None
    noise = learn(_levelled(part, first_guess), traits, last, last)
    if noise is None:
        return None
    flat = noise.weekdays.removed(part)
    near = [day for day in breaks if part.days[0] < day <= last]
    tried = [_dated(flat, day) for day in {first_guess, _clearest(flat, noise)}]
    judged = [p for day in tried if (p := _judge(part, flat, day, noise)) is not None]
    points = [point for point, chance in judged if chance < _CHANCE]
    for day in near:
        beside = _judge(part, flat, day, noise)
        if beside is not None and beside[1] < _BESIDE_A_BREAK:
            points.append(beside[0])
    if not points:
        return None
    chosen = max(points, key=lambda point: abs(point.after - point.before))
    for day in near:
        if abs(chosen.since - day) <= _BREAK_DAYS:
            return ChangePoint(
                day, chosen.before, chosen.after, chosen.low, chosen.high, is_break=True
            )
    return chosen


def _judge(
    part: Series, flat: Series, since: int, noise: NoiseModel
) -> tuple[ChangePoint, float] | None:
    """Judge a change on a day: the change, and its chance; None where it is no step."""
    before, after = flat.between(flat.days[0], since - 1), flat.between(since, flat.days[-1])
    least = _FEWEST_A_BLOCK * _FEWEST_BLOCKS
    if min(len(before), len(after)) < least:
        return None
    jump = _mean(after.values) - _mean(before.values)
    near = flat.between(since - _NEAR, since - 1), flat.between(since, since + _NEAR - 1)
    if min(len(side) for side in near) < least:
        return None
    local = _mean(near[1].values) - _mean(near[0].values)
    if local * jump < _SHARP * jump * jump or _is_slope(flat, since):
        return None
    judged = []
    for reach_days in _REACHES:
        later = after.between(since, since + reach_days - 1)
        earlier = before.between(since - reach_days, since - 1)
        gap = _mean(later.values) - _mean(earlier.values)
        spread = noise.spread(Contrast.of_means(later.days, earlier.days))
        judged.append((spread.chance(gap), gap, spread))
        if len(later) == len(after) and len(earlier) == len(before):
            break
    chance, jump, spread = min(judged, key=lambda entry: entry[0])
    reach = spread.reach(INTERVAL_LEVEL)
    raw = part.between(part.days[0], since - 1), part.between(since, part.days[-1])
    point = ChangePoint(
        since, _mean(raw[0].values), _mean(raw[1].values), jump - reach, jump + reach
    )
    return point, chance


def _is_slope(flat: Series, since: int) -> bool:
    """Whether a straight line explains the nights around a day better than a step does."""
    around = flat.between(since - _AROUND, since + _AROUND - 1)
    before = [v for d, v in zip(around.days, around.values, strict=True) if d < since]
    after = [v for d, v in zip(around.days, around.values, strict=True) if d >= since]
    step = math.fsum((v - _mean(side)) ** 2 for side in (before, after) for v in side)
    line = linear_regression(around.days, around.values)
    pairs = zip(around.days, around.values, strict=True)
    return math.fsum((v - line.intercept - line.slope * d) ** 2 for d, v in pairs) < step


def _largest_gap(part: Series) -> tuple[int, float]:
    """The day on which a split explains most squares, and how clear it were without memory."""
    n = len(part)
    sums = [0.0, *accumulate(part.values)]
    total = sums[-1]
    most, chosen = 0.0, part.days[n // 2]
    for i in range(_BLOCK * _FEWEST_BLOCKS, n - _BLOCK * _FEWEST_BLOCKS + 1):
        gap = (total - sums[i]) / (n - i) - sums[i] / i
        gain = gap * gap * i * (n - i)
        if gain > most:
            most, chosen = gain, part.days[i]
    mean = total / n
    left = math.fsum([(value - mean) ** 2 for value in part.values]) - most / n
    return chosen, math.sqrt(most / max(left, 1e-12))


def _levelled(part: Series, since: int) -> Series:
    """The series with the gap between before and after a day taken out."""
    before = [v for d, v in zip(part.days, part.values, strict=True) if d < since]
    after = [v for d, v in zip(part.days, part.values, strict=True) if d >= since]
    gap = _mean(after) - _mean(before)
    pairs = zip(part.days, part.values, strict=True)
    return Series(part.days, tuple(v - gap if d >= since else v for d, v in pairs))


def _clearest(flat: Series, noise: NoiseModel) -> int:
    """The first day of the week at which before and after differ most for their noise."""
    blocks: dict[int, list[float]] = {}
    start = flat.days[0]
    for day, value in zip(flat.days, flat.values, strict=True):
        blocks.setdefault((day - start) // _BLOCK, []).append(value)
    means = [(k, _mean(v)) for k, v in sorted(blocks.items()) if len(v) >= _FEWEST_A_BLOCK]
    n = len(means)
    grown = _mean_variances(noise, n)
    sums = [0.0, *accumulate(mean for _, mean in means)]
    most, chosen = -1.0, start
    for i in range(_FEWEST_BLOCKS, n - _FEWEST_BLOCKS + 1):
        gap = (sums[n] - sums[i]) / (n - i) - sums[i] / i
        together = (grown[n] - grown[i] - grown[n - i]) / 2.0
        variance = grown[i] / i**2 + grown[n - i] / (n - i) ** 2 - 2.0 * together / (i * (n - i))
        clear = gap * gap / max(variance, 1e-12)
        if clear > most:
            most, chosen = clear, start + _BLOCK * means[i][0]
    return chosen


def _mean_variances(noise: NoiseModel, n: int) -> list[float]:
    """The variance of the sum of the first 0 … n weekly means, in squares of the nightly SD."""
    own = (1.0 + noise.phi) / (1.0 - noise.phi) / _BLOCK
    own += math.fsum(c.weight * c.scale * c.ratio for c in noise.candidates)
    grown = [0.0]
    reached = 0.0
    for k in range(n):
        covariance = math.fsum(
            c.weight * c.scale * c.ratio * math.exp(-_BLOCK * k / c.memory)
            for c in noise.candidates
        )
        reached += covariance if k else 0.0
        grown.append(grown[-1] + own + 2.0 * reached)
    return grown


def _dated(flat: Series, guess: int) -> int:
    """The day around a guess on which the level turned from the old one to the new one."""
    before = flat.between(guess - 60, guess - 1)
    after = flat.between(guess, guess + 59)
    if not (len(before) and len(after)):
        return guess
    old, new = _mean(before.values), _mean(after.values)
    around = flat.between(guess - _SEARCH, guess + _SEARCH)
    total, most, chosen = 0.0, -math.inf, guess
    for day, value in zip(around.days, around.values, strict=True):
        if total > most:
            most, chosen = total, day
        # How much better the old level explains the night than the new one.
        total += (value - new) ** 2 - (value - old) ** 2
    return chosen


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)
