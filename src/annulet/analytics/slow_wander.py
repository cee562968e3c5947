"""How likely each possible slow wander is, by the means of weeks that it explains."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul

MEMORIES = ((20.0, 0.30), (60.0, 0.45), (200.0, 0.25))
"""Days over which a wander may forget itself to 1/e, each with its prior probability."""

SCALE_WEEKS = 24
"""How surely the nightly SD explains the scale of means: as if it came from so many of them."""

# Hardly any wander or much of it, little between: a person with little evidence of one then keeps
# the wide tail of what may be, and one with much evidence is soon taken for a wanderer.
_RATIOS = ((0.0, 0.40), (0.05, 0.10), (0.2, 0.10), (0.6, 0.25), (1.4, 0.15))
_NEGLIGIBLE = 0.004
_WEEK = 7
_NOTHING = 1e-12


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


def weigh_wanders(
    weeks: Sequence[tuple[float, int]], shapes: Sequence[Sequence[float]], phi: float
) -> tuple[Candidate, ...]:
    """Weigh every possible slow wander by the weekly means (in nightly SD) it explains."""
    counts = [n for _, n in weeks]
    columns = [[mean for mean, _ in weeks], *shapes]
    weighed = []
    for ratio, prior in _RATIOS:
        for memory, share in MEMORIES if ratio else ((MEMORIES[0][0], 1.0),):
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
    errors = Errors.of(counts, days, phi, wander)
    freedom = len(errors) - len(columns) + 1
    if freedom < 1:
        return 0.0, SCALE_WEEKS / (SCALE_WEEKS - 2)
    misfit, log_determinant = _regressed([errors.left_by(column) for column in columns])
    log_likelihood = -0.5 * (errors.log_variances + log_determinant) - 0.5 * (
        SCALE_WEEKS + freedom
    ) * math.log1p(misfit / SCALE_WEEKS)
    return log_likelihood, (SCALE_WEEKS + misfit) / (SCALE_WEEKS + freedom - 2)


@dataclass(frozen=True, slots=True)
class Errors:
    """A Kalman filter over means of some days: what each tells beyond those before it.

    Attributes:
        decay: What is left of the wander from one mean to the next.
        steps: Of each mean with data: its place, the gain, and one over the SD of its error.
        log_variances: The sum of the logs of the errors' variances.
    """

    decay: float
    steps: tuple[tuple[int, float, float], ...]
    log_variances: float

    def __len__(self) -> int:
        """The number of means with data."""
        return len(self.steps)

    @classmethod
    def of(cls, counts: Sequence[int], days: int, phi: float, wander: Candidate) -> Errors:
        """Run the filter; the arguments are those of `restricted_likelihood`."""
        inflation = mean_inflation(phi, days)
        decay = math.exp(-days / wander.memory)
        # A mean of the wander varies a little less than a night of it.
        stationary = wander.ratio * (1.0 - days / (3.0 * wander.memory))
        gained = (1.0 - decay * decay) * stationary
        variance = stationary
        steps: list[tuple[int, float, float]] = []
        log_variances = 0.0
        for place, n in enumerate(counts):
            if n:
                total = variance + inflation / n
                gain = variance / total
                steps.append((place, gain, 1.0 / math.sqrt(total)))
                log_variances += math.log(total)
                variance -= gain * variance
            variance = decay * decay * variance + gained
        return cls(decay, tuple(steps), log_variances)

    def left_by(self, column: Sequence[float]) -> list[float]:
        """The errors of a column of means (or of a shape), each in its SD."""
        level, before = 0.0, 0
        errors = []
        for place, gain, scale in self.steps:
            level *= self.decay ** (place - before)
            error = column[place] - level
            errors.append(error * scale)
            level += gain * error
            before = place
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
