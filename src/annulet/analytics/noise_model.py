"""How averages of a person's metric move when nothing happens: fast noise and a slow wander.

A night is the sum of a level, a weekday effect, fast noise (first-order autoregression) and a slow
wander that forgets itself over weeks or months. How large and how slow the wander is, the person's
own weekly means say: a Kalman filter gives the likelihood of each candidate, a prior leans a short
history. What candidates remain likely is averaged over, so that little history widens intervals.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from operator import mul

from annulet.analytics.residuals import autocorrelation, clipped_sd
from annulet.analytics.series import Series
from annulet.analytics.slow_wander import MEMORIES, Candidate, weigh_wanders
from annulet.analytics.traits import Traits
from annulet.analytics.weekdays import WeekdayPattern, weekday_pattern
from annulet.analytics.windows import sorted_median

NOISE_LEVEL = 0.90
"""The share of changes by chance that lie within the noise band."""
INTERVAL_LEVEL = 0.95
"""The coverage of every interval that is shown."""
HISTORY_DAYS = 730
"""How far back the model looks."""

_FEWEST_NIGHTS = 7
_NIGHTS_A_WEEK = 3
_PRIOR_NIGHTS = 10
_FEWEST_WEEKS = 8
_FEWEST_FOR_LINE = 4
# In so many weeks a steady rise cannot be told from a slow wander, and is taken for a rise.
_LINE_WEEKS = 26
# A change is called where chance makes one as large that seldom: nine metrics share one answer, and
# any of them may be called by chance in one of ten. Of a wanderer's wander too little is known for
# its far tail, so more is asked (measured on simulated people of every kind).
_CALLED = 0.012
_CALLED_OF_WANDERERS = 0.003
_WANDERER = 0.15
_NOTHING = 1e-12
_MOST_UNEVEN = 0.9
_FARTHEST = 4.0


@dataclass(frozen=True, slots=True)
class Contrast:
    """A weighted sum of nights whose weights add up to zero.

    Attributes:
        days: Ordinals, ascending.
        weights: The weight of each night.
    """

    days: tuple[int, ...]
    weights: tuple[float, ...]

    @classmethod
    def of_means(cls, later: Sequence[int], earlier: Sequence[int]) -> Contrast:
        """Build the difference of the means over two sets of days, which may overlap."""
        weights: defaultdict[int, float] = defaultdict(float)
        for day in later:
            weights[day] += 1.0 / len(later)
        for day in earlier:
            weights[day] -= 1.0 / len(earlier)
        days = tuple(sorted(weights))
        return cls(days, tuple(weights[day] for day in days))

    @classmethod
    def of_slope(cls, days: Sequence[int]) -> Contrast:
        """Build the least-squares slope per day through some days, two at least."""
        middle = math.fsum(days) / len(days)
        spread = math.fsum((day - middle) ** 2 for day in days)
        return cls(tuple(days), tuple((day - middle) / spread for day in days))

    def value(self, series: Series) -> float:
        """The contrast of a series that has a value on each of the days."""
        values = dict(zip(series.days, series.values, strict=True))
        return math.fsum(w * values[d] for d, w in zip(self.days, self.weights, strict=True))

    def yearly(self) -> float:
        """The variance of the contrast of a yearly wave of unit variance and unknown phase."""
        turn = 2.0 * math.pi / 365.25
        angles = [turn * day for day in self.days]
        cosine = math.fsum(map(mul, self.weights, map(math.cos, angles)))
        sine = math.fsum(map(mul, self.weights, map(math.sin, angles)))
        return cosine * cosine + sine * sine

    def covariance(self, memory: float) -> float:
        """The variance of the contrast of unit noise whose correlation falls by 1/e in so long."""
        decay = {gap: math.exp(-gap / memory) for gap in range(1, 8)} if memory > 0 else {}
        total = carried = 0.0
        before = self.days[0] if self.days else 0
        for day, weight in zip(self.days, self.weights, strict=True):
            gap = day - before
            if gap and memory > 0:
                carried *= decay.get(gap) or math.exp(-gap / memory)
            elif gap:
                carried = 0.0
            total += weight * (weight + 2.0 * carried)
            carried += weight
            before = day
        return total


@dataclass(frozen=True, slots=True)
class Spread:
    """The distribution of a contrast by chance: a mixture of normal distributions around zero.

    Attributes:
        parts: Weight and SD of each.
    """

    parts: tuple[tuple[float, float], ...]

    @property
    def sd(self) -> float:
        """The SD of the mixture."""
        return math.sqrt(math.fsum(weight * sd * sd for weight, sd in self.parts))

    def chance(self, size: float) -> float:
        """The probability of a value farther from zero than ``size``."""
        root = math.sqrt(0.5)
        return math.fsum(w * math.erfc(root * abs(size) / sd) for w, sd in self.parts)

    def reach(self, level: float) -> float:
        """The distance from zero within which a share ``level`` of values lies."""
        low, high = 0.0, 12.0 * max(sd for _, sd in self.parts)
        for _ in range(24):
            middle = 0.5 * (low + high)
            if self.chance(middle) > 1.0 - level:
                low = middle
            else:
                high = middle
        return 0.5 * (low + high)


@dataclass(frozen=True, slots=True)
class NoiseModel:
    """How a person's metric moves by chance.

    Attributes:
        sd: Night-to-night SD, season and weekday taken out, in the unit of the metric.
        phi: The correlation of a night's fast noise with the next.
        season: The variance of a yearly wave, in squares of the nightly SD.
        weekdays: The weekly pattern.
        candidates: The possible slow wanders.
        nights: Nights that the model has learnt from.
    """

    sd: float
    phi: float
    season: float
    weekdays: WeekdayPattern
    candidates: tuple[Candidate, ...]
    nights: int

    @property
    def wander(self) -> float:
        """The expected variance of the slow wander, in squares of the nightly SD."""
        return math.fsum(c.weight * c.scale * c.ratio for c in self.candidates)

    def calls(self, chance: float, share: float = 1.0) -> bool:
        """Whether a change of so little chance is called.

        Args:
            chance: The probability that nothing but chance makes one as large.
            share: The part of an answer's false calls that this kind of judgement may use.
        """
        wanders = self.wander > _WANDERER
        return chance < share * (_CALLED_OF_WANDERERS if wanders else _CALLED)

    def spread(self, contrast: Contrast) -> Spread:
        """The distribution of a contrast of nights, weekdays taken out, when nothing happens."""
        fast = contrast.covariance(-1.0 / math.log(self.phi) if self.phi > 0 else 0.0)
        slow = {memory: contrast.covariance(memory) for memory, _ in MEMORIES}
        loads = [0.0] * 7
        for day, weight in zip(contrast.days, contrast.weights, strict=True):
            loads[day % 7] += weight
        fixed = self.season * contrast.yearly() + math.fsum(
            load * load * v for load, v in zip(loads, self.weekdays.variances, strict=True)
        )
        # Single nights have heavier tails than a normal distribution; a mean of few keeps them.
        fourth = math.fsum(weight**4 for weight in contrast.weights)
        alone = max(contrast.covariance(0.0), _NOTHING)
        uneven = min(math.sqrt(fourth) / alone, _MOST_UNEVEN)
        parts = []
        for c in self.candidates:
            variance = fast + (c.ratio * slow[c.memory] if c.ratio else 0.0)
            variance = max(c.scale * variance + fixed, _NOTHING)
            parts += [
                (0.5 * c.weight, self.sd * math.sqrt(variance * (1.0 + uneven))),
                (0.5 * c.weight, self.sd * math.sqrt(variance * (1.0 - uneven))),
            ]
        return Spread(tuple(parts))


def pulled_in(series: Series, sd: float) -> Series:
    """Pull nights in that lie more than four nightly SD from the median: one fault moves no mean.

    Args:
        series: The nights of one side of a judgement, weekdays taken out.
        sd: The nightly SD.
    """
    if len(series) < _NIGHTS_A_WEEK:
        return series
    middle = sorted_median(sorted(series.values))
    low, high = middle - _FARTHEST * sd, middle + _FARTHEST * sd
    return Series(series.days, tuple(max(low, min(high, value)) for value in series.values))


class Change(Enum):
    """The form of the change in question."""

    NONE = "none"
    STEP = "step"
    SLOPE = "slope"


def learn(
    series: Series,
    traits: Traits,
    end: int,
    quiet_until: int,
    *,
    change: Change = Change.NONE,
    breaks: Collection[int] = (),
) -> NoiseModel | None:
    """Learn the noise of a metric; None with fewer than seven nights.

    Args:
        series: The metric, nights of illness already left out.
        traits: How it behaves; a short history leans on it.
        end: The last day (ordinal) that may be looked at.
        quiet_until: The last day before the change in question.
        change: Its form: it is estimated along with the noise, so that a change does not teach that
            such changes are usual.
        breaks: Days (ordinals) on which the level may jump for a reason that is no wander; weeks
            before the last of them do not count, where enough come after it.
    """
    history = series.window(end, HISTORY_DAYS)
    if len(history) < _FEWEST_NIGHTS:
        return None
    weekdays, rest = weekday_pattern(history)
    sd = _nightly_sd(rest, history, traits)
    phi = autocorrelation(rest, traits.phi)
    weeks = _weekly_means(_since_break(weekdays.removed(history), quiet_until, breaks), end)
    scaled = [(mean / sd, n) for mean, n in weeks]
    shapes = _shapes(weeks, (end - quiet_until) / 7.0, change)
    candidates = weigh_wanders(scaled, shapes, phi)
    return NoiseModel(sd, phi, traits.season, weekdays, candidates, len(history))


def _since_break(series: Series, quiet_until: int, breaks: Collection[int]) -> Series:
    """The nights since the last break, where enough of them lie before the change in question."""
    first = max((day for day in breaks if day <= quiet_until), default=1)
    if len(series.between(first, quiet_until)) < _NIGHTS_A_WEEK * _FEWEST_WEEKS:
        return series
    return series.between(first, series.days[-1])


def _shapes(weeks: Sequence[tuple[float, int]], moving: float, change: Change) -> list[list[float]]:
    """What may move the weekly means besides noise, a column each: the level, and the change.

    Args:
        weeks: Weekly means, oldest first.
        moving: Weeks since the change in question began.
        change: Its form.
    """
    back = range(len(weeks) - 1, -1, -1)
    shapes = [[1.0] * len(weeks)]
    quiet = sum(1 for place, (_, n) in zip(back, weeks, strict=True) if n and place >= moving)
    if change is not Change.NONE and quiet >= _FEWEST_WEEKS:
        since = [min(max(moving - place, 0.0), 1.0) for place in back]
        rise = [max(moving - place - 0.5, 0.0) for place in back]
        shapes.append(since if change is Change.STEP else rise)
    if quiet <= _LINE_WEEKS and sum(n > 0 for _, n in weeks) >= _FEWEST_FOR_LINE:
        # In so many weeks a steady rise cannot be told from a slow wander: it is taken for a rise.
        shapes.append([float(-place) for place in back])
    return shapes


def _nightly_sd(rest: Series, history: Series, traits: Traits) -> float:
    size = traits.middle(history.values) if traits.log else 1.0
    own, n = clipped_sd(rest.values), len(history)
    if traits.typical_sd is not None:
        typical = traits.typical_sd * size
        own = math.sqrt((_PRIOR_NIGHTS * typical**2 + n * own**2) / (_PRIOR_NIGHTS + n))
    return max(own, traits.floor * size)


def _weekly_means(series: Series, end: int) -> list[tuple[float, int]]:
    """Mean and number of nights of each week counted back from ``end``, oldest first."""
    weeks: defaultdict[int, list[float]] = defaultdict(list)
    for day, value in zip(series.days, series.values, strict=True):
        weeks[(end - day) // 7].append(value)
    return [
        (math.fsum(nights) / len(nights), len(nights)) if len(nights) >= _NIGHTS_A_WEEK else (0, 0)
        for nights in (weeks[back] for back in range(max(weeks, default=-1), -1, -1))
    ]
