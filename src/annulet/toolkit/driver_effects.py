"""The answer of ``oura_effects`` about a driver."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from annulet.analytics.relations import FEWEST_NIGHTS, Relation, judge_together
from annulet.toolkit.answer_builder import Row, Table, TypedAnswer, compose, coverage
from annulet.toolkit.context import Context
from annulet.toolkit.dates import Period
from annulet.toolkit.effect_drivers import (
    Driver,
    driver_named,
    relations_to,
    shares_the_night,
)
from annulet.toolkit.local_time import LocalTime
from annulet.toolkit.metrics import METRICS, Metric
from annulet.toolkit.reading.day_series import read_day_series
from annulet.toolkit.reading.history import History, read_history
from annulet.toolkit.tool import Answer
from annulet.toolkit.wording.number_format import (
    amount,
    cell,
    counted,
    interval,
    listed,
    moved_words,
)

_COLUMNS: Final = ["metric", "unit", "n", "effect", "low", "high", "p_adjusted", "verdict"]
CALLED: Final = ("higher", "lower")
"""The verdicts that say there is something."""
_IN_WORDS: Final = 4
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
        AnnuletError: Nothing could be read.
    """
    driver = driver_named(name, local_time.today.toordinal())
    period = Period(local_time.today - timedelta(days=days - 1), local_time.today)
    wanted = list(dict.fromkeys((driver.metric, *metrics)))
    history = await _read_with_driver(context, local_time, driver, wanted, period)
    history = history.with_one_ring()
    ill = history.explained().ill
    judged = judge_together(relations_to(driver, metrics, history, lag, ill))
    covered = history.days(wanted, period.start, period.end)
    period = Period(min(covered, default=period.start), period.end)
    notes = [*history.notes(ill=ill, of="the relation"), ASSOCIATION]
    if driver.needs_event:
        notes.append("Only days with a workout count; for days with against without: workouts.")
    if shares_the_night(driver, metrics, lag):
        notes.append("Figures of the same night: they go together, and neither comes first.")
    return compose(
        _driver_summary(driver, judged, lag),
        EffectsAnswer(
            table=Table(_COLUMNS, [_row(METRICS[n], r, driver) for n, r in judged.items()])
        ),
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
        return await read_history(context, local_time, metrics, period.start, period.end)
    others = [metric for metric in metrics if metric.name != name]
    history, series = await asyncio.gather(
        read_history(context, local_time, others, period.start, period.end),
        read_day_series(context, local_time, name, period),
    )
    return replace(history, series={**history.series, name: series})


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
    """A p to two digits; None stays None."""
    return None if value is None else float(f"{value:.2g}")


def _driver_summary(driver: Driver, judged: Mapping[str, Relation], lag: int) -> str:
    most = max((relation.n for relation in judged.values()), default=0)
    when = "the night and day that follow" if driver.is_of_day else "that night and its day"
    later = "" if lag == 0 else f" ({counted(lag, 'day')} later)"
    if most < FEWEST_NIGHTS:
        return (
            f"Too few days for a verdict about {driver.metric.label}: {most} with both, "
            f"{FEWEST_NIGHTS} are the least."
        )
    called = [name for name, relation in judged.items() if relation.verdict in CALLED]
    if not called:
        return (
            f"Nothing clearly goes with {driver.metric.label}: {len(judged)} metrics of "
            f"{when}{later}, up to {most} days."
        )
    sentences = [driver_sentence(METRICS[n], judged[n], driver) for n in called[:_IN_WORDS]]
    rest = len(judged) - len(called)
    tail = f" Nothing clear in the other {rest}." if rest else ""
    words = driver.words
    return f"{words[0].upper()}{words[1:]}, {when}{later}: {listed(sentences)}.{tail}"


def driver_sentence(metric: Metric, relation: Relation, driver: Driver) -> str:
    """What goes with a driver, with its 95 % interval."""
    slope = (relation.slope or 0.0) * driver.unit
    low, high = (relation.low or 0.0) * driver.unit, (relation.high or 0.0) * driver.unit
    size = f"{amount(slope, metric)} {moved_words(slope, metric)}"
    return f"{metric.label} {size} ({interval(low, high, metric)})"
