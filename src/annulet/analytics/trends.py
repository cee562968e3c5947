"""Trends of a metric: a window, its change against earlier ones, the person's noise, the slope."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

from annulet.analytics.noise import NOISE_BAND, Yardstick, yardstick
from annulet.analytics.series import Series, Summary, enough, summarise
from annulet.analytics.slope import Slope, direction, slope, weekly_medians
from annulet.analytics.traits import Traits

__all__ = ["Change", "Trend", "trend"]


@dataclass(frozen=True, slots=True)
class Change:
    """One window against an earlier one.

    Attributes:
        absolute: Later mean minus earlier mean, in the unit of the metric.
        percent: The same in percent of the earlier mean; None where a percentage means nothing.
        noise: Changes up to this size are the person's usual ones (90 % of them).
        signal: The change in SD of such changes.
    """

    absolute: float
    percent: float | None
    noise: float | None
    signal: float | None

    @property
    def beyond_noise(self) -> bool:
        """Whether the change is larger than the person's usual ones."""
        return self.noise is not None and abs(self.absolute) > self.noise


@dataclass(frozen=True, slots=True)
class Trend:
    """What can be said about a metric over a window.

    Attributes:
        window: Mean, SD, min and max; None where nights are too few for an average.
        nights: Nights with data in the window.
        vs_window: Change against the window before.
        vs_week: The last 7 days against the 7 before.
        vs_month: The last 30 days against the 30 before.
        slope: Change per week over the window.
        direction: ``rising``, ``falling``, ``flat`` or ``unclear``.
    """

    window: Summary | None
    nights: int
    vs_window: Change | None
    vs_week: Change | None
    vs_month: Change | None
    slope: Slope | None
    direction: str


def trend(
    series: Series,
    traits: Traits,
    *,
    end: date,
    length: int,
    left_out: frozenset[int] = frozenset(),
) -> Trend:
    """Describe a metric over the ``length`` days up to ``end``.

    Args:
        series: The metric, with as much history as there is.
        traits: How it behaves.
        end: The last day of the window.
        length: Days of the window.
        left_out: Days (ordinals) of illness: they count in the averages, which describe what was,
            but neither in the slope nor in the noise, which speak of what is usual.
    """
    last = end.toordinal()
    window = series.window(last, length)
    usual = series.without(left_out)
    measure = yardstick(usual, traits, last)
    fitted = slope(weekly_medians(usual, last, length))
    summary = summarise(window.values) if enough(len(window), length) else None
    named = direction(fitted, measure.sd if measure else 0.0, length)

    def against(days: int, back: int) -> Change | None:
        return _change(series, traits, measure, (last, days), (last - back, days))

    return Trend(
        window=summary,
        nights=len(window),
        vs_window=against(length, length),
        vs_week=against(7, 7),
        vs_month=against(30, 30),
        slope=fitted,
        direction=named,
    )


def _change(
    series: Series,
    traits: Traits,
    measure: Yardstick | None,
    later_window: tuple[int, int],
    earlier_window: tuple[int, int],
) -> Change | None:
    later, earlier = series.window(*later_window), series.window(*earlier_window)
    if not (enough(len(later), later_window[1]) and enough(len(earlier), earlier_window[1])):
        return None
    after = math.fsum(later.values) / len(later)
    before = math.fsum(earlier.values) / len(earlier)
    change = after - before
    percent = 100.0 * change / before if traits.ratio and before > 0 else math.inf
    sd = measure.difference(later.days, earlier.days) if measure else None
    return Change(
        absolute=change,
        percent=percent if math.isfinite(percent) else None,
        noise=NOISE_BAND * sd if sd else None,
        signal=abs(change) / sd if sd else None,
    )
