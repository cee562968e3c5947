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
from operator import mul
from statistics import linear_regression

from annulet.analytics.residuals import autocorrelation, clipped_sd
from annulet.analytics.series import Series
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
# How surely the nightly SD explains the scale of weeks: as if it came from so many weeks.
_SCALE_WEEKS = 24
_FEWEST_WEEKS = 8
_FEWEST_FOR_LINE = 4
# In so many weeks a steady rise cannot be told from a slow wander, and is taken for a rise.
_LINE_WEEKS = 26
# Hardly any wander or much of it, little between: a person with little evidence of one then keeps
# the wide tail of what may be, and one with much evidence is soon taken for a wanderer.
_RATIOS = ((0.0, 0.40), (0.05, 0.10), (0.2, 0.10), (0.6, 0.25), (1.4, 0.15))
_MEMORIES = ((20.0, 0.30), (60.0, 0.45), (200.0, 0.25))
# A change is called where chance makes one as large that seldom: nine metrics share one answer, and
# any of them may be called by chance in one of ten. Of a wanderer's wander too little is known for
# its far tail, so more is asked (measured on simulated people of every kind).
_CALLED = 0.012
_CALLED_OF_WANDERERS = 0.003
_WANDERER = 0.15
_NEGLIGIBLE = 0.004
_NOTHING = 1e-12
_MOST_UNEVEN = 0.9
_FARTHEST = 4.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """One possible slow wander.

    Attributes:
        weight: How likely it is.
        scale: The variance of fast noise, in squares of the nightly SD.
        ratio: The variance of the wander against that of fast noise.
        memory: The days over which the wander forgets itself to 1/e.
    """

    weight: float
    scale: float
    ratio: float
    memory: float


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
        slow = {memory: contrast.covariance(memory) for memory, _ in _MEMORIES}
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


def learn(
    series: Series, traits: Traits, end: int, quiet_until: int, *, breaks: Collection[int] = ()
) -> NoiseModel | None:
    """Learn the noise of a metric; None with fewer than seven nights.

    Args:
        series: The metric, nights of illness already left out.
        traits: How it behaves; a short history leans on it.
        end: The last day (ordinal) that may be looked at.
        quiet_until: The last day before the change in question, so that a change does not teach
            that such changes are usual. With too little before it, everything counts.
        breaks: Days (ordinals) on which the level may jump for a reason that is no wander; weeks
            before the last of them do not count, where enough come after it.
    """
    history = series.window(end, HISTORY_DAYS)
    if len(history) < _FEWEST_NIGHTS:
        return None
    weekdays, rest = weekday_pattern(history)
    sd = _nightly_sd(rest, history, traits)
    phi = autocorrelation(rest, traits.phi)
    calm = weekdays.removed(history)
    weeks = _quiet_weeks(calm, end, quiet_until, breaks)
    scaled = [(mean / sd, n) for mean, n in weeks]
    return NoiseModel(sd, phi, traits.season, weekdays, _candidates(scaled, phi), len(history))


def _nightly_sd(rest: Series, history: Series, traits: Traits) -> float:
    size = traits.middle(history.values) if traits.log else 1.0
    own, n = clipped_sd(rest.values), len(history)
    if traits.typical_sd is not None:
        typical = traits.typical_sd * size
        own = math.sqrt((_PRIOR_NIGHTS * typical**2 + n * own**2) / (_PRIOR_NIGHTS + n))
    return max(own, traits.floor * size)


def _quiet_weeks(
    series: Series, end: int, quiet_until: int, breaks: Collection[int]
) -> list[tuple[float, int]]:
    """The weekly means of the longest quiet part that has weeks enough."""
    since = max((day for day in breaks if day <= quiet_until), default=1)
    for first in (since, 1):
        weeks = _weekly_means(series.between(first, max(quiet_until, 1)), quiet_until)
        if sum(n > 0 for _, n in weeks) >= _FEWEST_WEEKS:
            return weeks if len(weeks) > _LINE_WEEKS else _without_line(weeks)
    return _without_line(_weekly_means(series, end))


