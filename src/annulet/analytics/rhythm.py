"""A rhythm of about a month in temperature: found cycle by cycle, taken out of every vital.

Temperature is cut into cycles of 21 to 40 days, each low first and high in its last twelve days,
such that the cut explains most (dynamic programming). Cycles may differ in length. The rhythm
counts when three cycles or more explain more than noise ever does.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from annulet.analytics.residuals import autocorrelation, robust_sd, season_free
from annulet.analytics.series import Series
from annulet.analytics.traits import Traits, traits_of

TEMPERATURE = "temperature_deviation_c"

_SHORTEST, _LONGEST = 21, 40
_HIGH_DAYS = 12
_FEWEST_CYCLES = 3
_LEAST_RISE_C = 0.12
_FIRST_RISE_C = 0.25
_USUAL_LENGTH, _LENGTH_SD = 29.0, 5.0
_OWN_LENGTH_SD = 3.0
_CLIP = 2.5
# The log likelihood that a cut of pure noise gains stays below so much a cycle, and so much more
# in all (in 99 of 100 simulated people without cycles).
_GAIN_A_CYCLE = 3.2
_GAIN_IN_ALL = 16.0
_LIKELY = 1.5
_BINS = 8


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The cycles of a person.

    Attributes:
        starts: First day (ordinal) of each cycle, and the day after the last.
        days: Their usual length.
        cycles: How many whole cycles were recorded.
    """

    starts: tuple[int, ...]
    days: float
    cycles: int

    @property
    def is_provisional(self) -> bool:
        """Whether so few cycles are known that they say little about the next."""
        return self.cycles < 2 * _FEWEST_CYCLES

    def phase(self, day: int) -> float:
        """Where in its cycle a day lies, from 0 to 1; the warm days are the last half."""
        at = bisect_left(self.starts, day + 1) - 1
        at = max(0, min(at, len(self.starts) - 2))
        start, end = self.starts[at], self.starts[at + 1]
        low_days = end - start - _HIGH_DAYS
        since = day - start
        if since < low_days:
            return 0.5 * max(since + 0.5, 0.0) / low_days
        return min(0.5 + 0.5 * (since - low_days + 0.5) / _HIGH_DAYS, 0.999)


def find_rhythm(temperature: Series, *, is_sure: bool = True) -> Rhythm | None:
    """Look for a rhythm in nightly temperature deviations; None where there is none.

    Args:
        temperature: Deviations in °C, one a night, nights of illness left out.
        is_sure: Whether the rhythm shall be told. A likely one is enough to be taken out.
    """
    if len(temperature) < _FEWEST_CYCLES * _SHORTEST:
        return None
    rest = Series(temperature.days, tuple(season_free(temperature)))
    sd = robust_sd(rest.values)
    if not sd:
        return None
    clipped = tuple(max(-_CLIP * sd, min(_CLIP * sd, value)) for value in rest.values)
    sums = _DailySums(Series(rest.days, clipped))
    lengths, rise = (_USUAL_LENGTH, _LENGTH_SD), _FIRST_RISE_C
    noise = 0.6 * sd * sd
    starts: tuple[int, ...] = ()
    gain = 0.0
    for _ in range(3):
        starts, _ = _best_cut(sums, rise, noise, lengths)
        rise, explained, noise = _fitted_rise(sums, starts, Series(rest.days, clipped))
        gain = explained / (2.0 * noise)
        if rise <= 0.0:
            return None
        whole = _whole_cycles(starts, rest.days)
        if len(whole) >= _FEWEST_CYCLES:
            lengths = (math.fsum(whole) / len(whole), _OWN_LENGTH_SD)
    whole = _whole_cycles(starts, rest.days)
    least_gain = _GAIN_IN_ALL + _GAIN_A_CYCLE * len(whole) if is_sure else _LIKELY * len(whole)
    if len(whole) < _FEWEST_CYCLES or rise < _LEAST_RISE_C or gain < least_gain:
        return None
    return Rhythm(starts, math.fsum(whole) / len(whole), len(whole))


def cyclic_patterns(
    rhythm: Rhythm | None, metrics: Mapping[str, Series], left_out: frozenset[int] = frozenset()
) -> dict[str, dict[int, float]]:
    """What the rhythm adds to each metric on each day, on the metric's own unit.

    Args:
        rhythm: The rhythm; None gives no patterns.
        metrics: Series by metric.
        left_out: Days (ordinals) of illness, which teach nothing.
    """
    if rhythm is None:
        return {}
    return {
        name: _pattern(rhythm, series, series.without(left_out), traits_of(name))
        for name, series in metrics.items()
        if len(series)
    }


def _pattern(rhythm: Rhythm, series: Series, calm: Series, traits: Traits) -> dict[int, float]:
    """What the phase of each day adds, interpolated between the middles of bins."""
    effects = _phase_effects(rhythm, calm, traits)
    pattern = {}
    for day in series.days:
        place = rhythm.phase(day) * _BINS - 0.5
        left = math.floor(place)
        part = place - left
        pattern[day] = (1 - part) * effects[left % _BINS] + part * effects[(left + 1) % _BINS]
    return pattern


