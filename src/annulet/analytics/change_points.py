"""The days on which the level of a metric changed for good.

Nights are averaged in blocks of four days. Their level may jump between two blocks; a disturbance
smoother (de Jong and Penzer 1998) tells for every boundary how large the jump is and how large
chance makes it, given fast noise and a slow wander. The noise is learnt from what the largest jump
leaves, so that a step does not hide itself. A jump counts where chance makes one as clear in one of
twenty years, and where a step explains the nights better than a slope does.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import NamedTuple

from annulet.analytics.noise_model import (
    INTERVAL_LEVEL,
    Change,
    NoiseModel,
    Spread,
    learn,
)
from annulet.analytics.series import Series
from annulet.analytics.shape_likelihood import (
    BLOCK_DAYS,
    Blocks,
    likely_wanders,
    rise_around,
    step_on,
)
from annulet.analytics.slow_wander import Candidate, mean_inflation
from annulet.analytics.traits import Traits

# The chance of a jump, by the noise that is left without it and by the noise with it: what a strong
# wander does is no step, and a step shall not pass for a wander.
_CHANCE = 1e-3
_CHANCE_AS_WANDER = 0.005
_BESIDE_A_BREAK = 0.01
_BREAK_DAYS = 3
_FEWEST_A_SIDE = 6
_FEWEST_NIGHTS = 42
# Without memory between nights a split would have to be at least as clear, in SD.
_SCREEN = 3.0
_MOST = 4
_NEAR = 18
# A slope takes so many days; its middle lies at such parts of them from the day in question.
_RISE_DAYS = (60, 90, 180, 360)
_RISE_PLACES = (-0.3, 0.0, 0.3)
# A step is told where it is more likely than every slope by so much, in log likelihood.
_CLEARER = 0.6
_SEARCH = 10
# The level is unknown before the first night: its variance, in squares of the nightly SD.
_UNKNOWN = 1e5


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
    guess, clear = _largest_gap(part)
    near = [day for day in breaks if part.days[0] < day <= last]
    if clear < _SCREEN and not near:
        return None
    noise = _noise_around(part, traits, guess)
    if noise is None:
        return None
    flat = noise.weekdays.removed(part)
    largest = _largest_jump(flat, noise, guess)
    if largest is not None and abs(largest - guess) > BLOCK_DAYS:
        noise = _noise_around(part, traits, largest) or noise
        flat = noise.weekdays.removed(part)
        guess = _largest_jump(flat, noise, largest) or largest
    point = _judged(part, flat, noise, _dated(flat, guess), _CHANCE)
    if point is not None:
        wandering = learn(part, traits, last, last) or noise
        point = point if _judged(part, flat, wandering, point.since, _CHANCE_AS_WANDER) else None
    beside = [
        p for day in near if (p := _judged(part, flat, noise, day, _BESIDE_A_BREAK, is_break=True))
    ]
    points = [*([point] if point else []), *beside]
    if not points:
        return None
    chosen = max(points, key=lambda point: abs(point.after - point.before))
    for day in near:
        if abs(chosen.since - day) <= _BREAK_DAYS:
            return replace(chosen, since=day, is_break=True)
    return chosen


def _noise_around(part: Series, traits: Traits, since: int) -> NoiseModel | None:
    """The noise, a step on a day estimated along."""
    return learn(_levelled(part, since), traits, part.days[-1], since - 1, change=Change.STEP)


def _judged(
    part: Series,
    flat: Series,
    noise: NoiseModel,
    since: int,
    most_chance: float,
    *,
    is_break: bool = False,
) -> ChangePoint | None:
    """The change of level on a day; None where chance explains it or, without a break, a slope."""
    sides = part.between(part.days[0], since - 1), part.between(since, part.days[-1])
    near = flat.between(since - _NEAR, since - 1), flat.between(since, since + _NEAR - 1)
    if min(len(side) for side in (*sides, *near)) < _FEWEST_A_SIDE:
        return None
    jump = next((jump for jump in _jumps(flat, noise, since) if jump.day == since), None)
    if jump is None or jump.spread.chance(jump.size) >= most_chance:
        return None
    if not is_break and _is_slope(flat, noise, since):
        return None
    reach = jump.spread.reach(INTERVAL_LEVEL)
    before, after = _mean(sides[0].values), _mean(sides[1].values)
    return ChangePoint(since, before, after, jump.size - reach, jump.size + reach)


def _largest_jump(flat: Series, noise: NoiseModel, anchor: int) -> int | None:
    """The boundary of blocks at which the level jumps most for what chance does."""
    jumps = [
        jump
        for jump in _jumps(flat, noise, anchor)
        if flat.days[0] + _NEAR <= jump.day <= flat.days[-1] - _NEAR
    ]
    clearest = max(jumps, key=lambda jump: abs(jump.size) / jump.spread.sd, default=None)
    return None if clearest is None else clearest.day


class _Jump(NamedTuple):
    """How far the level jumps on a day, and the distribution of such a jump by chance."""

    day: int
    size: float
    spread: Spread


def _jumps(flat: Series, noise: NoiseModel, anchor: int) -> list[_Jump]:
    """The jump of the level at every boundary of blocks, one of which is the day ``anchor``."""
    blocks = Blocks.of(flat, noise.sd, anchor)
    means = list(zip(blocks.means, blocks.counts, strict=True))
    told = [(c.weight, _shocks(means, c, noise.phi)) for c in likely_wanders(noise)]
    jumps = []
    for place in range(len(means) - 1):
        size = math.fsum(weight * shocks[place][0] for weight, shocks in told)
        parts = tuple((weight, noise.sd * shocks[place][1]) for weight, shocks in told)
        jumps.append(
            _Jump(anchor + (blocks.first + place + 1) * BLOCK_DAYS, noise.sd * size, Spread(parts))
        )
    return jumps


def _shocks(
    means: Sequence[tuple[float, int]], candidate: Candidate, phi: float
) -> list[tuple[float, float]]:
    """Size and SD of a shock to the level after each block, in nightly SD.

    A Kalman filter runs over the blocks, a smoother runs back (de Jong and Penzer, "Diagnosing
    Shocks in Time Series", 1998): ``r`` collects what the later errors say about the state,
    ``n`` is its variance.
    """
    wander, decay = candidate.ratio, math.exp(-BLOCK_DAYS / candidate.memory)
    r1 = r2 = n11 = n12 = n22 = 0.0
    shocks = []
    for step in reversed(_filtered(means, wander, decay, phi)):
        shocks.append((r1 / n11, math.sqrt(candidate.scale / n11)) if n11 > 0 else (0.0, math.inf))
        if step is None:
            r2, n12, n22 = decay * r2, decay * n12, decay * decay * n22
            continue
        error, total, k1, k2 = step
        # The transition less the gain: rows level and wander.
        l11, l12, l21, l22 = 1.0 - k1, -k1, -k2, decay - k2
        pulled = error / total
        r1, r2 = pulled + l11 * r1 + l21 * r2, pulled + l12 * r1 + l22 * r2
        a1, a2 = n11 * l11 + n12 * l21, n12 * l11 + n22 * l21
        b1, b2 = n11 * l12 + n12 * l22, n12 * l12 + n22 * l22
        n11 = 1.0 / total + l11 * a1 + l21 * a2
        n12 = 1.0 / total + l12 * a1 + l22 * a2
        n22 = 1.0 / total + l12 * b1 + l22 * b2
    return shocks[:0:-1]


def _filtered(
    means: Sequence[tuple[float, int]], wander: float, decay: float, phi: float
) -> list[tuple[float, float, float, float] | None]:
    """Filter a level that stays and a wander that decays: error, its variance and gains a block."""
    gained = (1.0 - decay * decay) * wander
    inflation = mean_inflation(phi, BLOCK_DAYS)
    level = slow = 0.0
    p11, p12, p22 = _UNKNOWN, 0.0, wander
    steps: list[tuple[float, float, float, float] | None] = []
    for mean, n in means:
        if not n:
            steps.append(None)
            slow, p12, p22 = decay * slow, decay * p12, decay * decay * p22 + gained
            continue
        first, second = p11 + p12, p12 + p22
        total = first + second + inflation / n
        error = mean - level - slow
        k1, k2 = first / total, decay * second / total
        steps.append((error, total, k1, k2))
        level, slow = level + k1 * error, decay * slow + k2 * error
        p11 -= k1 * k1 * total
        p12 = decay * p12 - k1 * k2 * total
        p22 = decay * decay * p22 - k2 * k2 * total + gained
    return steps


def _is_slope(flat: Series, noise: NoiseModel, since: int) -> bool:
    """Whether a rise over weeks or months explains the nights as well as a step on a day does."""
    blocks = Blocks.of(flat, noise.sd, since)
    step = blocks.log_likelihood(noise, step_on(since))
    rises = (rise_around(since - at * days, days) for days in _RISE_DAYS for at in _RISE_PLACES)
    return any(blocks.log_likelihood(noise, rise) > step - _CLEARER for rise in rises)


def _largest_gap(part: Series) -> tuple[int, float]:
    """The day on which a split explains most squares, and how clear it were without memory."""
    n = len(part)
    sums = [0.0, *accumulate(part.values)]
    total = sums[-1]
    most, chosen = 0.0, part.days[n // 2]
    for i in range(_NEAR, n - _NEAR + 1):
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
