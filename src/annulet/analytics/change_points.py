"""The days on which the level of a metric changed for good.

A lasting change is told where the nights are much likelier with one than without, whatever slow
wander they have, and where a jump explains them about as well as a rise over months does. The day
is then where the old level stops to explain the nights better than the new one.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from annulet.analytics.jump_evidence import jumps, likeliest, rise_evidence, together
from annulet.analytics.noise_model import INTERVAL_LEVEL, NoiseModel, learn
from annulet.analytics.series import Series
from annulet.analytics.shape_likelihood import BLOCK_DAYS
from annulet.analytics.traits import Traits

# Logs of likelihood ratios, set where people who wander strongly, a third to a half of their
# variance, are told a change out of nothing once in twenty years and metrics; decision 36.
_CLEAR = 2.1
_AGAINST_A_RISE = -1.2
_AT_ONCE = 0.2
_BESIDE_A_BREAK = 2.0
_BREAK_DAYS = 3
_FEWEST_A_SIDE = 6
_FEWEST_NIGHTS = 42
# Without memory between nights a split would have to be at least as clear, in SD.
_SCREEN = 3.0
_MOST = 4
_NEAR = 18
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
        is_gradual: Whether it may as well have come over weeks, so that the day is its middle.
    """

    since: int
    before: float
    after: float
    low: float
    high: float
    is_break: bool = False
    is_gradual: bool = False


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
    near = [day for day in breaks if part.days[0] < day <= last]
    if not near and _plain_gap(part) < _SCREEN:
        return None
    noise = learn(part, traits, last, last)
    if noise is None:
        return None
    flat = noise.weekdays.removed(part)
    points = [
        *([point] if (point := _likeliest(part, flat, noise)) else []),
        *(p for on in near if (p := _point(part, flat, noise, on, _BESIDE_A_BREAK))),
    ]
    if not points:
        return None
    chosen = max(points, key=lambda point: abs(point.after - point.before))
    for day in near:
        if abs(chosen.since - day) <= _BREAK_DAYS:
            return replace(chosen, since=day, is_break=True, is_gradual=False)
    return chosen


def _likeliest(part: Series, flat: Series, noise: NoiseModel) -> ChangePoint | None:
    """The likeliest change of level; None where chance or a slope explains the nights."""
    first, last = flat.days[0] + _NEAR, flat.days[-1] - _NEAR
    inner = [jump for jump in jumps(flat, noise, flat.days[0]) if first <= jump.day <= last]
    evidence = together(inner) if inner else -math.inf
    if evidence < _CLEAR:
        return None
    beyond_a_rise = evidence - rise_evidence(flat, noise)
    if beyond_a_rise < _AGAINST_A_RISE:
        return None
    since = _dated(flat, likeliest(inner, _NEAR // BLOCK_DAYS - 1).day)
    point = _point(part, flat, noise, since)
    return point and replace(point, is_gradual=beyond_a_rise < _AT_ONCE)


def _point(
    part: Series, flat: Series, noise: NoiseModel, since: int, least: float = 0.0
) -> ChangePoint | None:
    """The change of level on a day; None with few nights around it, or with zero in its interval.

    Args:
        part: The nights.
        flat: The nights, weekdays taken out.
        noise: How they vary.
        since: That day (ordinal).
        least: The least evidence for a jump on that very day.
    """
    sides = part.between(part.days[0], since - 1), part.between(since, part.days[-1])
    near = flat.between(since - _NEAR, since - 1), flat.between(since, since + _NEAR - 1)
    if min(len(side) for side in (*sides, *near)) < _FEWEST_A_SIDE:
        return None
    jump = next((jump for jump in jumps(flat, noise, since) if jump.day == since), None)
    if jump is None or jump.evidence < least:
        return None
    reach = jump.spread.reach(INTERVAL_LEVEL)
    if abs(jump.size) <= reach:
        return None
    before, after = _mean(sides[0].values), _mean(sides[1].values)
    return ChangePoint(since, before, after, jump.size - reach, jump.size + reach)


def _plain_gap(part: Series) -> float:
    """How clear the clearest split of the nights were if they had no memory, in SD."""
    n = len(part)
    sums = [0.0, *accumulate(part.values)]
    total = sums[-1]
    most = 0.0
    for i in range(_NEAR, n - _NEAR + 1):
        gap = (total - sums[i]) / (n - i) - sums[i] / i
        most = max(most, gap * gap * i * (n - i))
    mean = total / n
    left = math.fsum([(value - mean) ** 2 for value in part.values]) - most / n
    return math.sqrt(most / max(left, 1e-12))


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
