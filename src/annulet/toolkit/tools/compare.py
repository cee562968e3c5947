"""``oura_compare``: one period against another, with the person's own uncertainty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from annulet.analytics.compare import HIGHER, LOWER, TOO_FEW, Difference, compare
from annulet.errors import UsageError
from annulet.toolkit.answer_builder import (
    COMMON_OUTPUT,
    TABLE_SCHEMA,
    Body,
    Record,
    Row,
    Table,
    compose,
    coverage,
)
from annulet.toolkit.context import Context
from annulet.toolkit.dates import Period, period_of
from annulet.toolkit.metrics import METRICS, Metric, chosen_metrics
from annulet.toolkit.reading.history import (
    HISTORY_DAYS,
    METRIC_NAMES,
    check_age,
    read_history,
    traits,
)
from annulet.toolkit.reading.zone_lookup import resolve_local_time
from annulet.toolkit.tool import Answer, Tool, with_arguments
from annulet.toolkit.wording.date_format import span_words
from annulet.toolkit.wording.number_format import amount, cell, clear_tail, interval, listed, plain

__all__ = ["TOOL"]

_COLUMNS: Final = (
    "metric",
    "unit",
    "period_mean",
    "against_mean",
    "difference",
    "low",
    "high",
    "verdict",
)
_LONGEST: Final = 366
_IN_WORDS: Final = 4
# A limit that far from nothing needs no decimals.
_WIDE: Final = 10


@dataclass(frozen=True, slots=True)
class CompareArguments:
    """The arguments of ``oura_compare``."""

    period: str
    against: str | None
    metrics: list[str] | None


class _CompareBody(Body, kw_only=True):
    against: Record
    table: Table


async def _run(context: Context, arguments: CompareArguments) -> Answer:
    local_time = await resolve_local_time(context)
    today = local_time.today
    metrics = chosen_metrics(arguments.metrics)
    period = _period(arguments.period, today)
    against = _period(arguments.against, today) if arguments.against else _before(period)
    end = max(period.end, against.end)
    start = min(period.start, against.start, end - timedelta(days=HISTORY_DAYS - 1))
    history = await read_history(context, local_time, metrics, start, end)
    ill = history.strained()
    differences = {
        metric.name: compare(
            history.series[metric.name],
            traits(metric),
            (period.start, history.finished(metric, period.end)),
            (against.start, history.finished(metric, against.end)),
            left_out=ill,
        )
        for metric in metrics
        if metric.name in history.series
    }
    notes = history.notes()
    if ill & {day.toordinal() for day in (*period.days, *against.days)}:
        notes.append("Some of these nights look like illness; they count in the means.")
    against_body: Record = {
        "start": against.start.isoformat(),
        "end": against.end.isoformat(),
        "with_data": len(history.days(metrics, against.start, against.end)),
    }
    rows = [_row(METRICS[name], difference) for name, difference in differences.items()]
    return compose(
        _summary(differences, period, against, today),
        _CompareBody(against=against_body, table=Table(_COLUMNS, rows)),
        local_time=local_time,
        period=period,
        covered=coverage(period, history.days(metrics, period.start, period.end)),
        notes=notes,
    )


def _period(words: str, today: date) -> Period:
    """The period some words mean, as far as it has come.

    Raises:
        UsageError: Not a date, in the future, or too long.
    """
    period = period_of(words, today)
    if period.start > today:
        raise UsageError(
            f"{period.start} lies in the future; today is {today}.",
            hint="Compare periods that have begun.",
        )
    period = Period(period.start, min(period.end, today))
    check_age(period.start)
    if period.length > _LONGEST:
        raise UsageError(
            f"{period.start} to {period.end} is too long to compare.",
            hint=f"Compare periods of up to {_LONGEST} days.",
        )
    return period


def _before(period: Period) -> Period:
    """The equally long period just before."""
    length = timedelta(days=period.length)
    return Period(period.start - length, period.end - length)


def _row(metric: Metric, difference: Difference) -> Row:
    figures = (difference.period_mean, difference.against_mean, difference.difference)
    limits = (difference.low, difference.high)
    return [
        metric.name,
        metric.unit,
        *(cell(value, metric) for value in figures),
        *(cell(value, metric, 0 if value and abs(value) >= _WIDE else 1) for value in limits),
        difference.verdict,
    ]


def _summary(
    differences: Mapping[str, Difference], period: Period, against: Period, today: date
) -> str:
    sides = " against ".join(span_words(p.start, p.end, today) for p in (period, against))
    if not any(d.period_n or d.against_n for d in differences.values()):
        return f"Nothing recorded in {sides}."
    clear = [name for name, d in differences.items() if d.verdict in (HIGHER, LOWER)]
    few = [name for name, d in differences.items() if d.verdict == TOO_FEW]
    if len(few) == len(differences):
        return f"{sides}: too few days with data for a verdict."
    if not clear:
        judged = [METRICS[name].label for name in differences if name not in few]
        named = listed(judged) if len(judged) <= _IN_WORDS else "any metric"
        return f"{sides}: no clear difference in {named}."
    sentences = [_sentence(METRICS[name], differences[name]) for name in clear[:_IN_WORDS]]
    more = [f"{METRICS[n].label} {differences[n].verdict}" for n in clear[_IN_WORDS:]]
    unclear = len(differences) - len(clear) - len(few)
    parts = [f"{sides}: {'; '.join(sentences)}.", *clear_tail(more, unclear)]
    return " ".join(parts)


def _sentence(metric: Metric, difference: Difference) -> str:
    mean, low, high = difference.period_mean or 0.0, difference.low or 0.0, difference.high or 0.0
    return (
        f"{metric.label} {plain(mean, metric)}, {amount(difference.difference or 0.0, metric)} "
        f"{difference.verdict} ({interval(low, high, metric)})"
    )


TOOL: Final = Tool(
    name="oura_compare",
    title="Compare two periods",
    description=(
        "One period against another: means, difference (period minus against) with its 95 % "
        "range from the person's own noise, verdict. E.g. this week against last week."
    ),
    properties={
        "period": {
            "type": "string",
            "default": "this week",
            "description": "Words, a day, or 2026-05-01..2026-05-14",
        },
        "against": {
            "type": "string",
            "description": "The same; default: the equally long period before",
        },
        "metrics": METRIC_NAMES,
    },
    output={
        "type": "object",
        "properties": {
            **COMMON_OUTPUT,
            "against": {"type": "object"},
            "table": TABLE_SCHEMA,
        },
        "required": ["summary", "period", "coverage", "table"],
    },
    scopes=("daily", "stress", "spo2", "heart_health"),
    run=with_arguments(CompareArguments, _run),
)
