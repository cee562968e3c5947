"""The answers of ``oura_effects`` about a driver, and about everything that may move a metric."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from annulet.analytics.relations import FEWEST_NIGHTS, Relation, judge_together
from annulet.analytics.rhythm import TEMPERATURE, find_rhythm
from annulet.analytics.series import Series
from annulet.analytics.tag_effects import TagEffect, tag_effects
from annulet.analytics.weekend import weekend_relation
from annulet.contract.collections import ENHANCED_TAG, WORKOUT
from annulet.contract.documents import EnhancedTag, Workout
from annulet.toolkit.answer_builder import Row, Table, TypedAnswer, compose, coverage
from annulet.toolkit.context import Context
from annulet.toolkit.dates import Period
from annulet.toolkit.effect_drivers import (
    SCANNED_DRIVERS,
    Driver,
    driver_named,
    relations_to,
    shares_the_night,
)
from annulet.toolkit.local_time import LocalTime
from annulet.toolkit.metrics import METRICS, Metric
from annulet.toolkit.reading.gather import gather
from annulet.toolkit.reading.history import History, read_history, traits
from annulet.toolkit.reading.tags import days_of, name_of
from annulet.toolkit.tool import Answer
from annulet.toolkit.wording.missing_data import unread_notes
from annulet.toolkit.wording.number_format import (
    amount,
    cell,
    counted,
    interval,
    listed,
    moved_words,
)
from annulet.toolkit.wording.person_texts import summary_name, text_notes

_COLUMNS: Final = ["metric", "unit", "n", "effect", "low", "high", "p_adjusted", "verdict"]
_SCAN_COLUMNS: Final = [
    *("driver", "metric", "unit", "with_n", "without_n", "effect", "low", "high"),
    *("p_adjusted", "verdict"),
]
_CALLED: Final = ("higher", "lower")
_FEWEST_TAGS: Final = 5
_WEEKEND: Final = "weekend"
_IN_WORDS: Final = 4
_ROWS: Final = 12
_ASSOCIATION: Final = "An association: something else that goes with it can be the reason."


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
    history = await read_history(context, local_time, wanted, period.start, period.end)
    history = history.with_one_ring()
    ill = history.explained().ill
    judged = judge_together(relations_to(driver, metrics, history, lag, ill))
    covered = history.days(wanted, period.start, period.end)
    period = Period(min(covered, default=period.start), period.end)
    notes = [*history.notes(ill=ill, of="the relation"), _ASSOCIATION]
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


def _row(metric: Metric, relation: Relation, driver: Driver) -> Row:
    figures = (relation.slope, relation.low, relation.high)
    return [
        metric.name,
        _unit(metric, driver),
        relation.n,
        *(cell(_per_unit(value, driver), metric, 2) for value in figures),
        _p(relation.p_adjusted),
        relation.verdict,
    ]


def _unit(metric: Metric, driver: Driver) -> str:
    return f"{metric.unit} per {driver.unit_words}".strip()


def _per_unit(value: float | None, driver: Driver) -> float | None:
    return None if value is None else value * driver.unit


def _p(value: float | None) -> float | None:
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
    called = [name for name, relation in judged.items() if relation.verdict in _CALLED]
    if not called:
        return (
            f"Nothing clearly goes with {driver.metric.label}: {len(judged)} metrics of "
            f"{when}{later}, up to {most} days."
        )
    sentences = [_driver_sentence(METRICS[n], judged[n], driver) for n in called[:_IN_WORDS]]
    rest = len(judged) - len(called)
    tail = f" Nothing clear in the other {rest}." if rest else ""
    words = driver.words
    return f"{words[0].upper()}{words[1:]}, {when}{later}: {listed(sentences)}.{tail}"


def _driver_sentence(metric: Metric, relation: Relation, driver: Driver) -> str:
    slope = (relation.slope or 0.0) * driver.unit
    low, high = (relation.low or 0.0) * driver.unit, (relation.high or 0.0) * driver.unit
    size = f"{amount(slope, metric)} {moved_words(slope, metric)}"
    return f"{metric.label} {size} ({interval(low, high, metric)})"


async def answer_about_everything(
    context: Context, local_time: LocalTime, metrics: Sequence[Metric], *, lag: int, days: int
) -> Answer:
    """What holds up among tags, workouts, weekends, bedtime, sleep time, steps and stress."""
    period = Period(local_time.today - timedelta(days=days - 1), local_time.today)
    drivers = [driver_named(name, local_time.today.toordinal()) for name in SCANNED_DRIVERS]
    wanted = list(dict.fromkeys((*(driver.metric for driver in drivers), *metrics)))
    first = period.start - timedelta(days=lag + 1)
    events, history = await asyncio.gather(
        gather(context, {ENHANCED_TAG: None, WORKOUT: None}, first, period.end),
        read_history(context, local_time, wanted, period.start, period.end),
    )
    history = history.with_one_ring()
    ill = history.explained().ill
    happened = _happened(events.all(ENHANCED_TAG), events.all(WORKOUT))
    after = _after_events(happened, metrics, history, lag, ill)
    relations = _of_drivers(drivers, metrics, history, lag, ill)
    relations |= _at_weekends(metrics, history, ill)
    judged = judge_together({**relations, **{key: _as_relation(e) for key, e in after.items()}})
    looked_at = sum(1 for relation in judged.values() if relation.p is not None)
    called = [key for key, relation in judged.items() if relation.verdict in _CALLED]
    called.sort(key=lambda key: judged[key].p or 0.0)
    by_name = {driver.metric.name: driver for driver in drivers}
    covered = history.days(wanted, period.start, period.end)
    period = Period(min(covered, default=period.start), period.end)
    return compose(
        _scan_summary(called, judged, by_name, looked_at),
        EffectsAnswer(
            table=Table(
                _SCAN_COLUMNS,
                [_scan_row(key, judged[key], after.get(key), by_name) for key in called[:_ROWS]],
            )
        ),
        local_time=local_time,
        period=period,
        covered=coverage(period, covered),
        notes=[
            *unread_notes({collection.name: why for collection, why in events.failures.items()}),
            *history.notes(ill=ill, of="all of it"),
            _ASSOCIATION,
            *text_notes(key.rpartition("|")[0].removeprefix("tag ") for key in called[:_ROWS]),
        ],
    )


def _of_drivers(
    drivers: Iterable[Driver],
    metrics: Sequence[Metric],
    history: History,
    lag: int,
    ill: frozenset[int],
) -> dict[str, Relation]:
    """The relation of every metric to every driver, by both names."""
    return {
        f"{driver.metric.name}|{name}": relation
        for driver in drivers
        for name, relation in relations_to(driver, metrics, history, lag, ill).items()
    }


def _at_weekends(
    metrics: Iterable[Metric], history: History, ill: frozenset[int]
) -> dict[str, Relation]:
    """How every metric differs at weekends, by both names."""
    return {
        f"{_WEEKEND}|{metric.name}": weekend_relation(history.series[metric.name].without(ill))
        for metric in metrics
        if metric.name in history.series
    }


def _after_events(
    happened: Mapping[str, frozenset[int]],
    metrics: Sequence[Metric],
    history: History,
    lag: int,
    ill: frozenset[int],
) -> dict[str, TagEffect]:
    """The effect on every metric of every event, by both names."""
    return {
        f"{event}|{name}": effect
        for event, days in happened.items()
        for name, effect in _effects_of(days, lag, metrics, history, ill).items()
    }


def _happened(
    tags: Iterable[EnhancedTag], workouts: Iterable[Workout]
) -> dict[str, frozenset[int]]:
    """The days of each tag that was used often enough, and of workouts."""
    days: dict[str, set[int]] = {}
    for tag in tags:
        days.setdefault(f"tag {name_of(tag)}", set()).update(d.toordinal() for d in days_of(tag))
    for workout in workouts:
        if workout.day is not None:
            days.setdefault("workout", set()).add(workout.day.toordinal())
    return {name: frozenset(on) for name, on in days.items() if len(on) >= _FEWEST_TAGS}


def _effects_of(
    days: frozenset[int],
    lag: int,
    metrics: Iterable[Metric],
    history: History,
    ill: frozenset[int],
) -> dict[str, TagEffect]:
    nights = frozenset(day + lag + 1 for day in days)
    series = {
        m.name: (history.series[m.name], traits(m)) for m in metrics if m.name in history.series
    }
    temperature = history.series.get(TEMPERATURE, Series()).without(ill)
    rhythm = find_rhythm(temperature, is_sure=False)
    return dict(tag_effects(series, nights, left_out=ill, rhythm=rhythm).effects)


def _as_relation(effect: TagEffect) -> Relation:
    """An effect as it is judged together with relations."""
    n = effect.with_n + effect.without_n
    return replace(Relation(n), slope=effect.value, low=effect.low, high=effect.high, p=effect.p)


def _scan_row(
    key: str, relation: Relation, effect: TagEffect | None, drivers: Mapping[str, Driver]
) -> Row:
    name, _, metric_name = key.rpartition("|")
    metric = METRICS[metric_name]
    unit = drivers[name].unit if name in drivers else 1.0
    figures = (relation.slope, relation.low, relation.high)
    counts = (relation.n, None) if effect is None else (effect.with_n, effect.without_n)
    return [
        name,
        metric.name,
        _unit(metric, drivers[name]) if name in drivers else metric.unit,
        *counts,
        *(cell(None if value is None else value * unit, metric, 2) for value in figures),
        _p(relation.p_adjusted),
        relation.verdict,
    ]


def _event_words(name: str) -> str:
    kind, _, tag = name.partition(" ")
    return f"{kind} {summary_name(tag)}" if tag else kind


def _scan_summary(
    called: Sequence[str],
    judged: Mapping[str, Relation],
    drivers: Mapping[str, Driver],
    looked_at: int,
) -> str:
    if not looked_at:
        return "Too few days to look for effects: tag evenings and wear the ring for some weeks."
    if not called:
        return f"Nothing holds up after correction over all {looked_at} pairs looked at."
    sentences = []
    for key in called[:_IN_WORDS]:
        name, _, metric_name = key.rpartition("|")
        metric, relation = METRICS[metric_name], judged[key]
        if name in drivers:
            what = f"{drivers[name].words}, {_driver_sentence(metric, relation, drivers[name])}"
        else:
            when = "at weekends" if name == _WEEKEND else f"after {_event_words(name)}"
            size = amount(relation.slope or 0.0, metric)
            what = f"{when}, {metric.label} {size} {relation.verdict}"
        sentences.append(what)
    return (
        f"{len(called)} of {looked_at} pairs hold up after correction over all of them; "
        f"the clearest: {'; '.join(sentences)}."
    )
