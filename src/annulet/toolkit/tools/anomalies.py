"""``oura_anomalies``: what was unusual, as episodes, with how often that happens by chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

import msgspec

from annulet.analytics.anomalies import Findings, Outlier, find
from annulet.analytics.episodes import Episode
from annulet.analytics.traits import VITALS, traits_of
from annulet.contract.collections import ENHANCED_TAG
from annulet.errors import OuraError, ScopeMissing
from annulet.toolkit.answer_builder import (
    COMMON_OUTPUT,
    TABLE_SCHEMA,
    Body,
    Number,
    Record,
    Table,
    compose,
    coverage,
)
from annulet.toolkit.context import Context
from annulet.toolkit.dates import Period, resolve
from annulet.toolkit.local_time import LocalTime
from annulet.toolkit.metrics import METRICS, chosen_metrics
from annulet.toolkit.reading.history import (
    HISTORY_DAYS,
    METRIC_NAMES,
    History,
    check_age,
    read_history,
)
from annulet.toolkit.reading.sync_status import missing_days
from annulet.toolkit.reading.tags import days_of, name_of
from annulet.toolkit.reading.zone_lookup import resolve_local_time
from annulet.toolkit.tool import Answer, Tool, with_arguments
from annulet.toolkit.wording.anomaly_sentences import anomaly_summary, outlier_note
from annulet.toolkit.wording.episode_details import EpisodeDetails, Excursion, read_details
from annulet.toolkit.wording.episode_sentences import CAUTION, long_words, short_words
from annulet.toolkit.wording.number_format import cell, listed, rounded

__all__ = ["TOOL"]

_BEFORE: Final = 95
_EXPLAINED: Final = 4
_EPISODE_BYTES: Final = 1150
_SHORT_BYTES: Final = 54  # of an episode without its explanation
_OUTLIERS: Final = 2


@dataclass(frozen=True, slots=True)
class AnomaliesArguments:
    """The arguments of ``oura_anomalies``."""

    start: str | None
    end: str | None
    metrics: list[str] | None
    sensitivity: str
    detail: bool


class _EpisodeBody(Body, kw_only=True):
    start: date
    end: date
    days: int
    metrics: Sequence[Record]
    explanation: str
    ongoing: bool = False


class _AnomaliesBody(Body, kw_only=True):
    episodes: Sequence[_EpisodeBody]
    more: Sequence[Record] | None = None
    single_metric: Table | None = None
    new_level: Sequence[Record] | None = None
    days_flagged: int
    expected_false_per_30: Number
    not_evaluated: Sequence[Record] | None = None


async def _run(context: Context, arguments: AnomaliesArguments) -> Answer:
    local_time = await resolve_local_time(context)
    today = local_time.today
    metrics = chosen_metrics(arguments.metrics)
    period = resolve(arguments.start, arguments.end, today, default="last 30 days")
    check_age(period.start)
    judged = list(dict.fromkeys((*metrics, *(METRICS[name] for name in VITALS))))
    start = min(
        period.start - timedelta(days=_BEFORE),
        max(period.end, today) - timedelta(days=HISTORY_DAYS - 1),
    )
    history = await read_history(context, local_time, judged, start, period.end)
    names = [metric.name for metric in metrics if metric.name in history.series]
    findings = _find(history, period, arguments.sensitivity, names, today)
    details = [read_details(episode, findings, names) for episode in findings.episodes]
    if arguments.detail:
        tags = await _tags(context, details, period) if details else None
        episodes = [_episode(d, long_words(d, today, tags), d.all) for d in details]
    else:
        episodes = _explained(details)
    body = _AnomaliesBody(
        episodes=episodes,
        more=[_short_episode(d.episode) for d in details[len(episodes) :]] or None,
        single_metric=_outliers(findings.outliers, None if arguments.detail else _OUTLIERS),
        new_level=_new_levels(findings) or None,
        days_flagged=len(_flagged(findings, period)),
        expected_false_per_30=findings.level.false_nights,
        not_evaluated=_not_evaluated(findings, history) or None,
    )
    return compose(
        anomaly_summary(findings, period, today, unread=bool(history.failures)),
        body,
        local_time=local_time,
        period=period,
        covered=coverage(period, history.days(judged, period.start, period.end)),
        notes=await _notes(context, local_time, history, findings, period),
    )


def _find(
    history: History, period: Period, sensitivity: str, names: Sequence[str], today: date
) -> Findings:
    # However much was read: the same question has the same answer.
    since = (period.start - timedelta(days=_BEFORE)).toordinal()
    findings = find(
        {
            name: series.between(since, period.end.toordinal())
            for name, series in history.series.items()
        },
        start=period.start,
        end=period.end,
        sensitivity=sensitivity,
        metrics=names,
    )
    # An episode is over where the nights that were judged end before last night.
    last_night = today.toordinal() - 1
    episodes = (
        replace(episode, ongoing=episode.ongoing and episode.end >= last_night)
        for episode in findings.episodes
    )
    return replace(findings, episodes=tuple(episodes))


def _explained(details: Sequence[EpisodeDetails]) -> list[_EpisodeBody]:
    """The strongest episodes, as many as the budget allows and chance does not explain."""
    shown: list[_EpisodeBody] = []
    size = 0
    for episode in details[:_EXPLAINED]:
        if shown and not episode.is_clear:
            break
        excursions = episode.moved[:1] if shown else episode.moved
        body = _episode(episode, short_words(episode), excursions)
        size += len(msgspec.json.encode(body))
        if shown and size + _SHORT_BYTES * (len(details) - len(shown) - 1) > _EPISODE_BYTES:
            break
        shown.append(body)
    return shown


def _episode(
    details: EpisodeDetails, explanation: str, excursions: Sequence[Excursion]
) -> _EpisodeBody:
    episode = details.episode
    return _EpisodeBody(
        start=date.fromordinal(episode.start),
        end=date.fromordinal(episode.end),
        days=episode.end - episode.start + 1,
        metrics=[_excursion(excursion) for excursion in excursions],
        explanation=explanation,
        ongoing=episode.ongoing,
    )


def _excursion(excursion: Excursion) -> Record:
    metric = METRICS[excursion.metric]
    return {
        "metric": metric.name,
        "value": rounded(excursion.value, metric.digits),
        "expected": cell(excursion.expected, metric, 0),
        "z": rounded(excursion.z, 1),
        "direction": excursion.direction,
    }


def _short_episode(episode: Episode) -> Record:
    return {
        "start": date.fromordinal(episode.start).isoformat(),
        "end": date.fromordinal(episode.end).isoformat(),
        "z": rounded(episode.signal, 1),
    }


def _outliers(outliers: Sequence[Outlier], most: int | None) -> Table | None:
    if not outliers:
        return None
    rows = []
    for outlier in outliers[:most]:
        metric, score = METRICS[outlier.metric], outlier.score
        expected = traits_of(outlier.metric).natural(score.expected)
        day = date.fromordinal(score.day).isoformat()
        value = rounded(score.value, metric.digits)
        rows.append([day, metric.name, value, cell(expected, metric, 0), rounded(score.z, 1)])
    return Table(["day", "metric", "value", "expected", "z"], rows)


def _new_levels(findings: Findings) -> list[Record]:
    return [
        {
            "metric": name,
            "since": shift.since.isoformat(),
            "before": cell(shift.before, METRICS[name], 0),
            "after": cell(shift.after, METRICS[name], 0),
        }
        for name, shifts in findings.shifts.items()
        for shift in shifts
    ]


def _flagged(findings: Findings, period: Period) -> set[int]:
    first = period.start.toordinal()
    return {n.day for e in findings.episodes for n in e.nights if n.day >= first}


def _not_evaluated(findings: Findings, history: History) -> list[Record]:
    missing: list[Record] = [
        {"metric": u.subject, "reason": f"{u.nights} of {u.nights + u.needed} days"}
        for u in findings.unjudged
    ]
    return missing + [{"metric": name, "reason": "not read"} for name in history.failures]


async def _tags(
    context: Context, details: Sequence[EpisodeDetails], period: Period
) -> dict[int, list[str]] | None:
    """Names of tags by day around the episodes; ``None`` where tags cannot be read."""
    first = min(d.episode.start for d in details) - 2
    try:
        tags = await context.client.collection(ENHANCED_TAG, date.fromordinal(first), period.end)
    except (ScopeMissing, OuraError):
        # The episodes are complete without tags.
        return None
    names: dict[int, list[str]] = {}
    for tag in tags:
        for day in days_of(tag):
            names.setdefault(day.toordinal(), []).append(name_of(tag))
    return names


async def _notes(
    context: Context, local_time: LocalTime, history: History, findings: Findings, period: Period
) -> list[str]:
    notes = history.notes(judged=bool(findings.judged_nights))
    if findings.judged_nights:
        absent = [
            METRICS[m].label for m in VITALS if not findings.scores[m] and m not in history.failures
        ]
        if absent:
            notes.append(f"Judged without {listed(absent)}: never measured in this time.")
        if findings.provisional:
            notes.append(f"Provisional: only {findings.history} nights of history.")
    notes.append(outlier_note(findings, period.length))
    if findings.episodes:
        notes.append(f"{CAUTION}.")
    if "total_sleep_min" in history.series:
        nights = history.series["total_sleep_min"].as_dict()
        notes += await missing_days(context, local_time, period.days, nights)
    return notes


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
    run=with_arguments(AnomaliesArguments, _run),
)
