"""How much likelier the nights make a lasting change of level than none, day by day.

Nights are averaged in blocks. Their level may jump between two blocks, or rise over months; beside
it they vary by fast noise and by a slow wander. How large the wander is, is not known beforehand
and matters most: so a change and no change are each weighed over every size of it, the change by
how well it then explains the nights, no change likewise (a Bayes factor). A Kalman filter and a
disturbance smoother (de Jong and Penzer, "Diagnosing Shocks in Time Series", 1998) give the jump
at every boundary in one run.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import mul
from typing import NamedTuple

from annulet.analytics.noise_model import NoiseModel, Spread
from annulet.analytics.series import Series
from annulet.analytics.shape_likelihood import BLOCK_DAYS, Blocks, rise_around
from annulet.analytics.slow_wander import SCALE_WEEKS, Candidate, Errors, mean_inflation

# The variance of the wander against that of fast noise, from steady people to strong wanderers;
# each is as likely. One memory does for all: more of them find no more steps at as many false ones.
_RATIOS = (0.1, 0.35, 1.0)
_MEMORY_DAYS = 20.0
# A change that happens is about so large, in nightly SD.
_USUAL_CHANGE = 1.5
# A rise takes so many days; its middle may lie every so many days, and beyond the nights by so much
# of its length that a part of it is still seen.
_RISE_DAYS = (90, 180)
_RISE_STEP = 16
_RISE_SEEN = 20
_LEAST_OF_RISE = 0.3
# The level is unknown before the first night: its variance, in squares of the nightly SD.
_UNKNOWN = 1e5


@dataclass(frozen=True, slots=True)
class Jump:
    """A jump of the level on a day.

    Attributes:
        day: The first day (ordinal) of the new level.
        size: How far it jumps, in the unit of the metric.
        spread: How far chance moves that size.
        evidence: The log of how much likelier the nights are with it than with none.
    """

    day: int
    size: float
    spread: Spread
    evidence: float


def jumps(flat: Series, noise: NoiseModel, anchor: int) -> list[Jump]:
    """The jump at every boundary of blocks, one of which is the day ``anchor``.

    Args:
        flat: The nights, weekdays taken out.
        noise: Their nightly SD and their memory.
        anchor: That day (ordinal).
    """
    blocks = Blocks.of(flat, noise.sd, anchor)
    means = list(zip(blocks.means, blocks.counts, strict=True))
    courses = [_jumping(means, ratio, noise.phi) for ratio in _RATIOS]
    told = []
    for place, (weights, evidence) in enumerate(_weighed(courses)):
        sizes = [course.changes[place].size for course in courses]
        sds = [noise.sd * course.sd(course.changes[place]) for course in courses]
        day = anchor + (blocks.first + place + 1) * BLOCK_DAYS
        size = noise.sd * math.fsum(map(mul, weights, sizes))
        told.append(Jump(day, size, Spread(tuple(zip(weights, sds, strict=True))), evidence))
    return told


def rise_evidence(flat: Series, noise: NoiseModel) -> float:
    """The log of how much likelier the nights are with a rise over months than with none.

    Lengths of which few nights show too small a part are left out.
    """
    blocks = Blocks.of(flat, noise.sd, flat.days[0])
    lengths = []
    for length in _RISE_DAYS:
        rises = list(_rises(blocks.middles(), length))
        if not rises:
            continue
        courses = [_rising(blocks, rises, ratio, noise.phi) for ratio in _RATIOS]
        lengths.append(_log_mean([evidence for _, evidence in _weighed(courses)]))
    return _log_mean(lengths) if lengths else -math.inf


def together(among: Sequence[Jump]) -> float:
    """The log of how much likelier the nights are with one of some jumps than with none."""
    return _log_mean([jump.evidence for jump in among])


def likeliest(among: Sequence[Jump], reach: int) -> Jump:
    """The likeliest jump where jumps are likeliest as a group: a single high one is often chance.

    Args:
        among: The jumps, in order of their days.
        reach: How many neighbours either side make a group.
    """
    groups = [among[max(place - reach, 0) : place + reach + 1] for place in range(len(among))]
    group = max(groups, key=lambda group: _log_sum([jump.evidence for jump in group]))
    return max(group, key=lambda jump: jump.evidence)


class _Change(NamedTuple):
    """A change of some shape: its size in nightly SD, and one over the variance of that."""

    size: float = 0.0
    information: float = 0.0


@dataclass(frozen=True, slots=True)
class _Course:
    """What one size of the wander says of the nights.

    Attributes:
        constant: The part of the log likelihood that no change alters.
        misfit: Squared errors, in their variance.
        freedom: Blocks beyond the one that sets the level.
        changes: Each change that is possible.
    """

    constant: float
    misfit: float
    freedom: int
    changes: tuple[_Change, ...]

    def likelihood(self, change: _Change) -> float:
        """The log likelihood with a change of unknown size, its scale unknown too."""
        told = _USUAL_CHANGE**2 * change.information
        left = math.log1p(self._misfit(change) / SCALE_WEEKS)
        return self.constant - 0.5 * (math.log1p(told) + (SCALE_WEEKS + self.freedom) * left)

    def sd(self, change: _Change) -> float:
        """The SD of a change's size by chance, in nightly SD."""
        if not change.information:
            return math.inf
        scale = (SCALE_WEEKS + self._misfit(change)) / (SCALE_WEEKS + self.freedom - 2)
        return math.sqrt(scale / change.information)

    def _misfit(self, change: _Change) -> float:
        told = _USUAL_CHANGE**2 * change.information
        return max(self.misfit - change.size**2 * change.information * told / (1.0 + told), 0.0)


