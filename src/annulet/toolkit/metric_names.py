"""Which metrics are meant by names as people write them: one reader for all tools."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from annulet.analytics.query.columns import Kind
from annulet.analytics.query.spelling import fold, nearest
from annulet.errors import UsageError
from annulet.toolkit.metrics import DEFAULT_METRICS, METRICS, Metric
from annulet.toolkit.query_columns import DAY_COLUMNS
from annulet.toolkit.short_names import SHORT_NAMES

CLOCK_COLUMNS: Final = {
    "bedtime": "bedtime_min_from_midnight",
    "wake_time": "wake_min_from_midnight",
}
"""The metric of each column that shows a clock time."""


def metric_named(written: str) -> Metric | None:
    """The metric of a name or short name, in any case, with blanks or hyphens; None for others.

    >>> metric_named("Resting HR").name, metric_named("bedtime").name
    ('hr_lowest_bpm', 'bedtime_min_from_midnight')
    """
    word = "_".join(fold(written).split())
    for name in (word, *SHORT_NAMES.get(word, ())):
        metric = METRICS.get(CLOCK_COLUMNS.get(name, name))
        if metric is not None:
            return metric
    return None


def nearest_names(written: str, known: Iterable[str] = ()) -> list[str]:
    """The metrics whose names or short names are most like an unknown name, the best first."""
    names = [*METRICS, *known]
    short = [name for name in (*SHORT_NAMES, *CLOCK_COLUMNS) if metric_named(name)]
    metrics = (metric_named(name) for name in nearest(written, [*names, *short]))
    close = [metric.name for metric in metrics if metric is not None]
    return list(dict.fromkeys([*close, *nearest(written, names)]))[:3]


def chosen_metrics(names: list[str] | None) -> list[Metric]:
    """The metrics of a question, each once; the default nine when it names none.

    Raises:
        UsageError: A name is no metric; the hint names the nearest.
    """
    if not names:
        return [METRICS[name] for name in DEFAULT_METRICS]
    metrics = {}
    for written in names:
        metric = metric_named(written)
        if metric is None:
            raise unknown_metric(written)
        metrics[metric.name] = metric
    return list(metrics.values())


def unknown_metric(written: str) -> UsageError:
    """The error about a name that is no metric; a figure of a query is told where it is one."""
    column = _query_figure(written)
    if column:
        return UsageError(
            f"“{written.strip()[:40]}” is no daily metric.",
            hint=f"{column} is a column of oura_query: ask there, e.g. metrics [“{column}”] by "
            "“week”, or by “last week; this week”.",
        )
    return UsageError(
        f"There is no metric “{written.strip()[:40]}”.",
        hint=f"Nearest: {', '.join(nearest_names(written))}. Any daily number is a metric, also by "
        "a short name: hrv, resting_hr, sleep, steps, bedtime.",
    )


def _query_figure(written: str) -> str:
    """The figure of days that only a query knows; empty for none."""
    word = "_".join(fold(written).split())
    columns = (DAY_COLUMNS.get(name) for name in (word, *SHORT_NAMES.get(word, ())))
    return next((c.name for c in columns if c is not None and c.kind is Kind.NUMBER), "")
