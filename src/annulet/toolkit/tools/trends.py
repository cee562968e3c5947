"""``oura_trends``: where metrics stand, how they changed, and whether that is more than noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from annulet.analytics.change_points import ChangePoint, change_points
from annulet.analytics.metric_trend import MetricTrend, WindowChange, describe_trend
from annulet.analytics.period_difference import without_pattern
from annulet.toolkit.answer_builder import (
    COMMON_OUTPUT,
    TABLE_SCHEMA,
    Number,
    Record,
    Row,
    Table,
    TypedAnswer,
    compose,
    coverage,
)
from annulet.toolkit.context import Context
from annulet.toolkit.dates import Period, day_of
from annulet.toolkit.metric_names import chosen_metrics
from annulet.toolkit.metrics import DEFAULT_METRICS, METRICS, Metric
from annulet.toolkit.reading.history import (
    Explained,
    History,
    check_age,
    history_start,
    read_history,
    traits,
)
from annulet.toolkit.reading.sync_status import missing_days
from annulet.toolkit.reading.zone_lookup import resolve_local_time
from annulet.toolkit.tool import Answer, Tool, with_arguments
from annulet.toolkit.wording.change_records import change_point_record
from annulet.toolkit.wording.number_format import cell, rounded
from annulet.toolkit.wording.trend_sentences import trend_summary

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
_SLOPE_DAYS: Final = 28
# A slope that steep needs no second decimal.
_FINE: Final = 10


@dataclass(frozen=True, slots=True)
class TrendsArguments:
    """The arguments of ``oura_trends``."""

    metrics: list[str] | None
    end: str | None
    window_days: int


@dataclass(frozen=True, slots=True)
class _Judged:
    """The trends of a question, what they were judged without, and the days of other rings."""

    trends: Mapping[str, MetricTrend]
    explained: Explained
    change_points: Mapping[str, Sequence[ChangePoint]]
    breaks: frozenset[int]


class TrendsAnswer(TypedAnswer, kw_only=True):
    """A row for each metric: mean, change, noise, slope, direction."""

    table: Table
    change_points: Sequence[Record] | None = None


async def _run(context: Context, arguments: TrendsArguments) -> Answer:
    local_time = await resolve_local_time(context)
    metrics, length = chosen_metrics(arguments.metrics), arguments.window_days
    end = day_of(arguments.end, local_time.today)
    check_age(end)
    period = Period(end - timedelta(days=length - 1), end)
    history = await read_history(context, local_time, metrics, history_start(end, length), end)
    judged = _judge(history, metrics, period)
    trends, explained = judged.trends, judged.explained
    ill = explained.ill
    inside = frozenset(d for d in ill if period.start.toordinal() <= d <= end.toordinal())
    notes = history.notes(ill=inside, of="what is judged")
    notes += explained.notes()
    first = end - timedelta(days=2 * length - 1)
    notes += explained.ring_notes(judged.breaks, first, end, local_time.today)
    if any(trend.since is not None for trend in trends.values()):
        notes.append("Slopes begin with the new ring.")
    if length < _SLOPE_DAYS and not any(t.slope for t in trends.values()):
        notes.append(f"A slope needs four weeks: ask for window_days of {_SLOPE_DAYS} or more.")
    if end >= local_time.today - timedelta(days=1) and "total_sleep_min" in trends:
        nights = history.series["total_sleep_min"].as_dict()
        notes += await missing_days(
            context, local_time, period.days, nights, recorded=history.nights
        )
    return compose(
        trend_summary(trends, history.series, period, history.today, judged.change_points),
        TrendsAnswer(
            table=Table(_COLUMNS, [_row(METRICS[n], t) for n, t in trends.items()]),
            change_points=[
                change_point_record(METRICS[name], point)
                for name, points in judged.change_points.items()
                for point in points
            ]
            or None,
        ),
        local_time=local_time,
        period=period,
        covered=coverage(period, history.days(metrics, period.start, period.end)),
        notes=notes,
    )


def _judge(history: History, metrics: Sequence[Metric], period: Period) -> _Judged:
    explained = history.explained()
    trends = {
        metric.name: describe_trend(
            history.series[metric.name],
            traits(metric),
            end=period.end,
            length=period.length,
            left_out=explained.ill,
            pattern=explained.patterns.get(metric.name),
            breaks=history.breaks,
        )
        for metric in metrics
        if metric.name in history.series
    }
    points = _change_points(history, explained, metrics, period)
    return _Judged(trends, explained, points, history.breaks)


def _change_points(
    history: History, explained: Explained, metrics: Sequence[Metric], period: Period
) -> dict[str, Sequence[ChangePoint]]:
    """The lasting changes of level within the window, by metric."""
    changes: dict[str, Sequence[ChangePoint]] = {}
    for metric in metrics:
        series = history.series.get(metric.name)
        if series is None:
            continue
        calm = without_pattern(series.without(explained.ill), explained.rhythmic.get(metric.name))
        points = change_points(calm, traits(metric), breaks=history.breaks)
        inside = [point for point in points if point.since >= period.start.toordinal()]
        if inside:
            changes[metric.name] = inside
    return changes


def _row(metric: Metric, figures: MetricTrend) -> Row:
    window, slope, moved = figures.window, figures.slope, figures.vs_window
    slopes = (slope.per_week, slope.low, slope.high) if slope else (None, None, None)
    return [
        metric.name,
        metric.unit,
        cell(window.mean, metric) if window else None,
        cell(window.sd, metric) if window else None,
        cell(window.low, metric, 0) if window else None,
        cell(window.high, metric, 0) if window else None,
        figures.nights,
        *(_percent(c) for c in (moved, figures.vs_week, figures.vs_month)),
        cell(moved.absolute, metric) if moved else None,
        cell(moved.noise, metric) if moved else None,
        *(cell(value, metric, 2 if abs(value or 0) < _FINE else 1) for value in slopes),
        figures.direction,
    ]


def _percent(moved: WindowChange | None) -> Number | None:
    return rounded(moved.percent, 1) if moved else None


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
        "window_days": {
            "type": "integer",
            "default": 30,
            "minimum": 7,
            "maximum": 730,
            "description": "Days of the window",
        },
    },
    output={
        "type": "object",
        "properties": {
            **COMMON_OUTPUT,
            "table": TABLE_SCHEMA,
            "change_points": {"type": "array", "items": {"type": "object"}},
        },
        "required": ["summary", "period", "coverage", "table"],
    },
    scopes=("daily", "stress", "spo2", "heart_health"),
    run=with_arguments(TrendsArguments, _run),
)
