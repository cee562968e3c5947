"""``oura_effects``: what differs on the nights after a tag, and how sure that is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from annulet.analytics.episodes import LEVELS, episodes, strained_days
from annulet.analytics.rhythm import TEMPERATURE, find_rhythm
from annulet.analytics.series import Series
from annulet.analytics.signal import walk
from annulet.analytics.tag_effects import TagEffect, TagEffects, no_effects, tag_effects
from annulet.contract.collections import ENHANCED_TAG
from annulet.contract.documents import EnhancedTag
from annulet.errors import NoDataError, UsageError
from annulet.toolkit.answer_builder import (
    COMMON_OUTPUT,
    TABLE_SCHEMA,
    Row,
    Table,
    compose,
    coverage,
)
from annulet.toolkit.argument_forms import parse_text
from annulet.toolkit.context import Context
from annulet.toolkit.dates import Period
from annulet.toolkit.driver_effects import EffectsAnswer, answer_about_driver, shown_p
from annulet.toolkit.effect_conditions import EventCondition, event_of, read_condition
from annulet.toolkit.effect_drivers import condition_of_events
from annulet.toolkit.effect_events import Event, evenings_of
from annulet.toolkit.effect_scan import answer_about_everything
from annulet.toolkit.local_time import LocalTime
from annulet.toolkit.metric_names import chosen_metrics
from annulet.toolkit.metrics import METRICS, Metric
from annulet.toolkit.reading.gather import Gathered
from annulet.toolkit.reading.history import (
    METRIC_NAMES,
    History,
    read_history,
    rhythm_notes,
    traits,
)
from annulet.toolkit.reading.left_out import unread_rows_notes
from annulet.toolkit.reading.tags import known_names, matches
from annulet.toolkit.reading.zone_lookup import resolve_local_time
from annulet.toolkit.tool import Answer, Arguments, Tool, with_arguments
from annulet.toolkit.wording.effect_sentences import AskedEvent, effect_caveats, effects_summary
from annulet.toolkit.wording.number_format import cell, listed
from annulet.toolkit.wording.person_texts import quoted

_COLUMNS: Final = (
    "metric",
    "unit",
    "with_n",
    "without_n",
    "effect",
    "low",
    "high",
    "p_adjusted",
    "verdict",
)
_LISTED_TAGS: Final = 12


@dataclass(frozen=True, slots=True)
class EffectsArguments:
    """The arguments of ``oura_effects``."""

    tag: str | None
    when: str | None
    driver: str | None
    metrics: list[str] | None
    lag_days: int
    days: int


async def _run(context: Context, arguments: EffectsArguments) -> Answer:
    asked = [argument for argument in (arguments.tag, arguments.when, arguments.driver) if argument]
    if len(asked) > 1:
        raise UsageError(
            "Effects are of one thing at a time.",
            hint="Give one of tag, when and driver, or none of them to look through everything.",
        )
    local_time = await resolve_local_time(context)
    metrics, lag, days = chosen_metrics(arguments.metrics), arguments.lag_days, arguments.days
    if arguments.driver and (
        when := condition_of_events(arguments.driver, local_time.today.toordinal())
    ):
        arguments = replace(arguments, driver=None, when=when)
    if arguments.driver:
        return await answer_about_driver(
            context, local_time, arguments.driver, metrics, lag=lag, days=days
        )
    if not asked:
        return await answer_about_everything(context, local_time, metrics, lag=lag, days=days)
    return await _answer_after(context, local_time, arguments)


async def _answer_after(
    context: Context, local_time: LocalTime, arguments: EffectsArguments
) -> Answer:
    """What differs on the nights after a tag, or after days that meet a condition."""
    metrics, today = chosen_metrics(arguments.metrics), local_time.today
    condition = read_condition(arguments.when, today.toordinal()) if arguments.when else None
    metrics, by_definition = _apart_from_condition(metrics, condition, arguments.lag_days)
    period = Period(today - timedelta(days=arguments.days - 1), today)
    event, history = await asyncio.gather(
        _event(context, local_time, arguments, condition, period),
        read_history(context, local_time, metrics, period.start, period.end),
    )
    history = history.with_one_ring()
    ill = _illness(history, event.nights)
    # A likely rhythm is enough to be taken out; only a sure one is told.
    temperature = history.series.get(TEMPERATURE, Series()).without(ill)
    told = _effects(event, condition, metrics, history, ill)
    days = history.days(metrics, period.start, period.end)
    period = Period(min(days, default=period.start), period.end)
    rows = [_row(METRICS[name], effect) for name, effect in told.effects.items()]
    asked = AskedEvent(
        (arguments.tag or arguments.when or "").strip(),
        arguments.lag_days,
        "tag" if condition is None else "night" if event.timing.of_night else "day",
    )
    return compose(
        effects_summary(told, asked),
        EffectsAnswer(table=Table(_COLUMNS, rows)),
        local_time=local_time,
        period=period,
        covered=coverage(period, days),
        notes=[
            *history.notes(ill=ill, of="both sides"),
            *(note for note in event.notes if note not in history.unread),
            *rhythm_notes(find_rhythm(temperature)),
            *effect_caveats(told, asked),
            *by_definition,
        ],
    )


def _effects(
    event: Event,
    condition: EventCondition | None,
    metrics: Sequence[Metric],
    history: History,
    ill: frozenset[int],
) -> TagEffects:
    """The effect on every metric that was read; of what cannot be judged the counts alone."""
    read = {
        m.name: (history.series[m.name], traits(m)) for m in metrics if m.name in history.series
    }
    left_out = ill | event.unknown_nights
    if condition is not None and condition.calendar_reason:
        return no_effects(read, event.nights, condition.calendar_reason, left_out=left_out)
    temperature = history.series.get(TEMPERATURE, Series()).without(ill)
    return tag_effects(
        read,
        event.nights,
        left_out=left_out,
        rhythm=find_rhythm(temperature, is_sure=False),
        nights_back={m.name: event.nights_back(m) for m in metrics},
        touched=event.touched,
        unjudged=frozenset(m.name for m in metrics if m.days_before),
    )


def _apart_from_condition(
    metrics: list[Metric], condition: EventCondition | None, lag_days: int
) -> tuple[list[Metric], list[str]]:
    """The metrics that the condition is not made of, and what has to be said about the others.

    Raises:
        UsageError: It is made of all of them.
    """
    if condition is None:
        return metrics, []
    left = [metric for metric in metrics if not condition.is_about(metric, lag_days)]
    named = listed([metric.label for metric in metrics if metric not in left])
    if not left:
        raise UsageError(
            f"The condition is about the very {named} that is asked for: it differs by definition.",
            hint="Ask about other metrics, or put the condition on the day before.",
        )
    notes = [f"Left out: {named}, which the condition itself is about."] if named else []
    partly = [metric.label for metric in left if condition.is_partly_in(metric, lag_days)]
    if partly:
        reckoned = f"{listed(partly)}: reckoned partly from days before"
        notes.append(f"{reckoned[0].upper()}{reckoned[1:]}, and so from the condition itself.")
    return left, notes


async def _event(
    context: Context,
    local_time: LocalTime,
    arguments: EffectsArguments,
    condition: EventCondition | None,
    period: Period,
) -> Event:
    """The days of the tag, or those that meet the condition."""
    lag = arguments.lag_days
    first = period.start - timedelta(days=lag + 1)
    if condition is not None:
        return await event_of(context, local_time, condition, Period(first, period.end), lag)
    tags = await context.client.collection(ENHANCED_TAG, first, period.end)
    evenings = evenings_of(_matching_tags(tags, arguments.tag or "", period))
    unread = unread_rows_notes(Gathered({ENHANCED_TAG: tags}, {}))
    return Event(evenings, lag, notes=tuple(unread))


def _matching_tags(tags: Sequence[EnhancedTag], words: str, period: Period) -> list[EnhancedTag]:
    """The tags of this name.

    Raises:
        NoDataError: There are no tags at all.
        UsageError: There is no such tag; the hint lists those there are.
    """
    matching = [tag for tag in tags if matches(tag, words)]
    if matching:
        return matching
    known = known_names(tags)
    since = f"since {period.start}"
    if not known:
        raise NoDataError(
            f"There are no tags {since}.",
            hint="Tag evenings in the Oura app; after five tagged nights there is something to "
            "compare. Or ask for more days.",
        )
    shown = ", ".join(map(quoted, known[:_LISTED_TAGS]))
    rest = f" and {len(known) - _LISTED_TAGS} more" if len(known) > _LISTED_TAGS else ""
    raise UsageError(
        f"There is no tag “{words.strip()[:40]}” {since}.", hint=f"The tags are: {shown}{rest}."
    )


def _illness(history: History, tagged: frozenset[int]) -> frozenset[int]:
    """Days that look like illness, unless it is the tag itself that they follow."""
    runs = episodes(walk(history.series).nights, LEVELS["medium"])
    return strained_days(
        [run for run in runs if 2 * sum(n.day in tagged for n in run.nights) < len(run.nights)]
    )


def _row(metric: Metric, effect: TagEffect) -> Row:
    return [
        metric.name,
        metric.unit,
        effect.with_n,
        effect.without_n,
        *(cell(value, metric) for value in (effect.value, effect.low, effect.high)),
        shown_p(effect.p_adjusted),
        effect.verdict,
    ]


def _with_one_condition(given: Arguments) -> dict[str, Any]:
    """Conditions that came as a list, as oura_query takes them, are one that asks for all."""
    when = parse_text(given.get("when"))
    if not isinstance(when, list | tuple):
        return dict(given)
    parts = [str(part).strip() for part in when]
    return {**given, "when": " and ".join(p for p in parts if p and p.casefold() != "and")}


TOOL: Final = Tool(
    name="oura_effects",
    title="Effects",
    description=(
        "What differs on the nights after a tag (alcohol, late meal …) or condition, or goes with "
        "a driver: size with 95 % range, adjusted p, verdict; season, weekday, illness taken out. "
        "None of the three: looks through tags, workouts, weekends, bedtime, sleep, steps, stress."
    ),
    properties={
        "tag": {"type": "string", "description": "Name of the tag, any case", "maxLength": 100},
        "when": {"type": "string", "description": "Or a condition on the day: steps >= 10000"},
        "driver": {"type": "string", "description": "Or a metric: steps, bedtime"},
        "metrics": METRIC_NAMES,
        "lag_days": {
            "type": "integer",
            "default": 0,
            "minimum": 0,
            "maximum": 7,
            "description": "0: the night after",
        },
        "days": {
            "type": "integer",
            "default": 180,
            "minimum": 14,
            "maximum": 730,
            "description": "Days looked at",
        },
    },
    output={
        "type": "object",
        "properties": {**COMMON_OUTPUT, "table": TABLE_SCHEMA},
        "required": ["summary", "period", "coverage", "table"],
    },
    scopes=("tag", "daily", "workout"),
    run=with_arguments(EffectsArguments, _run),
    prepare=_with_one_condition,
)
