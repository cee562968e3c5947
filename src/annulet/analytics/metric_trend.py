"""Where a metric stands, how it changed, and whether that is more than chance."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from annulet.analytics.noise_model import (
    INTERVAL_LEVEL,
    NOISE_LEVEL,
    Change,
    Contrast,
    NoiseModel,
    learn,
    pulled_in,
)
from annulet.analytics.period_difference import FEWEST_NIGHTS, judged_nights, without_pattern
from annulet.analytics.series import Series, Summary, enough, summarise
from annulet.analytics.traits import Traits

FEWEST_SLOPE_DAYS = 28
"""A slope needs a window of so many days."""

# A trend answer calls directions and changes: changes take the smaller part of its chance.
_OF_CHANGES = 0.2
# The slope of few weeks follows fast noise, whose memory is not well known.
_OF_SHORT_SLOPES = 0.4
_OF_LONG_SLOPES = 1.25
_SHORT_DAYS = 60
# Over long windows the wander that may be, but few people have, makes the band of nine changes in
# ten too wide; it is drawn in by this with every doubling, up to the longest window measured.
_DRAWN_IN = 0.06
_DRAWN_IN_BEYOND = 30
_LONGEST_MEASURED = 180
_NIGHTS_A_WEEK = 3
_FLAT = 1.0
# A single night farther from its window's middle is pulled in: one fault makes no slope.
_FARTHEST = 4.0


@dataclass(frozen=True, slots=True)
class WindowChange:
    """One window against an earlier one.

    Attributes:
        absolute: Later mean minus earlier mean, in the unit of the metric.
        percent: The same in percent of the earlier mean; None where a percentage means nothing.
        judged: The same as ``absolute`` with weekdays, illness and rhythm taken out.
        noise: Nine in ten changes by chance are not larger; None where nothing is judged.
        is_beyond: Whether chance hardly ever makes a change as large.
    """

    absolute: float
    percent: float | None
    judged: float | None = None
    noise: float | None = None
    is_beyond: bool = False


@dataclass(frozen=True, slots=True)
class FittedSlope:
    """Change per week.

    Attributes:
        per_week: The fitted slope.
        low: Lower end of the 95 % interval.
        high: Upper end.
        is_clear: Whether chance hardly ever makes a slope as steep.
    """

    per_week: float
    low: float
    high: float
    is_clear: bool


@dataclass(frozen=True, slots=True)
class MetricTrend:
    """What can be said about a metric over a window.

    Attributes:
        window: Mean, SD, min and max; None where nights are too few for an average.
        nights: Nights with data in the window.
        history: Nights of history that the judgement rests on.
        vs_window: Change against the window before.
        vs_week: The last 7 days against the 7 before, not judged.
        vs_month: The last 30 days against the 30 before, not judged.
        slope: Change per week over the window; None where it was not judged.
        direction: ``rising``, ``falling``, ``flat`` or ``unclear``.
        since: First day (ordinal) of the slope where another ring cuts the window, else None.
    """

    window: Summary | None
    nights: int
    history: int
    vs_window: WindowChange | None
    vs_week: WindowChange | None
    vs_month: WindowChange | None
    slope: FittedSlope | None
    direction: str
    since: int | None = None


def describe_trend(
    series: Series,
    traits: Traits,
    *,
    end: date,
    length: int,
    left_out: frozenset[int] = frozenset(),
    pattern: Mapping[int, float] | None = None,
    breaks: Collection[int] = (),
) -> MetricTrend:
    """Describe a metric over the ``length`` days up to ``end``.

    Args:
        series: The metric, with as much history as there is.
        traits: How it behaves.
        end: The last day of the window.
        length: Days of the window.
        left_out: Days (ordinals) of illness: they count in the averages, which describe what was,
            and are left out of what is judged.
        pattern: What a rhythm adds on each day of the series, taken out of what is judged.
        breaks: First days (ordinals) of another ring: no slope is fitted across one.
    """
    last = end.toordinal()
    window = series.window(last, length)
    calm = without_pattern(series.without(left_out), pattern)
    noise = learn(calm, traits, last, last - length, change=Change.SLOPE, breaks=breaks)
    if noise is not None and noise.nights < FEWEST_NIGHTS:
        noise = None
    cuts = [day for day in breaks if last - length + 1 < day <= last]
    first = max(cuts, default=last - length + 1)
    slope = _slope(noise, calm.between(first, last), last - first + 1)
    change = _change(series, traits, last, length, length)
    if change is not None and noise is not None:
        sides = [
            pulled_in(
                noise.weekdays.removed(without_pattern(judged_nights(side, left_out), pattern)),
                noise.sd,
            )
            for side in (window, series.window(last - length, length))
        ]
        change = _judge(change, noise, sides[0], sides[1], length)
    return MetricTrend(
        window=summarise(window.values) if enough(len(window), length) else None,
        nights=len(window),
        history=0 if noise is None else noise.nights,
        vs_window=change,
        vs_week=_change(series, traits, last, 7, 7),
        vs_month=_change(series, traits, last, 30, 30),
        slope=slope,
        direction=_direction(slope, noise, last - first + 1),
        since=first if cuts else None,
    )


def _change(
    series: Series, traits: Traits, last: int, length: int, back: int
) -> WindowChange | None:
    later, earlier = series.window(last, length), series.window(last - back, length)
    if not (enough(len(later), length) and enough(len(earlier), length)):
        return None
    before = math.fsum(earlier.values) / len(earlier)
    moved = math.fsum(later.values) / len(later) - before
    percent = 100.0 * moved / before if traits.ratio and before > 0 else math.inf
    return WindowChange(moved, percent if math.isfinite(percent) else None)


def _judge(
    change: WindowChange, noise: NoiseModel, later: Series, earlier: Series, length: int
) -> WindowChange:
    moved = math.fsum(later.values) / len(later) - math.fsum(earlier.values) / len(earlier)
    spread = noise.spread(Contrast.of_means(later.days, earlier.days))
    return WindowChange(
        absolute=change.absolute,
        percent=change.percent,
        judged=moved,
        noise=spread.reach(NOISE_LEVEL) * _drawn_in(length),
        is_beyond=noise.calls(spread.chance(moved), _OF_CHANGES),
    )


def _drawn_in(length: int) -> float:
    """The part of the modelled noise band that holds nine changes in ten over such windows."""
    length = max(_DRAWN_IN_BEYOND, min(length, _LONGEST_MEASURED))
    return 1.0 - _DRAWN_IN * math.log2(length / _DRAWN_IN_BEYOND)


def _slope(noise: NoiseModel | None, calm: Series, length: int) -> FittedSlope | None:
    if noise is None or length < FEWEST_SLOPE_DAYS:
        return None
    weeks = Counter((calm.days[-1] - day) // 7 for day in calm.days)
    if sum(n >= _NIGHTS_A_WEEK for n in weeks.values()) < FEWEST_SLOPE_DAYS // 7:
        return None
    flat = noise.weekdays.removed(calm)
    contrast = Contrast.of_slope(flat.days)
    per_day = contrast.value(_pulled_in(flat, contrast, noise.sd))
    spread = noise.spread(contrast)
    reach = 7.0 * spread.reach(INTERVAL_LEVEL)
    share = _OF_SHORT_SLOPES if length < _SHORT_DAYS else _OF_LONG_SLOPES
    is_clear = noise.calls(spread.chance(per_day), share)
    return FittedSlope(7.0 * per_day, 7.0 * per_day - reach, 7.0 * per_day + reach, is_clear)


def _pulled_in(series: Series, contrast: Contrast, sd: float) -> Series:
    """Pull nights that lie far off the fitted line in to four nightly SD from it."""
    per_day = contrast.value(series)
    middle_day = math.fsum(series.days) / len(series)
    level = math.fsum(series.values) / len(series)
    values = []
    for day, value in zip(series.days, series.values, strict=True):
        line = level + per_day * (day - middle_day)
        values.append(max(line - _FARTHEST * sd, min(line + _FARTHEST * sd, value)))
    return Series(series.days, tuple(values))


def _direction(slope: FittedSlope | None, noise: NoiseModel | None, length: int) -> str:
    if slope is None or noise is None:
        return "unclear"
    if slope.is_clear:
        return "rising" if slope.per_week > 0 else "falling"
    reach = _FLAT * noise.sd / (length / 7)
    return "flat" if -reach <= slope.low and slope.high <= reach else "unclear"
