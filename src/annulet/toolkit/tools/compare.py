"""``oura_compare``: one period against another, with the person's own uncertainty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from annulet.analytics.period_difference import (
    FEWEST_NIGHTS,
    PeriodDifference,
    compare_periods,
)
from annulet.errors import UsageError
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
from annulet.toolkit.dates import Period, period_before, period_of
from annulet.toolkit.metric_names import chosen_metrics
from annulet.toolkit.metrics import METRICS, Metric
from annulet.toolkit.period_words import is_before_another
from annulet.toolkit.reading.history import (
    METRIC_NAMES,
    Explained,
    History,
    check_age,
    history_start,
    read_history,
    traits,
)
from annulet.toolkit.reading.zone_lookup import resolve_local_time
from annulet.toolkit.tool import Answer, Tool, with_arguments
from annulet.toolkit.wording.date_format import span_words
from annulet.toolkit.wording.number_format import (
    amount,
    cell,
    clear_tail,
    counted,
    interval,
    listed,
    moved_words,
    plain,
    rounded,
)

_COLUMNS: Final = (
    "metric",
    "unit",
    "period_mean",
    "against_mean",
    "period_n",
    "against_n",
    "difference",
    "difference_pct",
    "low",
    "high",
    "verdict",
)
_CALLED: Final = ("higher", "lower")
_LONGEST: Final = 366
_THIS_WEEK: Final = "this week"
_IN_WORDS: Final = 4
# A limit that far from nothing needs no decimals.
_WIDE: Final = 10


@dataclass(frozen=True, slots=True)
class CompareArguments:
    """The arguments of ``oura_compare``."""

    period: str
    against: str | None
    metrics: list[str] | None


class CompareAnswer(TypedAnswer, kw_only=True):
    """A row for each metric: both means, the difference and its verdict."""

    against: Record
    table: Table


async def _run(context: Context, arguments: CompareArguments) -> Answer:
    local_time = await resolve_local_time(context)
    today, metrics = local_time.today, chosen_metrics(arguments.metrics)
    period = _period(arguments.period, today)
    against = _against(arguments, period, today)
    end = max(period.end, against.end)
    longest = max(period.length, against.length)
    start = min(period.start, against.start, history_start(end, longest))
    history = await read_history(context, local_time, metrics, start, end)
    explained, differences = _judge(history, metrics, period, against)
    notes = [*history.notes(), *explained.notes()]
    first = min(period.start, against.start)
    notes += explained.ring_notes(history.breaks, first, end, today)
    if explained.ill & {day.toordinal() for day in (*period.days, *against.days)}:
        notes.append(
            "Some of these nights look like illness: they count in the means, not in verdicts."
        )
    adjusted = {name: _adjusted(METRICS[name], d) for name, d in differences.items()}
    if any(value is not None for value in adjusted.values()):
        notes.append("Verdicts rest on column adjusted: no weekdays, ill nights or outliers.")
    return compose(
        _summary(differences, period, against, today),
        CompareAnswer(
            against=_against_body(history, metrics, against),
            table=_table(differences, adjusted),
        ),
        local_time=local_time,
        period=period,
        covered=coverage(period, history.days(metrics, period.start, period.end)),
        notes=notes,
    )


def _judge(
    history: History, metrics: Sequence[Metric], period: Period, against: Period
) -> tuple[Explained, dict[str, PeriodDifference]]:
    explained = history.explained()
    return explained, {
        metric.name: compare_periods(
            history.series[metric.name],
            traits(metric),
            (period.start, history.finished(metric, period.end)),
            (against.start, history.finished(metric, against.end)),
            left_out=explained.ill,
            pattern=explained.patterns.get(metric.name),
            breaks=history.breaks,
        )
        for metric in metrics
        if metric.name in history.series
    }


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


def _against(arguments: CompareArguments, period: Period, today: date) -> Period:
    """What a period is compared with: this week with last week, others with the days before."""
    if arguments.against:
        if is_before_another(arguments.against) is None:
            against = _period(arguments.against, today)
        else:
            against = period_before(arguments.against, today, period)
        if against == period:
            raise UsageError(
                f"“{arguments.period[:40]}” and “{arguments.against[:40]}” are the same days.",
                hint="Name another period, e.g. last week, or leave against out for the days "
                "before.",
            )
        return against
    if arguments.period.strip().lower() == _THIS_WEEK:
        return _period("last week", today)
    return _before(period)


def _before(period: Period) -> Period:
    """The equally long period just before."""
    length = timedelta(days=period.length)
    return Period(period.start - length, period.end - length)


def _against_body(history: History, metrics: Sequence[Metric], against: Period) -> Record:
    return {
        "start": against.start.isoformat(),
        "end": against.end.isoformat(),
        "with_data": len(history.days(metrics, against.start, against.end)),
    }


def _table(
    differences: Mapping[str, PeriodDifference], adjusted: Mapping[str, float | None]
) -> Table:
    """The table; ``adjusted`` is a column where any judged value differs from the difference."""
    has_adjusted = any(value is not None for value in adjusted.values())
    rows: list[Row] = []
    for name, difference in differences.items():
        metric = METRICS[name]
        means = (difference.period_mean, difference.against_mean)
        limits = (difference.low, difference.high)
        rows.append(
            [
                metric.name,
                metric.unit,
                *(cell(value, metric) for value in means),
                difference.period_n,
                difference.against_n,
                cell(difference.difference, metric),
                _percent(metric, difference),
                *([cell(adjusted[name], metric)] if has_adjusted else []),
                *(cell(v, metric, 0 if v and abs(v) >= _WIDE else 1) for v in limits),
                difference.verdict,
            ]
        )
    extra = ("adjusted",) if has_adjusted else ()
    before = _COLUMNS.index("low")
    return Table([*_COLUMNS[:before], *extra, *_COLUMNS[before:]], rows)


def _percent(metric: Metric, difference: PeriodDifference) -> Number | None:
    """The difference in percent of the second mean, where a percentage means something."""
    if not metric.ratio or not difference.against_mean or difference.difference is None:
        return None
    return rounded(100.0 * difference.difference / difference.against_mean, 1)


def _adjusted(metric: Metric, difference: PeriodDifference) -> float | None:
    """The judged difference where it is another one than that of the means."""
    judged, plain_difference = difference.judged, difference.difference
    if judged is None or plain_difference is None:
        return None
    step = 10.0**-metric.digits
    return judged if abs(judged - plain_difference) > step else None


def _summary(
    differences: Mapping[str, PeriodDifference], period: Period, against: Period, today: date
) -> str:
    sides = " against ".join(span_words(p.start, p.end, today) for p in (period, against))
    if not any(d.period_n or d.against_n for d in differences.values()):
        return f"Nothing recorded in {sides}."
    clear = [name for name, d in differences.items() if d.verdict in _CALLED]
    few = [name for name, d in differences.items() if d.low is None]
    if len(few) == len(differences):
        known = max(d.history for d in differences.values())
        if known < FEWEST_NIGHTS:
            days = counted(known, "day")
            return f"{sides}: too early for a verdict, {days} of history, {FEWEST_NIGHTS} needed."
        return f"{sides}: too few days with data for a verdict."
    unjudged = [f"Too few days to judge {listed(_labels(few))}."] if few else []
    if not clear:
        judged = [name for name in differences if name not in few]
        named = (
            listed(_labels(judged)) if len(judged) <= _IN_WORDS else counted(len(judged), "metric")
        )
        return " ".join([f"{sides}: no clear difference in {named}.", *unjudged])
    sentences = [_sentence(METRICS[name], differences[name]) for name in clear[:_IN_WORDS]]
    more = [
        f"{METRICS[n].label} {moved_words(differences[n].judged or 0.0, METRICS[n])}"
        for n in clear[_IN_WORDS:]
    ]
    unclear = len(differences) - len(clear) - len(few)
    parts = [f"{sides}: {'; '.join(sentences)}.", *clear_tail(more, unclear), *unjudged]
    return " ".join(parts)


def _labels(names: Sequence[str]) -> list[str]:
    shown = [METRICS[name].label for name in names[:_IN_WORDS]]
    return [*shown, f"{len(names) - _IN_WORDS} more"] if len(names) > _IN_WORDS else shown


def _sentence(metric: Metric, difference: PeriodDifference) -> str:
    mean, judged = difference.period_mean or 0.0, difference.judged or 0.0
    limits = interval(difference.low or 0.0, difference.high or 0.0, metric)
    size = f"{amount(judged, metric)} {moved_words(judged, metric)}"
    like = "" if _adjusted(metric, difference) is None else " for these weekdays"
    return f"{metric.label} {plain(mean, metric)}, {size}{like} ({limits})"


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
            "description": "The same; default: last week for this week, else as many days before",
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
