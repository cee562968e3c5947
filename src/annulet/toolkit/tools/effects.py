"""``oura_effects``: what differs on the nights after a tag, and how sure that is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from annulet.analytics.episodes import LEVELS, episodes, strained_days
from annulet.analytics.rhythm import TEMPERATURE, find_rhythm
from annulet.analytics.series import Series
from annulet.analytics.signal import walk
from annulet.analytics.tag_effects import (
    CANNOT_TELL,
    FEWEST_FOR_RANGE,
    FEWEST_FOR_VERDICT,
    FIRM,
    TagEffect,
    TagEffects,
    tag_effects,
)
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
from annulet.toolkit.context import Context
from annulet.toolkit.dates import Period
from annulet.toolkit.driver_effects import (
    CALLED,
    EffectsAnswer,
    answer_about_driver,
)
from annulet.toolkit.effect_conditions import days_meeting, metrics_in_condition
from annulet.toolkit.effect_drivers import condition_of_events
from annulet.toolkit.effect_scan import answer_about_everything
from annulet.toolkit.local_time import LocalTime
from annulet.toolkit.metric_names import chosen_metrics
from annulet.toolkit.metrics import METRICS, Metric
from annulet.toolkit.reading.history import (
    METRIC_NAMES,
    History,
    read_history,
    rhythm_notes,
    traits,
)
from annulet.toolkit.reading.tags import days_of, known_names, matches
from annulet.toolkit.reading.zone_lookup import resolve_local_time
from annulet.toolkit.tool import Answer, Tool, with_arguments
from annulet.toolkit.wording.number_format import (
    amount,
    cell,
    clear_tail,
    counted,
    interval,
    listed,
    moved_words,
)
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
_SMALL_HOURS: Final = 5
_LISTED_TAGS: Final = 12
_IN_WORDS: Final = 4


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
    metrics, lag = chosen_metrics(arguments.metrics), arguments.lag_days
    metrics, by_definition = _apart_from_condition(metrics, arguments, local_time)
    period = Period(local_time.today - timedelta(days=arguments.days - 1), local_time.today)
    (tagged, unknown), history = await asyncio.gather(
        _nights_touched(context, local_time, arguments, period),
        read_history(context, local_time, metrics, period.start, period.end),
    )
    history = history.with_one_ring()
    ill = _illness(history, tagged)
    # A likely rhythm is enough to be taken out; only a sure one is told.
    temperature = history.series.get(TEMPERATURE, Series()).without(ill)
    told = tag_effects(
        {m.name: (history.series[m.name], traits(m)) for m in metrics if m.name in history.series},
        tagged,
        left_out=ill | unknown,
        rhythm=find_rhythm(temperature, is_sure=False),
    )
    days = history.days(metrics, period.start, period.end)
    period = Period(min(days, default=period.start), period.end)
    rows = [_row(METRICS[name], effect) for name, effect in told.effects.items()]
    return compose(
        _summary(told, (arguments.tag or arguments.when or "").strip(), lag),
        EffectsAnswer(table=Table(_COLUMNS, rows)),
        local_time=local_time,
        period=period,
        covered=coverage(period, days),
        notes=[
            *history.notes(ill=ill, of="both sides"),
            *rhythm_notes(find_rhythm(temperature)),
            *_caveats(told, "condition" if arguments.when else "tag"),
            *by_definition,
        ],
    )


def _apart_from_condition(
    metrics: list[Metric], arguments: EffectsArguments, local_time: LocalTime
) -> tuple[list[Metric], list[str]]:
    """The metrics that the condition is not made of, and what has to be said about the others.

    Raises:
        UsageError: It is made of all of them.
    """
    if not arguments.when:
        return metrics, []
    own = metrics_in_condition(arguments.when, local_time.today.toordinal(), arguments.lag_days)
    left = [metric for metric in metrics if metric.name not in own]
    named = listed([metric.label for metric in metrics if metric.name in own])
    if not left:
        raise UsageError(
            f"The condition is about the very {named} that is asked for: it differs by definition.",
            hint="Ask about other metrics, or put the condition on the day before.",
        )
    notes = [f"Left out: {named}, which the condition itself is about."] if named else []
    return left, notes


async def _nights_touched(
    context: Context, local_time: LocalTime, arguments: EffectsArguments, period: Period
) -> tuple[frozenset[int], frozenset[int]]:
    """The nights (ordinals) after a tag or condition, and those of which it is unknown."""
    lag = arguments.lag_days
    first = period.start - timedelta(days=lag + 1)
    if arguments.when:
        days = await days_meeting(context, local_time, arguments.when, Period(first, period.end))
        met, unknown = (frozenset(day + lag + 1 for day in side) for side in days)
        return met, unknown
    tags = await context.client.collection(ENHANCED_TAG, first, period.end)
    return _nights_after(_matching_tags(tags, arguments.tag or "", period), lag), frozenset()


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


def _nights_after(tags: Sequence[EnhancedTag], lag: int) -> frozenset[int]:
    """The days under which Oura files the nights that follow the tags.

    A tag of the evening is followed by the night of the next day; one of the small hours by the
    night of the same day.
    """
    nights = set()
    for tag in tags:
        start = tag.start_time
        small = start is not None and start.hour < _SMALL_HOURS and start.date() == tag.start_day
        for day in days_of(tag):
            nights.add(day.toordinal() + lag + (0 if small else 1))
    return frozenset(nights)


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
        None if effect.p_adjusted is None else float(f"{effect.p_adjusted:.2g}"),
        effect.verdict,
    ]


def _summary(told: TagEffects, tag: str, lag: int) -> str:
    by_metric = told.effects
    fewest = max((min(e.with_n, e.without_n) for e in by_metric.values()), default=0)
    nights = counted(max((e.with_n for e in by_metric.values()), default=0), "night")
    after = f"after “{tag[:40]}”" if lag == 0 else f"{lag + 1} nights after “{tag[:40]}”"
    if told.compared == "none":
        return f"Cannot tell what differs {after}: {told.reason}."
    if fewest < FEWEST_FOR_VERDICT:
        ranges = "The table gives ranges only." if fewest >= FEWEST_FOR_RANGE else ""
        least = f"Too few nights for a verdict {after}: {nights} with data"
        return f"{least}, {FEWEST_FOR_VERDICT} are the least. {ranges}".strip()
    told_names = [name for name, effect in by_metric.items() if effect.p is not None]
    earlier = [name for name in told_names if by_metric[name].verdict == CANNOT_TELL]
    judged = [name for name in told_names if name not in earlier]
    clear = [name for name in judged if by_metric[name].verdict in CALLED]
    few = [f"Too few nights to judge {len(by_metric) - len(told_names)}."]
    unjudged = few if len(told_names) < len(by_metric) else []
    if earlier:
        names = listed([METRICS[name].label for name in earlier])
        unjudged.append(
            f"Cannot tell for {names}: a change began before the first of these nights."
        )
    if not clear:
        metrics = counted(len(judged), "metric")
        words = f"No clear difference on {nights} {after} in {metrics}."
        return " ".join([words, *unjudged] if judged else unjudged)
    sentences = [_sentence(METRICS[name], by_metric[name]) for name in clear[:_IN_WORDS]]
    more = [
        f"{METRICS[n].label} {moved_words(by_metric[n].value or 0.0, METRICS[n])}"
        for n in clear[_IN_WORDS:]
    ]
    parts = [f"On {nights} {after}: {listed(sentences)}."]
    return " ".join([*parts, *clear_tail(more, len(judged) - len(clear)), *unjudged])


def _sentence(metric: Metric, effect: TagEffect) -> str:
    low, high, value = effect.low or 0.0, effect.high or 0.0, effect.value or 0.0
    size = f"{amount(value, metric)} {moved_words(value, metric)}"
    return f"{metric.label} {size} ({interval(low, high, metric)})"


def _caveats(told: TagEffects, of: str) -> list[str]:
    judged = [effect for effect in told.effects.values() if effect.p is not None]
    if not judged:
        return []
    notes = ["An association: what goes with it (late evenings, meals, company) can be the reason."]
    if told.compared == "times":
        notes.append(
            "On most nights or in long runs: that time is compared with the other time, so "
            "whatever else changed then counts too."
        )
    if any(effect.before is not None for effect in judged):
        notes.append(
            "The nights before were unusual already: part of a difference can be the return to "
            "your usual, so a verdict asks for more."
        )
    if max(effect.with_n for effect in judged) < FIRM:
        notes.append(f"With fewer than {FIRM} nights after the {of} a verdict is not yet firm.")
    return notes


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
)