def _weighed(courses: Sequence[_Course]) -> Iterator[tuple[list[float], float]]:
    """Of each change: how likely each size of the wander is with it, and the evidence for it."""
    nothing = _log_sum([course.likelihood(_Change()) for course in courses])
    for changes in zip(*(course.changes for course in courses), strict=True):
        likely = [c.likelihood(change) for c, change in zip(courses, changes, strict=True)]
        total = _log_sum(likely)
        yield [math.exp(log - total) for log in likely], total - nothing


def _rising(blocks: Blocks, rises: Sequence[Sequence[float]], ratio: float, phi: float) -> _Course:
    """What one size of the wander says of rises: each regressed on, level taken out of both."""
    wander = Candidate(1.0, 1.0, ratio, _MEMORY_DAYS)
    errors = Errors.of(blocks.counts, BLOCK_DAYS, phi, wander)
    level = errors.left_by([1.0] * len(blocks.means))
    size = math.fsum(map(mul, level, level))

    def without_level(column: Sequence[float]) -> list[float]:
        left = errors.left_by(column)
        part = math.fsum(map(mul, left, level)) / size
        return [value - part * of_level for value, of_level in zip(left, level, strict=True)]

    nights = without_level(blocks.means)
    changes = []
    for rise in rises:
        shape = without_level(rise)
        told = math.fsum(map(mul, shape, shape))
        changes.append(_Change(math.fsum(map(mul, shape, nights)) / told, told))
    constant = -0.5 * (errors.log_variances + math.log(size))
    return _Course(constant, math.fsum(map(mul, nights, nights)), len(errors) - 1, tuple(changes))


def _jumping(means: Sequence[tuple[float, int]], ratio: float, phi: float) -> _Course:
    """What one size of the wander says of a jump after each block but the last."""
    decay = math.exp(-BLOCK_DAYS / _MEMORY_DAYS)
    errors = _filtered(means, ratio, decay, phi)
    # The first block sets the level.
    told = [error for error in errors if error is not None][1:]
    constant = -0.5 * math.fsum(math.log(error.variance) for error in told)
    misfit = math.fsum(error.size**2 / error.variance for error in told)
    return _Course(constant, misfit, len(told), tuple(_smoothed(errors, decay)))


class _Error(NamedTuple):
    """What a block tells beyond those before it: error, its variance, gains of level and wander."""

    size: float
    variance: float
    level: float
    wander: float


def _filtered(
    means: Sequence[tuple[float, int]], ratio: float, decay: float, phi: float
) -> list[_Error | None]:
    """Filter a level that stays and a wander that decays; None for a block without a night."""
    gained = (1.0 - decay * decay) * ratio
    inflation = mean_inflation(phi, BLOCK_DAYS)
    level = slow = 0.0
    p11, p12, p22 = _UNKNOWN, 0.0, ratio
    errors: list[_Error | None] = []
    for mean, n in means:
        if not n:
            errors.append(None)
            slow, p12, p22 = decay * slow, decay * p12, decay * decay * p22 + gained
            continue
        first, second = p11 + p12, p12 + p22
        total = first + second + inflation / n
        error = mean - level - slow
        k1, k2 = first / total, decay * second / total
        errors.append(_Error(error, total, k1, k2))
        level, slow = level + k1 * error, decay * slow + k2 * error
        p11 -= k1 * k1 * total
        p12 = decay * p12 - k1 * k2 * total
        p22 = decay * decay * p22 - k2 * k2 * total + gained
    return errors


def _smoothed(errors: Sequence[_Error | None], decay: float) -> list[_Change]:
    """The jump of the level after each block but the last.

    ``r`` collects what the later errors say about the state, ``n`` is its variance.
    """
    r1 = r2 = n11 = n12 = n22 = 0.0
    shocks = []
    for error in reversed(errors):
        shocks.append(_Change(r1 / n11, n11) if n11 > 0 else _Change())
        if error is None:
            r2, n12, n22 = decay * r2, decay * n12, decay * decay * n22
            continue
        size, total, k1, k2 = error
        # The transition less the gain: rows level and wander.
        l11, l12, l21, l22 = 1.0 - k1, -k1, -k2, decay - k2
        pulled = size / total
        r1, r2 = pulled + l11 * r1 + l21 * r2, pulled + l12 * r1 + l22 * r2
        a1, a2 = n11 * l11 + n12 * l21, n12 * l11 + n22 * l21
        b1, b2 = n11 * l12 + n12 * l22, n12 * l12 + n22 * l22
        n11 = 1.0 / total + l11 * a1 + l21 * a2
        n12 = 1.0 / total + l12 * a1 + l22 * a2
        n22 = 1.0 / total + l12 * b1 + l22 * b2
    return shocks[:0:-1]


def _rises(middles: Sequence[float], length: int) -> Iterator[list[float]]:
    """Every rise over so many days of which enough is seen, from 0 to 1 over the nights."""
    beyond = length / 2 - _RISE_SEEN
    first, last = middles[0] - beyond, middles[-1] + beyond
    for step in range(int((last - first) // _RISE_STEP) + 1):
        course = rise_around(first + step * _RISE_STEP, length)
        low, high = course(middles[0]), course(middles[-1])
        if high - low >= _LEAST_OF_RISE:
            yield [(course(day) - low) / (high - low) for day in middles]


def _log_sum(logs: Sequence[float]) -> float:
    most = max(logs)
    return most + math.log(math.fsum(math.exp(log - most) for log in logs))


def _log_mean(logs: Sequence[float]) -> float:
    return _log_sum(logs) - math.log(len(logs))