def _phase_effects(rhythm: Rhythm, calm: Series, traits: Traits) -> list[float]:
    """The mean of the residuals by phase, shrunk towards nothing by what chance explains."""
    rest = season_free(calm)
    spread = robust_sd(tuple(rest)) or 0.0
    phi = autocorrelation(Series(calm.days, tuple(rest)), traits.phi)
    inflation = (1.0 + phi) / (1.0 - phi)
    sums = [0.0] * _BINS
    counts = [0] * _BINS
    for day, value in zip(calm.days, rest, strict=True):
        in_bin = int(rhythm.phase(day) * _BINS)
        sums[in_bin] += max(-_CLIP * spread, min(_CLIP * spread, value))
        counts[in_bin] += 1
    means = [total / n if n else 0.0 for total, n in zip(sums, counts, strict=True)]
    middle = math.fsum(means) / _BINS
    errors = [inflation * spread**2 / n if n else 0.0 for n in counts]
    chance = math.fsum(errors) / _BINS
    between = max(math.fsum((m - middle) ** 2 for m in means) / (_BINS - 1) - chance, 0.0)
    share = between / (between + chance) if between else 0.0
    return [share * (mean - middle) for mean in means]


class _DailySums:
    """Running sums of values and of measured days, from 40 days before the first to 40 after."""

    def __init__(self, series: Series) -> None:
        self.first = series.days[0] - _LONGEST
        length = series.days[-1] + _LONGEST - self.first + 1
        values, measured = [0.0] * length, [0] * length
        for day, value in zip(series.days, series.values, strict=True):
            values[day - self.first] = value
            measured[day - self.first] = 1
        self.values = [0.0, *accumulate(values)]
        self.counts = [0, *accumulate(measured)]
        self.length = length


def _best_cut(
    sums: _DailySums, rise: float, noise: float, lengths: tuple[float, float]
) -> tuple[tuple[int, ...], float]:
    """Cut the days into cycles such that a step of ``rise`` in each explains most."""
    usual, sd = lengths
    values, counts, n = sums.values, sums.counts, sums.length
    options = []
    for days in range(_SHORTEST, _LONGEST + 1):
        high = rise * (days - _HIGH_DAYS) / days
        low = high - rise
        penalty = (days - usual) ** 2 / (2.0 * sd * sd)
        options.append((days, high / noise, low / noise, high * high, low * low, penalty))
    half = 0.5 / noise
    best = [0.0] * (n + 1)
    came = [0] * (n + 1)
    for end in range(_SHORTEST, n + 1):
        turn = end - _HIGH_DAYS
        high_sum, high_n = values[end] - values[turn], counts[end] - counts[turn]
        value_turn, count_turn = values[turn], counts[turn]
        most, chosen = -math.inf, 0
        for days, high, low, high2, low2, penalty in options:
            start = end - days
            if start < 0:
                break
            gain = (
                best[start]
                + high * high_sum
                + low * (value_turn - values[start])
                - half * (high2 * high_n + low2 * (count_turn - counts[start]))
                - penalty
            )
            if gain > most:
                most, chosen = gain, days
        best[end], came[end] = most, chosen
    # The last cycle may end after the last night, and the first may begin before the first.
    end = max(range(n - _LONGEST, n + 1), key=lambda day: best[day])
    total, starts = best[end], [end]
    while end >= _SHORTEST:
        end -= came[end]
        starts.append(end)
    return tuple(sums.first + start for start in reversed(starts)), total


def _fitted_rise(
    sums: _DailySums, starts: Sequence[int], rest: Series
) -> tuple[float, float, float]:
    """The common rise of the cycles, the squares it explains, and the variance it leaves."""
    products = squares = 0.0
    for start, end in pairwise(starts):
        a, b = max(start - sums.first, 0), min(end - sums.first, sums.length)
        turn = max(b - _HIGH_DAYS, a)
        high = (end - start - _HIGH_DAYS) / (end - start)
        high_sum, high_n = sums.values[b] - sums.values[turn], sums.counts[b] - sums.counts[turn]
        low_sum, low_n = sums.values[turn] - sums.values[a], sums.counts[turn] - sums.counts[a]
        products += high * high_sum + (high - 1.0) * low_sum
        squares += high * high * high_n + (high - 1.0) ** 2 * low_n
    if squares == 0.0:
        return 0.0, 0.0, 1.0
    rise = products / squares
    explained = rise * products
    total = math.fsum(value * value for value in rest.values)
    left = max(total - explained, 0.05 * total) / len(rest)
    return rise, explained, left


def _whole_cycles(starts: Sequence[int], days: Sequence[int]) -> list[int]:
    """The lengths of the cycles that lie within the recorded days."""
    first, last = days[0] - 5, days[-1] + 5
    pairs = pairwise(starts)
    return [end - start for start, end in pairs if start >= first and end <= last]
