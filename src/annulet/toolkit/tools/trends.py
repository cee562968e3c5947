"""``oura_trends``: where metrics stand, how they changed, and whether that is more than noise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from annulet.analytics.series import Series
from annulet.analytics.trends import Change, Trend, trend
from annulet.toolkit.answer_builder import COMMON_OUTPUT, TABLE_SCHEMA, compose, coverage, table
from annulet.toolkit.context import Context
from annulet.toolkit.dates import Period, day_of
from annulet.toolkit.local_time import LocalTime
from annulet.toolkit.metrics import DEFAULT_METRICS, METRICS, Metric, chosen
from annulet.toolkit.reading.history import HISTORY_DAYS, History, check_age, read_history, traits
from annulet.toolkit.reading.sync_status import missing_nights
from annulet.toolkit.reading.zone_lookup import resolve_local_time
from annulet.toolkit.tool import Answer, Arguments, Tool
from annulet.toolkit.wording.date_format import span_words
from annulet.toolkit.wording.number_format import (
    amount,
    cell,
    change,
    interval,
    listed,
    plain,
    rounded,
)

__all__ = ["TOOL"]

_COLUMNS: Final = (
    "metric",
    "unit",
    "mean",
    "sd",
    "min",
    "max",
    "n",
    "vs_prior_window_pct",
    "vs_prior_week_pct",
    "vs_prior_month_pct",
    "change",
    "noise",
    "slope_per_week",
    "slope_low",
    "slope_high",
    "direction",
)
_IN_FULL: Final = 3
_FEWEST: Final = 7
_SLOPE_DAYS: Final = 28
# A slope that steep needs no second decimal.
_FINE: Final = 10


async def _run(context: Context, arguments: Arguments) -> Answer:
    moment = await resolve_local_time(context)
    metrics = chosen(arguments["metrics"])
    length: int = arguments["window_days"]
    end = day_of(arguments["end"], moment.today)
    check_age(end)
    period = Period(end - timedelta(days=length - 1), end)
    start = end - timedelta(days=max(HISTORY_DAYS, 2 * length) - 1)
    history = await read_history(context, moment, metrics, start, end)
    ill = history.strained()
    found = {
        metric.name: trend(
            history.series[metric.name], traits(metric), end=end, length=length, left_out=ill
        )
        for metric in metrics
        if metric.name in history.series
    }
    covered = history.days(metrics, period.start, period.end)
    rows = [_row(METRICS[name], one) for name, one in found.items()]
    inside = frozenset(d for d in ill if period.start.toordinal() <= d <= end.toordinal())
    notes = [*history.notes(ill=inside, of="slope and noise"), *_advice(found, length)]
    if end >= moment.today - timedelta(days=1) and "total_sleep_min" in found:
        nights = history.series["total_sleep_min"]
        notes += await _silence(context, moment, nights, period)
    return compose(
        _summary(found, history, period),
        {"table": table(_COLUMNS, rows)},
        moment=moment,
        period=period,
        covered=coverage(period, covered),
        notes=notes,
    )


async def _silence(
    context: Context, moment: LocalTime, nights: Series, period: Period
) -> list[str]:
    known = nights.as_dict()
    without = [day for day in period.days if day not in known]
    return await missing_nights(
        context, moment, without, max(known, default=None), oldest=min(known, default=None)
    )


def _row(metric: Metric, one: Trend) -> list[Any]:
    window, slope = one.window, one.slope
    moved = one.vs_window
    return [
        metric.name,
        metric.unit,
        cell(window.mean, metric) if window else None,
        cell(window.sd, metric) if window else None,
        cell(window.low, metric, 0) if window else None,
        cell(window.high, metric, 0) if window else None,
        one.nights,
        *(_percent(c) for c in (moved, one.vs_week, one.vs_month)),
        cell(moved.absolute, metric) if moved else None,
        cell(moved.noise, metric) if moved else None,
        *(
            cell(v, metric, 2 if abs(v) < _FINE else 1) if v is not None else None
            for v in ((slope.per_week, slope.low, slope.high) if slope else (None,) * 3)
        ),
        one.direction,
    ]


def _percent(moved: Change | None) -> float | int | None:
    return rounded(moved.percent, 1) if moved and moved.percent is not None else None


def _advice(found: Mapping[str, Trend], length: int) -> list[str]:
    if any(one.slope for one in found.values()):
        return []
    if length < _SLOPE_DAYS:
        return [f"A slope needs four weeks: ask for window_days of {_SLOPE_DAYS} or more."]
    return []


def _summary(found: Mapping[str, Trend], history: History, period: Period) -> str:
    asked = f"{period.length} days to {span_words(period.end, period.end, history.today)}"
    if not any(one.nights for one in found.values()):
        return f"Nothing recorded in the {asked}."
    longest = max(len(history.series[name]) for name in found)
    if longest < _FEWEST:
        days = "day" if longest == 1 else "days"
        return f"Too early for a trend: {longest} {days} of data so far, {_FEWEST} are the least."
    if len(found) <= _IN_FULL:
        return " ".join(_sentence(METRICS[name], one, period) for name, one in found.items())
    return _overview(found, asked)


def _sentence(metric: Metric, one: Trend, period: Period) -> str:
    if one.window is None:
        return (
            f"{_title(metric)}: {one.nights} of {period.length} days have data, "
            "too few for an average."
        )
    said = f"{_title(metric)} averaged {plain(one.window.mean, metric)} ({one.nights} days)"
    return f"{said}{_against(metric, one, period)}. {_course(metric, one)}"


def _against(metric: Metric, one: Trend, period: Period) -> str:
    moved = one.vs_window
    if moved is None:
        return ""
    way = "above" if moved.absolute >= 0 else "below"
    before = f"the {period.length} days before"
    said = f", {amount(moved.absolute, metric)} {way} {before}"
    if moved.noise is None:
        return said
    kind = "more than your usual swings" if moved.beyond_noise else "within your normal noise"
    return f"{said}, {kind} (±{amount(moved.noise, metric)})"


def _course(metric: Metric, one: Trend) -> str:
    if one.slope is None:
        return "Too few weeks with data for a slope."
    slope = one.slope
    size = f"{change(slope.per_week, metric)} a week ({interval(slope.low, slope.high, metric)})"
    words = {
        "rising": f"It is rising: {size}.",
        "falling": f"It is falling: {size}.",
        "flat": f"It is flat: {size}.",
    }
    return words.get(one.direction, f"No clear direction: {size}.")


def _overview(found: Mapping[str, Trend], asked: str) -> str:
    moving = [
        f"{METRICS[name].label} {one.direction}"
        for name, one in found.items()
        if one.direction in ("rising", "falling")
    ]
    beyond = [
        f"{METRICS[name].label} {change(one.vs_window.absolute, METRICS[name])}"
        for name, one in found.items()
        if one.vs_window and one.vs_window.beyond_noise
    ]
    parts = [
        f"{asked[0].upper()}{asked[1:]}: {listed(moving) if moving else 'no clear direction'}"
        + ("; the others unclear or flat." if moving else " in any metric."),
        f"More than your usual swings against the window before: {listed(beyond)}."
        if beyond
        else "All changes against the window before are within your normal noise."
        if any(one.vs_window for one in found.values())
        else "",
    ]
    return " ".join(part for part in parts if part)


def _title(metric: Metric) -> str:
    return f"{metric.label[0].upper()}{metric.label[1:]}"


TOOL: Final = Tool(
    name="oura_trends",
    title="Trends",
    description=(
        "Is something rising or falling? Mean, SD, range, change against earlier windows with "
        "the person's own noise, weekly slope with 95 % interval, direction. "
        "For two named periods use oura_compare."
    ),
    properties={
        "metrics": {
            "type": "array",
            "items": {"type": "string"},
            "description": (
                f"Default: {', '.join(DEFAULT_METRICS)}. Also deep_min, rem_min, efficiency_pct, "
                "latency_min, breath_avg_per_min, spo2_avg_pct, bedtime_min_from_midnight, any "
                "daily number"
            ),
        },
        "end": {"type": "string", "description": "Last day (default today)"},
        "window_days": {"type": "integer", "default": 30, "minimum": 7, "maximum": 730},
    },
    output={
        "type": "object",
        "properties": {**COMMON_OUTPUT, "table": TABLE_SCHEMA},
        "required": ["summary", "period", "coverage", "table"],
    },
    scopes=("daily", "stress", "spo2", "heart_health"),
    run=_run,
)
