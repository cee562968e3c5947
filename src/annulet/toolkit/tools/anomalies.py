"""``oura_anomalies``: what was unusual, as episodes, with how often that happens by chance."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from annulet.analytics.anomalies import Findings, Outlier, find
from annulet.analytics.traits import VITALS, traits_of
from annulet.errors import OuraError, ScopeMissing
from annulet.toolkit.answer_builder import COMMON_OUTPUT, TABLE_SCHEMA, compose, coverage, table
from annulet.toolkit.context import Context
from annulet.toolkit.dates import Period, resolve
from annulet.toolkit.local_time import LocalTime
from annulet.toolkit.metrics import METRICS, chosen
from annulet.toolkit.reading.history import (
    HISTORY_DAYS,
    METRIC_NAMES,
    History,
    check_age,
    read_history,
)
from annulet.toolkit.reading.sync_status import missing_nights
from annulet.toolkit.reading.tags import days_of, name_of
from annulet.toolkit.reading.zone_lookup import resolve_local_time
from annulet.toolkit.tool import Answer, Arguments, Tool
from annulet.toolkit.wording.date_format import span_words
from annulet.toolkit.wording.episode_sentences import (
    CAUTION,
    Story,
    episode_object,
    long_words,
    short_words,
    story,
)
from annulet.toolkit.wording.number_format import cell, listed, rounded

__all__ = ["TOOL"]

_BEFORE: Final = 95
_EXPLAINED: Final = 4
_EPISODE_BYTES: Final = 1150
_REST_BYTES: Final = 54  # of an episode that is told in short
_OUTLIERS: Final = 2
_NAMED: Final = 3


async def _run(context: Context, arguments: Arguments) -> Answer:
    moment = await resolve_local_time(context)
    metrics = chosen(arguments["metrics"])
    period = resolve(arguments, moment.today, default="last 30 days")
    check_age(period.start)
    start = period.start - timedelta(days=_BEFORE)
    start = min(start, max(period.end, moment.today) - timedelta(days=HISTORY_DAYS - 1))
    vitals = [METRICS[name] for name in VITALS]
    history = await read_history(
        context, moment, dict.fromkeys((*metrics, *vitals)), start, period.end
    )
    names = [metric.name for metric in metrics if metric.name in history.series]
    # However much was read: the same question has one answer.
    since = (period.start - timedelta(days=_BEFORE)).toordinal()
    found = find(
        {name: one.between(since, period.end.toordinal()) for name, one in history.series.items()},
        start=period.start,
        end=period.end,
        sensitivity=arguments["sensitivity"],
        metrics=names,
    )
    found = _ended(found, moment.today)
    stories = [story(episode, found, names) for episode in found.episodes]
    detail: bool = arguments["detail"]
    tags = await _tags(context, stories, period) if detail and stories else None
    body = {
        **_episodes(stories, detail=detail, today=moment.today, tags=tags),
        "single_metric": _outliers(found.outliers, _OUTLIERS if not detail else None),
        "new_level": _new_levels(found) or None,
        "days_flagged": len(_flagged(found, period)),
        "expected_false_per_30": found.level.false_nights,
        "not_evaluated": _not_evaluated(found, history) or None,
    }
    return compose(
        _summary(found, period, moment.today, unread=bool(history.failures)),
        body,
        moment=moment,
        period=period,
        covered=coverage(period, history.days([*metrics, *vitals], period.start, period.end)),
        notes=await _notes(context, moment, history, found, period),
    )


def _ended(found: Findings, today: date) -> Findings:
    """Nothing is going on where the nights that were looked at end before last night."""
    since = today.toordinal() - 1
    known = (replace(one, ongoing=one.ongoing and one.end >= since) for one in found.episodes)
    return replace(found, episodes=tuple(known))


def _episodes(
    stories: Sequence[Story],
    *,
    detail: bool,
    today: date,
    tags: Mapping[int, Sequence[str]] | None,
) -> dict[str, Any]:
    """Explained episodes, strongest first, and the rest in short."""
    if detail:
        full = [episode_object(told, long_words(told, today, tags), told.all) for told in stories]
        return {"episodes": full}
    shown: list[dict[str, Any]] = []
    size = 0
    for told in stories[:_EXPLAINED]:
        if shown and not told.clear:
            break
        one = episode_object(told, short_words(told), told.moved[:1] if shown else told.moved)
        size += len(json.dumps(one, ensure_ascii=False, separators=(",", ":")).encode())
        if shown and size + _REST_BYTES * (len(stories) - len(shown) - 1) > _EPISODE_BYTES:
            break
        shown.append(one)
    rest = [
        {
            "start": date.fromordinal(told.episode.start).isoformat(),
            "end": date.fromordinal(told.episode.end).isoformat(),
            "z": rounded(told.episode.signal, 1),
        }
        for told in stories[len(shown) :]
    ]
    body: dict[str, Any] = {"episodes": shown}
    if rest:
        body["more"] = rest
    return body


def _outliers(outliers: Sequence[Outlier], most: int | None) -> dict[str, Any] | None:
    if not outliers:
        return None
    rows = []
    for outlier in outliers[:most]:
        metric, score = METRICS[outlier.metric], outlier.score
        expected = traits_of(outlier.metric).natural(score.expected)
        day = date.fromordinal(score.day).isoformat()
        value = rounded(score.value, metric.digits)
        rows.append([day, metric.name, value, cell(expected, metric, 0), rounded(score.z, 1)])
    return table(["day", "metric", "value", "expected", "z"], rows)


def _new_levels(found: Findings) -> list[dict[str, Any]]:
    return [
        {
            "metric": name,
            "since": shift.since.isoformat(),
            "before": cell(shift.before, METRICS[name], 0),
            "after": cell(shift.after, METRICS[name], 0),
        }
        for name, shifts in found.shifts.items()
        for shift in shifts
    ]


def _flagged(found: Findings, period: Period) -> set[int]:
    first = period.start.toordinal()
    return {n.day for e in found.episodes for n in e.nights if n.day >= first}


def _not_evaluated(found: Findings, history: History) -> list[dict[str, str]]:
    missing = [
        {
            "metric": one.subject,
            "reason": f"{one.nights} of {one.nights + one.needed} days",
        }
        for one in found.unjudged
    ]
    return missing + [{"metric": name, "reason": "not read"} for name in history.failures]


async def _tags(
    context: Context, stories: Sequence[Story], period: Period
) -> dict[int, list[str]] | None:
    """Names of tags by day around the episodes; None where tags cannot be read."""
    first = min(told.episode.start for told in stories) - 2
    try:
        tags = await context.client.collection("enhanced_tag", date.fromordinal(first), period.end)
    except (ScopeMissing, OuraError):
        # Tags are a courtesy of the long form: the episodes stand without them.
        return None
    named: dict[int, list[str]] = {}
    for tag in tags:
        for day in days_of(tag):
            named.setdefault(day.toordinal(), []).append(name_of(tag))
    return named


async def _notes(
    context: Context, moment: LocalTime, history: History, found: Findings, period: Period
) -> list[str]:
    notes = history.notes(judged=bool(found.judged_nights))
    if found.judged_nights:
        absent = [
            METRICS[m].label for m in VITALS if not found.scores[m] and m not in history.failures
        ]
        if absent:
            notes.append(f"Judged without {listed(absent)}: never measured in this time.")
        if found.provisional:
            notes.append(f"Provisional: only {found.history} nights of history.")
    if found.outliers:
        chance = f"{found.level.false_outliers * period.length / 30:.1g}"
        what = "outlier" if chance == "1" else "outliers"
        notes.append(f"Chance alone gives about {chance} single {what} per metric.")
    if found.episodes:
        notes.append(f"{CAUTION}.")
    if "total_sleep_min" in history.series:
        known = history.series["total_sleep_min"].as_dict()
        without = [day for day in period.days if day not in known]
        notes += await missing_nights(
            context, moment, without, max(known, default=None), oldest=min(known, default=None)
        )
    return notes


def _summary(found: Findings, period: Period, today: date, *, unread: bool) -> str:
    asked = f"{period.length} day{'' if period.length == 1 else 's'}"
    early = next((one for one in found.unjudged if one.subject == "body_signal"), None)
    if early is not None and early.nights == 0:
        if unread:
            return f"The body signal could not be judged in {asked}: vitals could not be read."
        return f"Nothing could be judged in {asked}: no vitals have been recorded."
    if early is not None:
        nights = f"{early.nights} night{'' if early.nights == 1 else 's'}"
        return (
            f"Too early to say what is unusual for you: {nights} with vitals so far, "
            f"{early.needed} more needed."
        )
    if not found.judged_nights:
        return f"No night of these {asked} could be judged: nothing was recorded."
    rate = f"About {found.level.false_nights} false alerts in 30 nights are usual."
    levels = _level_words(found)
    if not found.episodes:
        judged = f"{found.judged_nights} night{'' if found.judged_nights == 1 else 's'}"
        alone = " Single metrics stood out, see the table." if found.outliers else ""
        return f"No unusual stretch in {asked}: {judged} judged.{alone}{levels} {rate}"
    count = len(found.episodes)
    strongest = found.episodes[0]
    spans = [
        _span(e.start, e.end, today) + (" (strongest)" if e is strongest and count > 1 else "")
        for e in sorted(found.episodes[:_NAMED], key=lambda e: e.start)
    ]
    if count > _NAMED:
        spans.append(f"{count - _NAMED} weaker")
    what = "1 unusual stretch" if count == 1 else f"{count} unusual stretches"
    ongoing = " The last has not ended." if any(e.ongoing for e in found.episodes) else ""
    return f"{what} in {asked}: {listed(spans)}.{ongoing}{levels} {rate}"


def _level_words(found: Findings) -> str:
    named = [METRICS[name].label for name, shifts in found.shifts.items() if shifts]
    return f" New level: {listed(named)}." if named else ""


def _span(start: int, end: int, today: date) -> str:
    return span_words(date.fromordinal(start), date.fromordinal(end), today)


TOOL: Final = Tool(
    name="oura_anomalies",
    title="Unusual days",
    description=(
        "Was anything unusual? Episodes in which resting heart rate, HRV, breathing and "
        "temperature moved together against the person's baseline, single outliers, new levels; "
        "says the false alerts to expect (from simulated people). No diagnosis."
    ),
    properties={
        "start": {"type": "string", "description": "Day or words; default last 30 days"},
        "end": {"type": "string", "description": "Last day, inclusive"},
        "metrics": METRIC_NAMES,
        "sensitivity": {
            "type": "string",
            "enum": ["low", "medium", "high"],
            "default": "medium",
        },
        "detail": {
            "type": "boolean",
            "default": False,
            "description": "All episodes in full",
        },
    },
    output={
        "type": "object",
        "properties": {
            **COMMON_OUTPUT,
            "episodes": {"type": "array", "items": {"type": "object"}},
            "more": {"type": "array", "items": {"type": "object"}},
            "single_metric": TABLE_SCHEMA,
            "new_level": {"type": "array", "items": {"type": "object"}},
            "days_flagged": {"type": "integer"},
            "expected_false_per_30": {"type": "number"},
            "not_evaluated": {"type": "array", "items": {"type": "object"}},
        },
        "required": ["summary", "period", "coverage", "episodes", "days_flagged"],
    },
    scopes=("daily",),
    run=_run,
)
