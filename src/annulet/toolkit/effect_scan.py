"""The answer of ``oura_effects`` that looks through everything that may move a metric."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from annulet.analytics.relations import Relation, judge_together
from annulet.analytics.rhythm import TEMPERATURE, find_rhythm
from annulet.analytics.series import Series
from annulet.analytics.tag_effects import TagEffect, tag_effects
from annulet.analytics.weekend import weekend_nights, weekend_relation
from annulet.contract.collections import ENHANCED_TAG, WORKOUT, AnyCollection
from annulet.contract.documents import EnhancedTag, Workout
from annulet.errors import AccountRefused, OuraError, ScopeMissing
from annulet.toolkit.answer_builder import Row, Table, compose, coverage
from annulet.toolkit.context import Context
from annulet.toolkit.dates import Period
from annulet.toolkit.driver_effects import (
    ASSOCIATION,
    EffectsAnswer,
    driver_sentence,
    shown_p,
    unit_of,
)
from annulet.toolkit.effect_drivers import (
    SCANNED_DRIVERS,
    Driver,
    driver_named,
    is_made_of,
    relations_to,
)
from annulet.toolkit.effect_events import Event, evenings_of
from annulet.toolkit.local_time import LocalTime
from annulet.toolkit.metrics import METRICS, Metric
from annulet.toolkit.reading.gather import Gathered, gather
from annulet.toolkit.reading.history import History, read_history, traits
from annulet.toolkit.reading.left_out import unread_rows_notes
from annulet.toolkit.reading.tags import name_of
from annulet.toolkit.shared_parts import share_parts
from annulet.toolkit.tool import Answer
from annulet.toolkit.wording.effect_sentences import CALLED, many_days_sentence
from annulet.toolkit.wording.missing_data import unread_notes
from annulet.toolkit.wording.number_format import amount, cell, counted
from annulet.toolkit.wording.person_texts import summary_name, text_notes

WEEKEND: Final = "weekend"
"""The name of weekends among what may move a metric."""

_SCAN_COLUMNS: Final = [
    *("driver", "metric", "unit", "with_n", "without_n", "effect", "low", "high"),
    *("p_adjusted", "verdict"),
]
_WORKOUTS: Final = "workout"
_FEWEST_TAGS: Final = 5
_IN_WORDS: Final = 4
_ROWS: Final = 12


@dataclass(frozen=True, slots=True)
class Scan:
    """What was looked through, judged together.

    Attributes:
        judged: The relation of every pair, by ``what moves|metric``.
        counts: The nights of both sides, by the same names, where there are two sides.
    """

    judged: Mapping[str, Relation]
    counts: Mapping[str, tuple[int, int]]

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
    metrics = [metric for metric in metrics if not metric.days_before]
    read = [metric for metric in metrics if metric.name in history.series]
    after = _after_events(happened, read, history, lag, ill)
    relations = _of_drivers(drivers, read, history, lag, ill)
    relations |= _at_weekends(read, history, ill)
    relations |= {key: _as_relation(effect) for key, effect in after.items()}
    counts = {key: (effect.with_n, effect.without_n) for key, effect in after.items()}
    for metric in read:
        key, series = f"{WEEKEND}|{metric.name}", history.series[metric.name]
        counts[key] = weekend_nights(series.without(ill))
    return Scan(judge_together(relations), counts)


async def answer_about_everything(
    context: Context, local_time: LocalTime, metrics: Sequence[Metric], *, lag: int, days: int
) -> Answer:
    """What holds up among tags, workouts, weekends, bedtime, sleep time, steps and stress."""
    period = Period(local_time.today - timedelta(days=days - 1), local_time.today)
    drivers = {name: driver_named(name, local_time.today.toordinal()) for name in SCANNED_DRIVERS}
    wanted = list(dict.fromkeys((*(driver.metric for driver in drivers.values()), *metrics)))
    first = period.start - timedelta(days=lag + 1)
    tags, workouts, history = await asyncio.gather(
        _read_events(context, ENHANCED_TAG, first, period.end),
        _read_events(context, WORKOUT, first, period.end),
        read_history(context, local_time, wanted, period.start, period.end),
    )
    failures = {
        name: why
        for name, events in (("tags", tags), ("workouts", workouts))
        for why in events.failures.values()
    }
    history = history.with_one_ring()
    happened = _happened(tags.all(ENHANCED_TAG), workouts.all(WORKOUT))
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
            *unread_notes(failures),
            *history.notes(ill=history.explained().ill, of="all of it"),
            *unread_rows_notes(tags, workouts),
            ASSOCIATION,
            *_unjudged_notes(drivers.values(), happened, metrics, lag),
            *text_notes(key.rpartition("|")[0].removeprefix("tag ") for key in shown),
        ],
    )


async def _read_events(
    context: Context, collection: AnyCollection, start: date, end: date
) -> Gathered:
    """Tags or workouts; without the permission everything else is looked through all the same."""
    try:
        return await gather(context, {collection: None}, start, end)
    except (AccountRefused, ScopeMissing, OuraError) as failure:
        return Gathered({}, {collection: failure})


def _unjudged_notes(
    drivers: Iterable[Driver],
    happened: Mapping[str, frozenset[int]],
    metrics: Sequence[Metric],
    lag: int,
) -> list[str]:
    """Which pairs were not looked at."""
    pairs = [
        (driver, metric)
        for driver in drivers
        for metric in metrics
        if metric != driver.metric and is_made_of(driver, metric, lag)
    ]
    made_of = sum(_follows_by_definition(e, m, lag) for e in happened for m in metrics)
    notes = []
    if pairs:
        driver, metric = pairs[0]
        notes.append(
            f"Not looked at: {counted(len(pairs) + made_of, 'pair')} made of the same figures, "
            f"e.g. {driver.metric.label} and {metric.label}."
        )
    summed = [metric for metric in metrics if metric.days_before]
    return [*notes, *([many_days_sentence(summed)] if summed else [])]


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
        for name, effect in _effects_of(
            Event(days, lag),
            [m for m in metrics if not _follows_by_definition(event, m, lag)],
            history,
            ill,
        ).items()
    }


def _follows_by_definition(event: str, metric: Metric, lag: int) -> bool:
    """Whether a metric is made of what the event itself is: days with a workout have more steps."""
    return event == _WORKOUTS and share_parts("workout_count", metric.name, lag + 1)


def _happened(
    tags: Iterable[EnhancedTag], workouts: Iterable[Workout]
) -> dict[str, frozenset[int]]:
    """The days of each tag that was used often enough, and of workouts."""
    by_name: dict[str, list[EnhancedTag]] = {}
    for tag in tags:
        by_name.setdefault(f"tag {name_of(tag)}", []).append(tag)
    days = {name: evenings_of(of_name) for name, of_name in by_name.items()}
    days[_WORKOUTS] = frozenset(w.day.toordinal() for w in workouts if w.day is not None)
    return {name: on for name, on in days.items() if len(on) >= _FEWEST_TAGS}


def _effects_of(
    event: Event, metrics: Sequence[Metric], history: History, ill: frozenset[int]
) -> dict[str, TagEffect]:
    series = {m.name: (history.series[m.name], traits(m)) for m in metrics}
    temperature = history.series.get(TEMPERATURE, Series()).without(ill)
    told = tag_effects(
        series,
        event.nights,
        left_out=ill,
        rhythm=find_rhythm(temperature, is_sure=False),
        nights_back={m.name: event.nights_back(m) for m in metrics},
        touched=event.touched,
    )
    return dict(told.effects)


def _as_relation(effect: TagEffect) -> Relation:
    """An effect as it is judged together with relations."""
    n = effect.with_n + effect.without_n
    # What began before the tags cannot be told from them: it is not among what was judged.
    p = None if effect.began_before else effect.p
    return replace(Relation(n), slope=effect.value, low=effect.low, high=effect.high, p=p)


def _scan_row(key: str, scan: Scan, drivers: Mapping[str, Driver]) -> Row:
    name, _, metric_name = key.rpartition("|")
    metric, relation = METRICS[metric_name], scan.judged[key]
    driver = drivers.get(name)
    unit = driver.unit if driver else 1.0
    figures = (relation.slope, relation.low, relation.high)
    return [
        name,
        metric.name,
        unit_of(metric, driver) if driver else metric.unit,
        *scan.counts.get(key, (relation.n, None)),
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
