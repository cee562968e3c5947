"""What ``oura_trends`` says in sentences: where a metric stands and whether it moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from annulet.analytics.change_points import ChangePoint
from annulet.analytics.metric_trend import MetricTrend
from annulet.analytics.series import Series
from annulet.toolkit.dates import Period
from annulet.toolkit.metrics import METRICS, Metric
from annulet.toolkit.wording.change_records import since_words
from annulet.toolkit.wording.date_format import sentence_start, span_words
from annulet.toolkit.wording.number_format import (
    amount,
    change,
    counted,
    interval,
    listed,
    moved_words,
    plain,
)

_IN_FULL: Final = 3
_FEWEST: Final = 7


def trend_summary(
    trends: Mapping[str, MetricTrend],
    series: Mapping[str, Series],
    period: Period,
    today: date,
    changes: Mapping[str, Sequence[ChangePoint]],
) -> str:
    """The summary of an answer: each metric in full, or what is true of many at once.

    Args:
        trends: The trend of each metric.
        series: The metrics, with their history.
        period: The window.
        today: Today in the person's zone.
        changes: The lasting changes of each metric within the window: what stepped is told as a
            step, and as no slope.
    """
    stepped = {name: _step_words(METRICS[name], points, today) for name, points in changes.items()}
    asked = f"{period.length} days to {span_words(period.end, period.end, today)}"
    if not any(trend.nights for trend in trends.values()):
        return f"Nothing recorded in the {asked}."
    longest = max(len(series[name]) for name in trends)
    if longest < _FEWEST:
        days = counted(longest, "day")
        return f"Too early for a trend: {days} of data so far, {_FEWEST} are the least."
    if len(trends) <= _IN_FULL:
        return " ".join(
            _sentence(METRICS[name], trend, period, stepped.get(name, ""))
            for name, trend in trends.items()
        )
    return _overview(trends, asked, stepped)


def _step_words(metric: Metric, points: Sequence[ChangePoint], today: date) -> str:
    """The newest lasting change, with its day and its levels."""
    point = points[-1]
    levels = f"{plain(point.before, metric)} before, {plain(point.after, metric)} since"
    return f"{metric.label} since {since_words(point, today)} ({levels})"


def _sentence(metric: Metric, trend: MetricTrend, period: Period, stepped: str) -> str:
    if trend.window is None:
        return (
            f"{sentence_start(metric.label)}: {trend.nights} of {period.length} days have data, "
            "too few for an average."
        )
    mean = f"averaged {plain(trend.window.mean, metric)} ({counted(trend.nights, 'day')})"
    words = f"{sentence_start(metric.label)} {mean}"
    course = f"Lasting change: {stepped}." if stepped else _course(metric, trend)
    return f"{words}{_against(metric, trend, period)}. {course}"


def _against(metric: Metric, trend: MetricTrend, period: Period) -> str:
    moved = trend.vs_window
    if moved is None:
        return ""
    before = f"the {period.length} days before"
    words = f", {_distance(moved.absolute, metric)} {before}"
    if moved.noise is None or moved.judged is None:
        return f"{words}, too little history to judge"
    if abs(moved.judged - moved.absolute) > max(0.25 * moved.noise, 10.0**-metric.digits):
        size = _distance(moved.judged, metric).removesuffix(" than")
        words += f" ({size} without weekdays, ill nights and outliers)"
    kind = "within your usual swings"
    if moved.is_beyond:
        kind = "more than your usual swings"
    elif abs(moved.judged) > moved.noise:
        kind = "rare, but not clearly more than your usual swings"
    return f"{words}, {kind} (±{amount(moved.noise, metric)})"


def _distance(value: float, metric: Metric) -> str:
    size = amount(value, metric)
    if not any(digit in size for digit in "123456789"):
        return "the same as"
    if metric.is_clock:
        return f"{size} {moved_words(value, metric)} than"
    return f"{size} {'above' if value > 0 else 'below'}"


def _course(metric: Metric, trend: MetricTrend) -> str:
    slope = trend.slope
    if slope is None:
        return f"{sentence_start(metric.label)}: not enough weeks for a direction."
    name = sentence_start(metric.label)
    limits = interval(slope.low, slope.high, metric)
    size = f"{_change_words(slope.per_week, metric)} a week ({limits})"
    if trend.direction in ("rising", "falling"):
        return f"{name}: {_way(metric, trend.direction)}, {size}."
    if trend.direction == "flat":
        return f"{name}: flat, {size}."
    leaning = ""
    if slope.low > 0 or slope.high < 0:
        # One of twenty metrics leans so by chance: among nine that is too often to be called.
        leaning = f", perhaps {_way(metric, 'rising' if slope.per_week > 0 else 'falling')}"
    return f"{name}: no clear direction{leaning}, {size}."


def _change_words(value: float, metric: Metric) -> str:
    if metric.is_clock:
        return f"{amount(value, metric)} {moved_words(value, metric)}"
    return change(value, metric)


def _overview(trends: Mapping[str, MetricTrend], asked: str, stepped: Mapping[str, str]) -> str:
    moving = [
        f"{METRICS[name].label} {_way(METRICS[name], trend.direction)}"
        for name, trend in trends.items()
        if trend.direction in ("rising", "falling") and name not in stepped
    ]
    beyond = [
        f"{METRICS[name].label} {_change_words(trend.vs_window.judged or 0.0, METRICS[name])}"
        for name, trend in trends.items()
        if trend.vs_window and trend.vs_window.is_beyond
    ]
    sloped = sum(trend.slope is not None for trend in trends.values())
    unclear = sum(t.slope is not None and name not in stepped for name, t in trends.items())
    changed = sum(1 for t in trends.values() if t.vs_window and t.vs_window.noise is not None)
    start = sentence_start(asked)
    if not sloped and not changed:
        return f"{start}: not enough days to judge any of {len(trends)} metrics."
    if moving:
        parts = [f"{start}: {listed(moving)}."]
    elif unclear:
        parts = [f"{start}: no clear direction in {counted(unclear, 'metric')}."]
    elif sloped:
        parts = [f"{start}:"]
    else:
        parts = [f"{start}: too short for directions."]
    if stepped:
        shown = listed(list(stepped.values())[:_IN_FULL])
        parts.append(f"{'lasting' if parts[0].endswith(':') else 'Lasting'} change: {shown}.")
    if sloped and sloped < len(trends):
        parts.append(f"Not enough weeks for the direction of {len(trends) - sloped}.")
    if beyond:
        parts.append(f"More than your usual swings against the window before: {listed(beyond)}.")
    elif changed:
        parts.append(
            f"Against the window before {counted(changed, 'metric')} stayed within your usual "
            "swings."
        )
    return " ".join(parts)


def _way(metric: Metric, direction: str) -> str:
    if metric.is_clock:
        return "getting later" if direction == "rising" else "getting earlier"
    return direction
