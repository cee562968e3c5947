"""``oura_anomalies``: what was unusual, as episodes, with how often that happens by chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

import msgspec

from annulet.analytics.episodes import SignalEpisode
from annulet.analytics.outliers import Outlier
from annulet.analytics.traits import VITALS, traits_of
from annulet.analytics.unusual_nights import UnusualNights, find_unusual
from annulet.contract.collections import ENHANCED_TAG
from annulet.data_frames import TableColumn
from annulet.errors import AccountRefused, OuraError, ScopeMissing
from annulet.toolkit.answer_builder import (
    COMMON_OUTPUT,
    TABLE_SCHEMA,
    Body,
    Number,
    Record,
    Table,
    TypedAnswer,
    compose,
    coverage,
)
from annulet.toolkit.context import Context
from annulet.toolkit.dates import Period, resolve
from annulet.toolkit.local_time import LocalTime
from annulet.toolkit.metric_names import chosen_metrics
from annulet.toolkit.metrics import METRICS, Metric
from annulet.toolkit.reading.history import (
    HISTORY_DAYS,
    METRIC_NAMES,
    History,
    check_age,
    read_history,
    rhythm_notes,
)
from annulet.toolkit.reading.sync_status import missing_days
from annulet.toolkit.reading.tags import days_of, name_of
from annulet.toolkit.reading.zone_lookup import resolve_local_time
from annulet.toolkit.tool import Answer, Tool, with_arguments
from annulet.toolkit.wording.anomaly_sentences import anomaly_summary, outlier_note
from annulet.toolkit.wording.change_records import change_point_record
from annulet.toolkit.wording.episode_details import EpisodeDetails, Excursion, read_details
from annulet.toolkit.wording.episode_sentences import CAUTION, long_words, short_words
from annulet.toolkit.wording.number_format import cell, counted, listed, rounded
from annulet.toolkit.wording.person_texts import text_notes

_BEFORE: Final = 95
_EXPLAINED: Final = 4
_EPISODE_BYTES: Final = 980
_SHORT_BYTES: Final = 33  # of an episode without its explanation
_MORE_ROWS: Final = 9
_FEWEST_ROWS: Final = 3
_BUDGET_BYTES: Final = 1960
_ROW_BYTES: Final = 31
_OUTLIERS: Final = 1


@dataclass(frozen=True, slots=True)
class AnomaliesArguments:
    """The arguments of ``oura_anomalies``."""

    start: str | None
    end: str | None
    metrics: list[str] | None
    sensitivity: str
    detail: bool


class EpisodeBody(Body, kw_only=True):
    """One stretch of unusual nights, its figures and a sentence about it."""

    start: date
    end: date
    days: int
    metrics: Sequence[Record]
    explanation: str
    ongoing: bool = False


class AnomaliesAnswer(TypedAnswer, kw_only=True):
    """Episodes of unusual nights, and single metrics out of the ordinary."""

    episodes: Sequence[EpisodeBody]
    more: Table | None = None
    single_metric: Table | None = None
    change_points: Sequence[Record] | None = None
    days_flagged: int
    expected_false_per_30: Number
    expected_false: Number
    not_evaluated: Sequence[Record] | None = None

    def columns_of_values(self) -> Mapping[str, TableColumn]:
        """The explained episodes, a row each."""
        rows = [(str(e.start), str(e.end), e.days, e.explanation) for e in self.episodes]
        return Table(("start", "end", "days", "explanation"), rows).columns_of_values()


async def _run(context: Context, arguments: AnomaliesArguments) -> Answer:
    local_time = await resolve_local_time(context)
    today = local_time.today
    metrics = chosen_metrics(arguments.metrics)
    period = resolve(arguments.start, arguments.end, today, default="last 30 days")
    check_age(period.start)
    judged = list(dict.fromkeys((*metrics, *(METRICS[name] for name in VITALS))))
    start = _history_start(period, today)
    history = await read_history(context, local_time, judged, start, period.end)
    asked = [metric.name for metric in metrics if metric.name in history.series]
    unusual = _find(history, period, arguments.sensitivity, asked, today)
    details = [read_details(episode, unusual, asked) for episode in unusual.episodes]
    notes = await _notes(context, local_time, history, unusual, period)

    judgement = _Judgement(unusual, details, history, period, local_time, judged, notes)
    if not arguments.detail:
        return judgement.short_answer()
    tags = await _tags(context, details, period) if details else None
    named = [name for names in (tags or {}).values() for name in names]
    judgement = replace(judgement, notes=[*notes, *text_notes(named)])
    return judgement.answer([_episode(d, long_words(d, today, tags), d.all) for d in details])


@dataclass(frozen=True, slots=True)
class _Judgement:
    """What was found in a period, and what an answer about it needs."""

    unusual: UnusualNights
    details: Sequence[EpisodeDetails]
    history: History
    period: Period
    local_time: LocalTime
    judged: Sequence[Metric]
    notes: Sequence[str]

    def answer(
        self,
        episodes: Sequence[EpisodeBody],
        *,
        most_rows: int | None = None,
        outliers: int | None = None,
    ) -> Answer:
        """The answer with some episodes explained and so many rows of the rest."""
        unusual, period, history = self.unusual, self.period, self.history
        rest = [d.episode for d in self.details[len(episodes) :]]
        unread = bool(history.failures)
        return compose(
            anomaly_summary(unusual, period, self.local_time.today, unread=unread),
            AnomaliesAnswer(
                episodes=episodes,
                more=_more(rest, most_rows),
                single_metric=_outliers(unusual.outliers, outliers),
                change_points=_change_points(unusual) or None,
                days_flagged=len(unusual.alert_nights),
                expected_false_per_30=round(unusual.rate.per_30, 1),
                expected_false=round(unusual.expected_false, 1),
                not_evaluated=_not_evaluated(unusual, history) or None,
            ),
            local_time=self.local_time,
            period=period,
            covered=coverage(period, history.days(self.judged, period.start, period.end)),
            notes=self.notes,
        )

    def short_answer(self) -> Answer:
        """The answer within its budget: weak episodes are rows, the weakest are counted."""
        explained = _explained(self.details)
        answer = self.answer(explained, most_rows=_MORE_ROWS, outliers=_OUTLIERS)
        while len(explained) > 1 and _excess_bytes(answer, spared_rows=_FEWEST_ROWS) > 0:
            explained = explained[:-1]
            answer = self.answer(explained, most_rows=_MORE_ROWS, outliers=_OUTLIERS)
        return _shortened(answer, len(self.unusual.episodes))


def _excess_bytes(answer: Answer, *, spared_rows: int | None = None) -> int:
    """How many bytes an answer is too long, with all rows of ``more`` or so many."""
    rows = answer["more"]["rows"] if "more" in answer else []
    spared = 0 if spared_rows is None else max(len(rows) - spared_rows, 0)
    return len(msgspec.json.encode(answer)) - spared * _ROW_BYTES - _BUDGET_BYTES


def _shortened(answer: Answer, stretches: int) -> Answer:
    """Leave out the weakest rows of ``more`` where the answer is long, and say how many."""
    rows = answer["more"]["rows"] if "more" in answer else []
    over = -(-max(_excess_bytes(answer), 0) // _ROW_BYTES)
    del rows[max(len(rows) - over, _FEWEST_ROWS) :]
    left_out = stretches - len(answer["episodes"]) - len(rows)
    if left_out:
        weaker = counted(left_out, "weaker stretch", "weaker stretches")
        answer["notes"] = [*answer.get("notes", []), f"Not listed: {weaker}; detail lists all."]
    return answer


def _find(
    history: History, period: Period, sensitivity: str, names: Sequence[str], today: date
) -> UnusualNights:
    unusual = find_unusual(
        history.series,
        start=period.start,
        end=period.end,
        sensitivity=sensitivity,
        metrics=names,
        breaks=history.breaks,
    )
    # An episode is over where the nights that were judged end before last night.
    last_night = today.toordinal() - 1
    episodes = (
        replace(episode, ongoing=episode.ongoing and episode.end >= last_night)
        for episode in unusual.episodes
    )
    return replace(unusual, episodes=tuple(episodes))


def _history_start(period: Period, today: date) -> date:
    """The first day to read: baselines settle before the period; shorter ones share a reading."""
    shared = max(period.end, today) - timedelta(days=HISTORY_DAYS - 1)
    return min(period.start - timedelta(days=_BEFORE), shared)


def _explained(details: Sequence[EpisodeDetails]) -> list[EpisodeBody]:
    """The strongest episodes, as many as the budget allows and chance does not explain."""
    shown: list[EpisodeBody] = []
    size = 0
    for episode in details[:_EXPLAINED]:
        if shown and not episode.is_clear:
            break
        excursions = episode.moved[:1] if shown else episode.moved
        body = _episode(episode, short_words(episode), excursions)
        size += len(msgspec.json.encode(body))
        rest = min(len(details) - len(shown) - 1, _MORE_ROWS)
        if shown and size + _SHORT_BYTES * rest > _EPISODE_BYTES:
            break
        shown.append(body)
    return shown


def _episode(
    details: EpisodeDetails, explanation: str, excursions: Sequence[Excursion]
) -> EpisodeBody:
    episode = details.episode
    return EpisodeBody(
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


def _more(episodes: Sequence[SignalEpisode], most: int | None) -> Table | None:
    """Stretches without their explanation, strongest first, as far as the budget allows."""
    if not episodes:
        return None
    rows = [
        [
            date.fromordinal(episode.start).isoformat(),
            date.fromordinal(episode.end).isoformat(),
            rounded(episode.signal, 1),
        ]
        for episode in episodes[:most]
    ]
    return Table(["start", "end", "z"], rows)


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


def _change_points(unusual: UnusualNights) -> list[Record]:
    return [
        change_point_record(METRICS[name], point)
        for name, points in unusual.changes.items()
        for point in points
    ]


def _not_evaluated(unusual: UnusualNights, history: History) -> list[Record]:
    missing: list[Record] = [
        {"metric": u.subject, "reason": f"{u.nights} of {u.nights + u.needed} days"}
        for u in unusual.unjudged
    ]
    return missing + [{"metric": name, "reason": "not read"} for name in history.failures]


async def _tags(
    context: Context, details: Sequence[EpisodeDetails], period: Period
) -> dict[int, list[str]] | None:
    """Names of tags by day around the episodes; ``None`` where tags cannot be read."""
    first = min(d.episode.start for d in details) - 2
    try:
        tags = await context.client.collection(ENHANCED_TAG, date.fromordinal(first), period.end)
    except (AccountRefused, ScopeMissing, OuraError):
        # The episodes are complete without tags.
        return None
    names: dict[int, list[str]] = {}
    for tag in tags:
        for day in days_of(tag):
            names.setdefault(day.toordinal(), []).append(name_of(tag))
    return names


async def _notes(
    context: Context,
    local_time: LocalTime,
    history: History,
    unusual: UnusualNights,
    period: Period,
) -> list[str]:
    notes = history.notes(judged=bool(unusual.judged_nights))
    if unusual.judged_nights:
        absent = [
            METRICS[m].label for m in VITALS if not unusual.scores[m] and m not in history.failures
        ]
        if absent:
            notes.append(f"Judged without {listed(absent)}: never measured in this time.")
        if unusual.provisional:
            notes.append(f"Provisional: {unusual.history} nights of history before it.")
    notes += rhythm_notes(unusual.rhythm)
    notes.append(outlier_note(unusual, period.length))
    if unusual.episodes:
        notes.append(f"{CAUTION}.")
    if "total_sleep_min" in history.series:
        nights = history.series["total_sleep_min"].as_dict()
        notes += await missing_days(
            context, local_time, period.days, nights, recorded=history.nights
        )
    return notes


TOOL: Final = Tool(
    name="oura_anomalies",
    title="Unusual days",
    description=(
        "Was anything unusual? Episodes in which resting heart rate, HRV, breathing and "
        "temperature moved together against the person's baseline, single outliers, lasting "
        "changes; says how many alerts chance alone makes for this person. No diagnosis."
    ),
    properties={
        "start": {"type": "string", "description": "Day or words; default last 30 days"},
        "end": {"type": "string", "description": "Last day, inclusive"},
        "metrics": METRIC_NAMES,
        "sensitivity": {
            "type": "string",
            "enum": ["low", "medium", "high"],
            "default": "medium",
            "description": "How much is called unusual",
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
            "more": TABLE_SCHEMA,
            "single_metric": TABLE_SCHEMA,
            "change_points": {"type": "array", "items": {"type": "object"}},
            "days_flagged": {"type": "integer"},
            "expected_false_per_30": {"type": "number"},
            "expected_false": {"type": "number"},
            "not_evaluated": {"type": "array", "items": {"type": "object"}},
        },
        "required": ["summary", "period", "coverage", "episodes", "days_flagged"],
    },
    scopes=("daily",),
    run=with_arguments(AnomaliesArguments, _run),
)
