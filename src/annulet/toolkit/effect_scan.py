"""The answer of ``oura_effects`` that looks through everything that may move a metric."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from annulet.analytics.relations import Relation, judge_together
from annulet.analytics.rhythm import TEMPERATURE, find_rhythm
from annulet.analytics.series import Series
from annulet.analytics.tag_effects import TagEffect, tag_effects
from annulet.analytics.weekend import weekend_relation
from annulet.contract.collections import ENHANCED_TAG, WORKOUT
from annulet.contract.documents import EnhancedTag, Workout
from annulet.toolkit.answer_builder import Row, Table, compose, coverage
from annulet.toolkit.context import Context
from annulet.toolkit.dates import Period
from annulet.toolkit.driver_effects import (
    ASSOCIATION,
    CALLED,
    EffectsAnswer,
    driver_sentence,
    shown_p,
    unit_of,
)
from annulet.toolkit.effect_drivers import SCANNED_DRIVERS, Driver, driver_named, relations_to
from annulet.toolkit.local_time import LocalTime
from annulet.toolkit.metrics import METRICS, Metric
from annulet.toolkit.reading.gather import gather
from annulet.toolkit.reading.history import History, read_history, traits
from annulet.toolkit.reading.tags import days_of, name_of
from annulet.toolkit.tool import Answer
from annulet.toolkit.wording.missing_data import unread_notes
from annulet.toolkit.wording.number_format import amount, cell
from annulet.toolkit.wording.person_texts import summary_name, text_notes

WEEKEND: Final = "weekend"
"""The name of weekends among what may move a metric."""

_SCAN_COLUMNS: Final = [
    *("driver", "metric", "unit", "with_n", "without_n", "effect", "low", "high"),
    *("p_adjusted", "verdict"),
]
_FEWEST_TAGS: Final = 5
_IN_WORDS: Final = 4
_ROWS: Final = 12


@dataclass(frozen=True, slots=True)
class Scan:
    """What was looked through, judged together.

    Attributes:
        judged: The relation of every pair, by ``what moves|metric``.
        after: The effect of every event (a tag, workouts), by the same names.
    """

    judged: Mapping[str, Relation]
    after: Mapping[str, TagEffect]

    @property
    def called(self) -> list[str]:
        """The pairs that hold up, the clearest first."""
        called = [key for key, relation in self.judged.items() if relation.verdict in CALLED]
        return sorted(called, key=lambda key: self.judged[key].p or 0.0)

    @property
    def looked_at(self) -> int:
        """How many pairs could be judged."""
        return sum(1 for relation in self.judged.values() if relation.p is not None)


def look_through(
    happened: Mapping[str, frozenset[int]],
    drivers: Iterable[Driver],
    metrics: Sequence[Metric],
    history: History,
    lag: int,
) -> Scan:
    """Relate every metric to events, drivers and weekends, and judge all pairs together.

    Args:
        happened: The days (ordinals) of every event.
        drivers: The drivers.
        metrics: The metrics.
        history: The nights looked at.
        lag: How many days later than the night after it.
    """
    ill = history.explained().ill
    after = _after_events(happened, metrics, history, lag, ill)
    relations = _of_drivers(drivers, metrics, history, lag, ill)
    relations |= _at_weekends(metrics, history, ill)
    relations |= {key: _as_relation(effect) for key, effect in after.items()}
    return Scan(judge_together(relations), after)


async def answer_about_everything(
    context: Context, local_time: LocalTime, metrics: Sequence[Metric], *, lag: int, days: int
) -> Answer:
    """What holds up among tags, workouts, weekends, bedtime, sleep time, steps and stress."""
    period = Period(local_time.today - timedelta(days=days - 1), local_time.today)
    drivers = {name: driver_named(name, local_time.today.toordinal()) for name in SCANNED_DRIVERS}
    wanted = list(dict.fromkeys((*(driver.metric for driver in drivers.values()), *metrics)))
    first = period.start - timedelta(days=lag + 1)
    events, history = await asyncio.gather(
        gather(context, {ENHANCED_TAG: None, WORKOUT: None}, first, period.end),
        read_history(context, local_time, wanted, period.start, period.end),
    )
    history = history.with_one_ring()
    happened = _happened(events.all(ENHANCED_TAG), events.all(WORKOUT))
    scan = look_through(happened, drivers.values(), metrics, history, lag)
    shown = scan.called[:_ROWS]
    covered = history.days(wanted, period.start, period.end)
    period = Period(min(covered, default=period.start), period.end)
    return compose(
        _scan_summary(scan, drivers),
        EffectsAnswer(table=Table(_SCAN_COLUMNS, [_scan_row(key, scan, drivers) for key in shown])),
        local_time=local_time,
        period=period,
        covered=coverage(period, covered),
        notes=[
            *unread_notes({collection.name: why for collection, why in events.failures.items()}),
            *history.notes(ill=history.explained().ill, of="all of it"),
            ASSOCIATION,
            *text_notes(key.rpartition("|")[0].removeprefix("tag ") for key in shown),
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
        f"{WEEKEND}|{metric.name}": weekend_relation(history.series[metric.name].without(ill))
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
    # What began before the tags cannot be told from them: it is not among what was judged.
    p = None if effect.began_before else effect.p
    return replace(Relation(n), slope=effect.value, low=effect.low, high=effect.high, p=p)


def _scan_row(key: str, scan: Scan, drivers: Mapping[str, Driver]) -> Row:
    name, _, metric_name = key.rpartition("|")
    metric, relation, effect = METRICS[metric_name], scan.judged[key], scan.after.get(key)
    driver = drivers.get(name)
    unit = driver.unit if driver else 1.0
    figures = (relation.slope, relation.low, relation.high)
    counts = (relation.n, None) if effect is None else (effect.with_n, effect.without_n)
    return [
        name,
        metric.name,
        unit_of(metric, driver) if driver else metric.unit,
        *counts,
        *(cell(None if value is None else value * unit, metric, 2) for value in figures),
        shown_p(relation.p_adjusted),
        relation.verdict,
    ]


def _event_words(name: str) -> str:
    kind, _, tag = name.partition(" ")
    return f"{kind} {summary_name(tag)}" if tag else kind


def _scan_summary(scan: Scan, drivers: Mapping[str, Driver]) -> str:
    called, looked_at = scan.called, scan.looked_at
    if not looked_at:
        return "Too few days to look for effects: tag evenings and wear the ring for some weeks."
    if not called:
        return f"Nothing holds up after correction over all {looked_at} pairs looked at."
    sentences = [_pair_sentence(key, scan.judged[key], drivers) for key in called[:_IN_WORDS]]
    return (
        f"{len(called)} of {looked_at} pairs hold up after correction over all of them; "
        f"the clearest: {'; '.join(sentences)}."
    )


def _pair_sentence(key: str, relation: Relation, drivers: Mapping[str, Driver]) -> str:
    name, _, metric_name = key.rpartition("|")
    metric = METRICS[metric_name]
    if name in drivers:
        return f"{drivers[name].words}, {driver_sentence(metric, relation, drivers[name])}"
    when = "at weekends" if name == WEEKEND else f"after {_event_words(name)}"
    size = amount(relation.slope or 0.0, metric)
    return f"{when}, {metric.label} {size} {relation.verdict}"
