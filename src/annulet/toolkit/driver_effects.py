"""The answer of ``oura_effects`` about a driver."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from annulet.analytics.relations import FEWEST_NIGHTS, FEWEST_OTHER, Relation, judge_together
from annulet.analytics.tag_effects import CANNOT_TELL
from annulet.toolkit.answer_builder import Row, Table, TypedAnswer, compose, coverage
from annulet.toolkit.context import Context
from annulet.toolkit.dates import Period
from annulet.toolkit.effect_drivers import (
    Driver,
    driver_named,
    is_made_of,
    relations_to,
    shares_the_night,
)
from annulet.toolkit.local_time import LocalTime
from annulet.toolkit.metrics import METRICS, Metric
from annulet.toolkit.reading.day_series import read_day_series
from annulet.toolkit.reading.history import History, read_history
from annulet.toolkit.tool import Answer
from annulet.toolkit.wording.effect_sentences import CALLED, many_days_sentence
from annulet.toolkit.wording.number_format import (
    amount,
    cell,
    counted,
    interval,
    listed,
    moved_words,
)

_COLUMNS: Final = ["metric", "unit", "n", "effect", "low", "high", "p_adjusted", "verdict"]
_IN_WORDS: Final = 4
_LEAST_P: Final = 0.0001
ASSOCIATION: Final = "An association: something else that goes with it can be the reason."
"""The caveat of every relation."""


class EffectsAnswer(TypedAnswer, kw_only=True):
    """A row for each metric: with, without, the effect and its verdict."""

    table: Table


async def answer_about_driver(
    context: Context,
    local_time: LocalTime,
    name: str,
    metrics: Sequence[Metric],
    *,
    lag: int,
    days: int,
) -> Answer:
    """What goes with a driver, per sensible unit of it.

    Raises:
        UsageError: There is no such driver.
        AnnuletError: Nothing, or the driver itself, could be read.
    """
    driver = driver_named(name, local_time.today.toordinal())
    period = Period(local_time.today - timedelta(days=days - 1), local_time.today)
    wanted = list(dict.fromkeys((driver.metric, *metrics)))
    history = await _read_with_driver(context, local_time, driver, wanted, period)
    history = history.with_one_ring()
    ill = history.explained().ill
    judged = judge_together(relations_to(driver, metrics, history, lag, ill))
    untold = _untold(driver, metrics, history, lag)
    covered = history.days(wanted, period.start, period.end)
    period = Period(min(covered, default=period.start), period.end)
    notes = [*history.notes(ill=ill, of="the relation"), *([ASSOCIATION] if judged else [])]
    if driver.needs_event:
        notes.append("Only days with a workout count; for days with against without: workouts.")
    if judged and shares_the_night(driver, metrics, lag):
        notes.append("Figures of the same night: they go together, and neither comes first.")
    return compose(
        " ".join([*_judged_words(driver, judged, lag), *_untold_words(driver, untold, lag)]),
        EffectsAnswer(table=Table(_COLUMNS, _rows(driver, metrics, {**judged, **untold}))),
        local_time=local_time,
        period=period,
        covered=coverage(period, covered),
        notes=notes,
    )


async def _read_with_driver(
    context: Context, local_time: LocalTime, driver: Driver, metrics: list[Metric], period: Period
) -> History:
    """The history of the metrics; a figure of the day's workouts is added up beside it."""
    name = driver.metric.name
    if name in METRICS:
        history = await read_history(context, local_time, metrics, period.start, period.end)
        if name in history.failures:
            raise history.failures[name]
        return history
    others = [metric for metric in metrics if metric.name != name]
    history, (series, left_out) = await asyncio.gather(
        read_history(context, local_time, others, period.start, period.end),
        read_day_series(context, local_time, name, period),
    )
    left_out = [note for note in left_out if note not in history.unread]
    return replace(
        history,
        series={**history.series, name: series},
        unread=(*history.unread, *left_out),
    )


