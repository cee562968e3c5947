"""``oura_effects``: what differs on the nights after a tag, and how sure that is."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from annulet.analytics.compare import HIGHER, LOWER, TOO_FEW
from annulet.analytics.effects import FEWEST_FOR_RANGE, FEWEST_FOR_VERDICT, FIRM, Effect, effects
from annulet.analytics.episodes import LEVELS, episodes, strained_days
from annulet.analytics.signal import walk
from annulet.contract.documents import EnhancedTag
from annulet.errors import NoDataError, UsageError
from annulet.toolkit.answer_builder import COMMON_OUTPUT, TABLE_SCHEMA, compose, coverage, table
from annulet.toolkit.context import Context
from annulet.toolkit.dates import Period
from annulet.toolkit.metrics import METRICS, Metric, chosen
from annulet.toolkit.reading.history import METRIC_NAMES, History, read_history, traits
from annulet.toolkit.reading.tags import days_of, known_names, matches
from annulet.toolkit.reading.zone_lookup import resolve_local_time
from annulet.toolkit.tool import Answer, Arguments, Tool
from annulet.toolkit.wording.number_format import amount, cell, interval, listed

__all__ = ["TOOL"]

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


async def _run(context: Context, arguments: Arguments) -> Answer:
    moment = await resolve_local_time(context)
    metrics = chosen(arguments["metrics"])
    period = Period(moment.today - timedelta(days=arguments["days"] - 1), moment.today)
    tags, history = await asyncio.gather(
        context.client.collection(
            "enhanced_tag", period.start - timedelta(days=arguments["lag_days"] + 1), period.end
        ),
        read_history(context, moment, metrics, period.start, period.end),
    )
    tagged = _nights_after(_chosen_tags(tags, arguments["tag"], period), arguments["lag_days"])
    ill = _illness(history, tagged)
    found = effects(
        {m.name: (history.series[m.name], traits(m)) for m in metrics if m.name in history.series},
        tagged,
        left_out=ill,
    )
    covered = history.days(metrics, period.start, period.end)
    period = Period(min(covered, default=period.start), period.end)
    return compose(
        _summary(found, arguments["tag"].strip(), arguments["lag_days"]),
        {"table": table(_COLUMNS, [_row(METRICS[name], one) for name, one in found.items()])},
        moment=moment,
        period=period,
        covered=coverage(period, covered),
        notes=[*history.notes(ill=ill, of="both sides"), *_caveats(found)],
    )


def _chosen_tags(tags: Sequence[EnhancedTag], words: str, period: Period) -> list[EnhancedTag]:
    """The tags somebody means.

    Raises:
        NoDataError: There are no tags at all.
        UsageError: There is no such tag; the hint lists those there are.
    """
    chosen_ones = [tag for tag in tags if matches(tag, words)]
    if chosen_ones:
        return chosen_ones
    known = known_names(tags)
    since = f"since {period.start}"
    if not known:
        raise NoDataError(
            f"There are no tags {since}.",
            hint="Tag evenings in the Oura app; after five tagged nights there is something to "
            "compare. Or ask for more days.",
        )
    shown = ", ".join(known[:_LISTED_TAGS])
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


def _row(metric: Metric, one: Effect) -> list[Any]:
    return [
        metric.name,
        metric.unit,
        one.with_n,
        one.without_n,
        *(cell(value, metric) for value in (one.value, one.low, one.high)),
        None if one.p_adjusted is None else float(f"{one.p_adjusted:.2g}"),
        one.verdict,
    ]


def _summary(found: Mapping[str, Effect], tag: str, lag: int) -> str:
    fewest = max((min(one.with_n, one.without_n) for one in found.values()), default=0)
    tagged = max((one.with_n for one in found.values()), default=0)
    after = f"after “{tag[:40]}”" if lag == 0 else f"{lag + 1} nights after “{tag[:40]}”"
    nights = f"{tagged} night{'' if tagged == 1 else 's'}"
    if fewest < FEWEST_FOR_VERDICT:
        ranges = "The table gives ranges only." if fewest >= FEWEST_FOR_RANGE else ""
        least = f"Too few nights for a verdict {after}: {nights} with data"
        return f"{least}, {FEWEST_FOR_VERDICT} are the least. {ranges}".strip()
    clear = [name for name, one in found.items() if one.verdict in (HIGHER, LOWER)]
    if not clear:
        return f"No clear difference on {nights} {after} in {len(found)} metrics."
    said = [_sentence(METRICS[name], found[name]) for name in clear[:_IN_WORDS]]
    rest = len(found) - len(clear)
    parts = [f"On {nights} {after}: {listed(said)}."]
    if len(clear) > _IN_WORDS:
        more = [f"{METRICS[n].label} {found[n].verdict}" for n in clear[_IN_WORDS:]]
        parts.append(f"Also {listed(more)}.")
    if rest:
        parts.append(f"No clear difference in the other {rest}.")
    return " ".join(parts)


def _sentence(metric: Metric, one: Effect) -> str:
    low, high = one.low or 0.0, one.high or 0.0
    return (
        f"{metric.label} {amount(one.value or 0.0, metric)} {one.verdict} "
        f"({interval(low, high, metric)})"
    )


def _caveats(found: Mapping[str, Effect]) -> list[str]:
    if all(one.verdict == TOO_FEW for one in found.values()):
        return []
    notes = [
        "An association: what goes with the tag (late evenings, meals, company) can be the reason."
    ]
    if max(one.with_n for one in found.values()) < FIRM:
        notes.append(f"With fewer than {FIRM} tagged nights a verdict is not yet firm.")
    return notes


TOOL: Final = Tool(
    name="oura_effects",
    title="Effects of a tag",
    description=(
        "What differs on the nights after a tag (alcohol, late meal, caffeine …): size with 95 % "
        "range, p adjusted over the metrics, verdict. Season, weekday and illness taken out."
    ),
    properties={
        "tag": {"type": "string", "description": "Name of the tag, any case", "maxLength": 100},
        "metrics": METRIC_NAMES,
        "lag_days": {
            "type": "integer",
            "default": 0,
            "minimum": 0,
            "maximum": 7,
            "description": "0: the night after",
        },
        "days": {"type": "integer", "default": 180, "minimum": 14, "maximum": 730},
    },
    output={
        "type": "object",
        "properties": {**COMMON_OUTPUT, "table": TABLE_SCHEMA},
        "required": ["summary", "period", "coverage", "table"],
    },
    scopes=("tag", "daily"),
    run=_run,
    required=("tag",),
)
