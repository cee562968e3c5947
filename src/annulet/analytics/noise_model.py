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
_WEEK = 7
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
    candidates = _candidates(scaled, shapes, phi)
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


def _candidates(
    weeks: Sequence[tuple[float, int]], shapes: Sequence[Sequence[float]], phi: float
) -> tuple[Candidate, ...]:
    """Weigh every possible slow wander by the weekly means (in nightly SD) it explains."""
    counts = [n for _, n in weeks]
    columns = [[mean for mean, _ in weeks], *shapes]
    weighed = []
    for ratio, prior in _RATIOS:
        for memory, share in _MEMORIES if ratio else ((_MEMORIES[0][0], 1.0),):
            wander = Candidate(0.0, 1.0, ratio, memory)
            log_likelihood, scale = restricted_likelihood(counts, columns, _WEEK, phi, wander)
            weighed.append((math.log(prior * share) + log_likelihood, scale, ratio, memory))
    best = max(entry[0] for entry in weighed)
    likely = [(math.exp(log - best), *rest) for log, *rest in weighed]
    total = math.fsum(entry[0] for entry in likely)
    likely = [entry for entry in likely if entry[0] > _NEGLIGIBLE * total]
    total = math.fsum(entry[0] for entry in likely)
    return tuple(Candidate(weight / total, *rest) for weight, *rest in likely)


def mean_inflation(phi: float, days: int) -> float:
    """How much more a mean of so many nights varies because neighbouring nights resemble."""
    return 1.0 + 2.0 * math.fsum((1 - lag / days) * phi**lag for lag in range(1, days))


def restricted_likelihood(
    counts: Sequence[int],
    columns: Sequence[Sequence[float]],
    days: int,
    phi: float,
    wander: Candidate,
) -> tuple[float, float]:
    """Run a Kalman filter over means of some days; what may move them is estimated along.

    The filter runs over the means and over each shape alike; regressing the errors of the means on
    those of the shapes gives the restricted likelihood (Patterson and Thompson, 1971).

    Args:
        counts: Nights behind each mean.
        columns: The means in nightly SD, and each shape that may move them.
        days: Days behind each mean.
        phi: The correlation of a night's fast noise with the next.
        wander: Ratio and memory of the slow wander.

    Returns:
        The restricted log likelihood, and the expected scale of the variance.
    """
    inflation = mean_inflation(phi, days)
    decay = math.exp(-days / wander.memory)
    # A mean of the wander varies a little less than a night of it.
    stationary = wander.ratio * (1.0 - days / (3.0 * wander.memory))
    gained = (1.0 - decay * decay) * stationary
    variance = stationary
    scales: list[tuple[int, float, float]] = []
    log_variances = 0.0
    for week, n in enumerate(counts):
        if n:
            total = variance + inflation / n
            gain = variance / total
            scales.append((week, gain, 1.0 / math.sqrt(total)))
            log_variances += math.log(total)
            variance -= gain * variance
        variance = decay * decay * variance + gained
    freedom = len(scales) - len(columns) + 1
    if freedom < 1:
        return 0.0, _SCALE_WEEKS / (_SCALE_WEEKS - 2)
    errors = [_errors(column, scales, decay) for column in columns]
    misfit, log_determinant = _regressed(errors)
    log_likelihood = -0.5 * (log_variances + log_determinant) - 0.5 * (
        _SCALE_WEEKS + freedom
    ) * math.log1p(misfit / _SCALE_WEEKS)
    return log_likelihood, (_SCALE_WEEKS + misfit) / (_SCALE_WEEKS + freedom - 2)


def _errors(
    column: Sequence[float], scales: Sequence[tuple[int, float, float]], decay: float
) -> list[float]:
    """The filter's errors of a column at each week with data, in their SD."""
    level, before = 0.0, 0
    errors = []
    for week, gain, scale in scales:
        level *= decay ** (week - before)
        error = column[week] - level
        errors.append(error * scale)
        level += gain * error
        before = week
    return errors


def _regressed(errors: Sequence[list[float]]) -> tuple[float, float]:
    """Regress the first column on the others: squares left, and log determinant of the others."""
    left, *shapes = [list(column) for column in errors]
    log_determinant = 0.0
    for place, shape in enumerate(shapes):
        size = math.fsum(map(mul, shape, shape))
        if size < _NOTHING:
            continue
        log_determinant += math.log(size)
        for column in (left, *shapes[place + 1 :]):
            part = math.fsum(map(mul, column, shape)) / size
            column[:] = [value - part * x for value, x in zip(column, shape, strict=True)]
    return math.fsum(map(mul, left, left)), log_determinant