def _untold(
    driver: Driver, metrics: Sequence[Metric], history: History, lag: int
) -> dict[str, Relation]:
    """The metrics of which nothing can be told, with the days that have both."""
    causes = frozenset(day + driver.lag(lag) for day in history.series[driver.metric.name].days)
    return {
        metric.name: Relation(
            sum(day in causes for day in history.series[metric.name].days), verdict=CANNOT_TELL
        )
        for metric in metrics
        if metric.name in history.series and (metric.days_before or is_made_of(driver, metric, lag))
    }


def _rows(
    driver: Driver, metrics: Sequence[Metric], relations: Mapping[str, Relation]
) -> list[Row]:
    return [_row(m, relations[m.name], driver) for m in metrics if m.name in relations]


def _row(metric: Metric, relation: Relation, driver: Driver) -> Row:
    figures = (relation.slope, relation.low, relation.high)
    return [
        metric.name,
        unit_of(metric, driver),
        relation.n,
        *(cell(_per_unit(value, driver), metric, 2) for value in figures),
        shown_p(relation.p_adjusted),
        relation.verdict,
    ]


def unit_of(metric: Metric, driver: Driver) -> str:
    """The unit of a relation: the metric's, per sensible unit of the driver."""
    return f"{metric.unit} per {driver.unit_words}".strip()


def _per_unit(value: float | None, driver: Driver) -> float | None:
    return None if value is None else value * driver.unit


def shown_p(value: float | None) -> float | None:
    """A p to two digits, 0.0001 at least: no chance is nil; None stays None."""
    return None if value is None else max(float(f"{value:.2g}"), _LEAST_P)


def _untold_words(driver: Driver, untold: Mapping[str, Relation], lag: int) -> list[str]:
    """Why nothing can be told of some metrics."""
    asked = [METRICS[name] for name in untold]
    itself: list[str] = []
    same: list[str] = []
    summed: list[Metric] = []
    for metric in asked:
        if metric == driver.metric:
            itself.append(f"{metric.label[0].upper()}{metric.label[1:]} is the driver itself.")
        elif is_made_of(driver, metric, lag):
            same.append(metric.label)
        else:
            summed.append(metric)
    words = f"Cannot tell for {listed(same)}: made of the same figures as {driver.metric.label}."
    return [
        *itself,
        *([words] if same else []),
        *([many_days_sentence(summed)] if summed else []),
    ]


def _judged_words(driver: Driver, judged: Mapping[str, Relation], lag: int) -> list[str]:
    """What goes with the driver, among the metrics that could be judged."""
    if not judged:
        return []
    most = max(relation.n for relation in judged.values())
    when = "the night and day that follow" if driver.is_of_day else "that night and its day"
    later = "" if lag == 0 else f" ({counted(lag, 'day')} later)"
    told = [name for name, relation in judged.items() if relation.p is not None]
    if not told:
        least = (
            f"{most} with both, {FEWEST_NIGHTS} are the least"
            if most < FEWEST_NIGHTS
            else f"nearly always the same on {most} days, {FEWEST_OTHER} others are the least"
        )
        return [f"Too few days for a verdict about {driver.metric.label}: {least}."]
    called = [name for name in told if judged[name].verdict in CALLED]
    if not called:
        looked_at = f"{counted(len(told), 'metric')} of {when}{later}, up to {most} days"
        return [f"Nothing clearly goes with {driver.metric.label}: {looked_at}."]
    sentences = [driver_sentence(METRICS[n], judged[n], driver) for n in called[:_IN_WORDS]]
    rest = len(judged) - len(called)
    tail = [f"Nothing clear in the other {rest}."] if rest else []
    words = driver.words
    return [f"{words[0].upper()}{words[1:]}, {when}{later}: {listed(sentences)}.", *tail]


def driver_sentence(metric: Metric, relation: Relation, driver: Driver) -> str:
    """What goes with a driver, with its 95 % interval."""
    slope = (relation.slope or 0.0) * driver.unit
    low, high = (relation.low or 0.0) * driver.unit, (relation.high or 0.0) * driver.unit
    size = f"{amount(slope, metric)} {moved_words(slope, metric)}"
    return f"{metric.label} {size} ({interval(low, high, metric)})"
