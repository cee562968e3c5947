"""What ``oura_trends`` says in sentences: where a metric stands and whether it moves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from annulet.analytics.series import Series
from annulet.analytics.trends import Trend
from annulet.toolkit.dates import Period
from annulet.toolkit.metrics import METRICS, Metric
from annulet.toolkit.wording.date_format import sentence_start, span_words
from annulet.toolkit.wording.number_format import (
    amount,
    change,
    counted,
    interval,
    listed,
    plain,
)

__all__ = ["trend_summary"]

_IN_FULL: Final = 3
_FEWEST: Final = 7


def trend_summary(
    trends: Mapping[str, Trend], series: Mapping[str, Series], period: Period, today: date
) -> str:
    """The summary of an answer: each metric in full, or what is true of many at once."""
    asked = f"{period.length} days to {span_words(period.end, period.end, today)}"
    if not any(trend.nights for trend in trends.values()):
        return f"Nothing recorded in the {asked}."
    longest = max(len(series[name]) for name in trends)
    if longest < _FEWEST:
        days = counted(longest, "day")
        return f"Too early for a trend: {days} of data so far, {_FEWEST} are the least."
    if len(trends) <= _IN_FULL:
        return " ".join(_sentence(METRICS[name], trend, period) for name, trend in trends.items())
    return _overview(trends, asked)


def _sentence(metric: Metric, trend: Trend, period: Period) -> str:
    if trend.window is None:
        return (
            f"{sentence_start(metric.label)}: {trend.nights} of {period.length} days have data, "
            "too few for an average."
        )
    mean = f"averaged {plain(trend.window.mean, metric)} ({trend.nights} days)"
    words = f"{sentence_start(metric.label)} {mean}"
    return f"{words}{_against(metric, trend, period)}. {_course(metric, trend)}"


def _against(metric: Metric, trend: Trend, period: Period) -> str:
    moved = trend.vs_window
    if moved is None:
        return ""
    way = "above" if moved.absolute >= 0 else "below"
    before = f"the {period.length} days before"
    words = f", {amount(moved.absolute, metric)} {way} {before}"
    if moved.noise is None:
        return words
    kind = "more than your usual swings" if moved.beyond_noise else "within your normal noise"
    return f"{words}, {kind} (±{amount(moved.noise, metric)})"


def _course(metric: Metric, trend: Trend) -> str:
    if trend.slope is None:
        return "Too few weeks with data for a slope."
    slope = trend.slope
    size = f"{change(slope.per_week, metric)} a week ({interval(slope.low, slope.high, metric)})"
    words = {
        "rising": f"It is rising: {size}.",
        "falling": f"It is falling: {size}.",
        "flat": f"It is flat: {size}.",
    }
    return words.get(trend.direction, f"No clear direction: {size}.")


def _overview(trends: Mapping[str, Trend], asked: str) -> str:
    moving = [
        f"{METRICS[name].label} {trend.direction}"
        for name, trend in trends.items()
        if trend.direction in ("rising", "falling")
    ]
    beyond = [
        f"{METRICS[name].label} {change(trend.vs_window.absolute, METRICS[name])}"
        for name, trend in trends.items()
        if trend.vs_window and trend.vs_window.beyond_noise
    ]
    parts = [
        f"{sentence_start(asked)}: {listed(moving) if moving else 'no clear direction'}"
        + ("; the others unclear or flat." if moving else " in any metric."),
        f"More than your usual swings against the window before: {listed(beyond)}."
        if beyond
        else "All changes against the window before are within your normal noise."
        if any(trend.vs_window for trend in trends.values())
        else "",
    ]
    return " ".join(part for part in parts if part)