def _without_line(weeks: Sequence[tuple[float, int]]) -> list[tuple[float, int]]:
    """Take a straight line out of weekly means, so that a slope does not teach that it is usual."""
    places = [float(place) for place, (_, n) in enumerate(weeks) if n]
    if len(places) < _FEWEST_FOR_LINE:
        return list(weeks)
    means = [mean for mean, n in weeks if n]
    line = linear_regression(places, means)
    return [
        (mean - line.slope * place, n) if n else (mean, n) for place, (mean, n) in enumerate(weeks)
    ]


def _weekly_means(series: Series, end: int) -> list[tuple[float, int]]:
    """Mean and number of nights of each week counted back from ``end``, oldest first."""
    weeks: defaultdict[int, list[float]] = defaultdict(list)
    for day, value in zip(series.days, series.values, strict=True):
        weeks[(end - day) // 7].append(value)
    return [
        (math.fsum(nights) / len(nights), len(nights)) if len(nights) >= _NIGHTS_A_WEEK else (0, 0)
        for nights in (weeks[back] for back in range(max(weeks, default=-1), -1, -1))
    ]


def _candidates(weeks: Sequence[tuple[float, int]], phi: float) -> tuple[Candidate, ...]:
    """Weigh every possible slow wander by the weekly means (in nightly SD) it explains."""
    inflation = 1.0 + 2.0 * math.fsum((1 - lag / 7) * phi**lag for lag in range(1, 7))
    weighed: list[tuple[float, float, float, float]] = []
    for ratio, prior in _RATIOS:
        for memory, share in _MEMORIES if ratio else ((_MEMORIES[0][0], 1.0),):
            log_likelihood, scale = _filter(weeks, inflation, ratio, memory)
            weighed.append((math.log(prior * share) + log_likelihood, scale, ratio, memory))
    best = max(entry[0] for entry in weighed)
    likely = [(math.exp(log - best), *rest) for log, *rest in weighed]
    total = math.fsum(entry[0] for entry in likely)
    likely = [entry for entry in likely if entry[0] > _NEGLIGIBLE * total]
    total = math.fsum(entry[0] for entry in likely)
    return tuple(Candidate(weight / total, *rest) for weight, *rest in likely)


def _filter(
    weeks: Sequence[tuple[float, int]], inflation: float, ratio: float, memory: float
) -> tuple[float, float]:
    """Run a Kalman filter over weekly means of unknown level and unknown scale.

    Returns:
        The marginal log likelihood, and the expected scale of the variance.
    """
    decay = math.exp(-7.0 / memory)
    # A week's mean of the wander varies a little less than a night of it.
    stationary = ratio * (1.0 - 7.0 / (3.0 * memory))
    gained = (1.0 - decay * decay) * stationary
    level = ones = 0.0
    variance = stationary
    squares = cross = weight = log_variances = 0.0
    counted = 0
    for mean, n in weeks:
        if n:
            total = variance + inflation / n
            error, part = mean - level, 1.0 - ones
            gain = variance / total
            level += gain * error
            ones += gain * part
            variance -= gain * variance
            squares += error * error / total
            cross += error * part / total
            weight += part * part / total
            log_variances += math.log(total)
            counted += 1
        level *= decay
        ones *= decay
        variance = decay * decay * variance + gained
    if counted < 2:  # noqa: PLR2004 - one week says nothing about differences
        return 0.0, _SCALE_WEEKS / (_SCALE_WEEKS - 2)
    freedom = counted - 1
    misfit = max(squares - cross * cross / weight, 0.0)
    log_likelihood = -0.5 * (log_variances + math.log(weight)) - 0.5 * (
        _SCALE_WEEKS + freedom
    ) * math.log1p(misfit / _SCALE_WEEKS)
    return log_likelihood, (_SCALE_WEEKS + misfit) / (_SCALE_WEEKS + freedom - 2)
