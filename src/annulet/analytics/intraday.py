"""Samples inside a day: statistics by source, and a short series that keeps the peaks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from annulet.analytics.windows import sorted_median

_OUTSTANDING = 2.5
_IMPLAUSIBLE = 1e12
_LONGEST_GAP = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class TimedValue:
    """One measurement.

    Attributes:
        at: When.
        value: What.
        source: Where from (``awake``, ``sleep``, ``workout`` …), empty when it is not known.
    """

    at: datetime
    value: float
    source: str = ""


@dataclass(frozen=True, slots=True)
class SampleStats:
    """Statistics of samples.

    Attributes:
        low: The smallest value.
        high: The largest.
        mean: The mean over time, where that can be had; else over samples.
        samples: How many there are.
        low_at: When the smallest was first measured.
        high_at: When the largest was first measured.
    """

    low: float
    high: float
    mean: float
    samples: int
    low_at: datetime
    high_at: datetime


def distinct(samples: Iterable[TimedValue]) -> list[TimedValue]:
    """One sample per instant and source, in order of time; the first of duplicates stays."""
    distinct_samples: dict[tuple[datetime, str], TimedValue] = {}
    for sample in samples:
        if abs(sample.value) <= _IMPLAUSIBLE:  # false for NaN too
            distinct_samples.setdefault((sample.at, sample.source), sample)
    return sorted(distinct_samples.values(), key=lambda s: (s.at, s.source))


def stats(samples: Sequence[TimedValue]) -> SampleStats | None:
    """Statistics of samples in order of time; None without a sample.

    A sample counts until the next one. One that is followed by a gap, and the last one, count
    nothing: samples come every few seconds during a workout and every few minutes otherwise.
    """
    return _weighted_stats(samples, _durations_s(samples))


def _durations_s(samples: Sequence[TimedValue]) -> list[float]:
    """How long each sample counts, in seconds."""
    gaps = [later.at - earlier.at for earlier, later in pairwise(samples)]
    return [gap.total_seconds() if gap <= _LONGEST_GAP else 0.0 for gap in gaps] + [0.0]


def _weighted_stats(samples: Sequence[TimedValue], weights: Sequence[float]) -> SampleStats | None:
    if not samples:
        return None
    low = min(samples, key=lambda s: s.value)
    high = max(samples, key=lambda s: s.value)
    pairs = list(zip(samples, weights, strict=False))
    total = math.fsum(weight for _, weight in pairs)
    if total > 0:
        mean = math.fsum(sample.value * weight for sample, weight in pairs) / total
    else:
        mean = math.fsum(sample.value for sample in samples) / len(samples)
    mean = min(max(mean, low.value), high.value)
    return SampleStats(low.value, high.value, mean, len(samples), low.at, high.at)


def by_source(samples: Sequence[TimedValue]) -> dict[str, SampleStats]:
    """Statistics by source, in order of first appearance."""
    groups: dict[str, list[tuple[TimedValue, float]]] = {}
    for sample, weight in zip(samples, _durations_s(samples), strict=False):
        groups.setdefault(sample.source, []).append((sample, weight))
    by_name = {
        source: _weighted_stats([s for s, _ in group], [weight for _, weight in group])
        for source, group in groups.items()
    }
    return {source: value for source, value in by_name.items() if value is not None}


def downsample(
    samples: Sequence[TimedValue], start: datetime, end: datetime, step: timedelta
) -> list[float | None]:
    """One value per step from ``start`` until ``end``; a step without a sample is None.

    A step shows its mean, unless it holds the lowest or highest sample of all (the first of
    equals) or one that stands out from the day: then it shows that one, so that peaks survive.
    Gaps are never bridged.

    Args:
        samples: Samples in order of time.
        start: The beginning of the first step.
        end: The end of the last.
        step: The length of a step.
    """
    bins: list[list[float]] = [[] for _ in range(max(math.ceil((end - start) / step), 0))]
    for sample in samples:
        place = (sample.at - start) // step
        if 0 <= place < len(bins):
            bins[place].append(sample.value)
    values = sorted(v for inside in bins for v in inside)
    if not values:
        return [None] * len(bins)
    middle = sorted_median(values)
    usual = 1.4826 * sorted_median(sorted(abs(v - middle) for v in values))
    reach = _OUTSTANDING * usual
    peaks: dict[int, list[float]] = {}
    for extreme in (values[0], values[-1]) if values[0] < values[-1] else ():
        place = next(i for i, inside in enumerate(bins) if extreme in inside)
        peaks.setdefault(place, []).append(extreme)
    return [
        _shown(inside, peaks.get(place, ()), middle, reach) if inside else None
        for place, inside in enumerate(bins)
    ]


def _shown(inside: Sequence[float], peaks: Sequence[float], middle: float, reach: float) -> float:
    farthest = max(peaks or inside, key=lambda v: abs(v - middle))
    if peaks or abs(farthest - middle) > reach > 0:
        return farthest
    return math.fsum(inside) / len(inside)
