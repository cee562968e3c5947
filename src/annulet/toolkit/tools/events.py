"""``oura_events``: what a person did or noted, one table a kind."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import fmean
from typing import Final

from annulet.contract.collections import (
    ENHANCED_TAG,
    REST_MODE_PERIOD,
    SESSION,
    WORKOUT,
    Collection,
)
from annulet.contract.documents import EnhancedTag, RestModePeriod, Sample, Session, Workout
from annulet.contract.texts import code_of
from annulet.errors import AccountRefused, OuraError, ScopeMissing
from annulet.toolkit.answer_builder import (
    COMMON_OUTPUT,
    TABLE_SCHEMA,
    Row,
    Table,
    TypedAnswer,
    compose,
    coverage,
)
from annulet.toolkit.context import Context
from annulet.toolkit.dates import Period, resolve
from annulet.toolkit.local_time import LocalTime, iso_minute, minutes_between
from annulet.toolkit.reading.effort_zones import ZONE_COLUMNS, effort, effort_zones
from annulet.toolkit.reading.event_days import Event, event_days, events_in
from annulet.toolkit.reading.gather import Gathered, gather
from annulet.toolkit.reading.left_out import event_notes, unread_rows_notes
from annulet.toolkit.reading.sync_status import last_sync, sync_note
from annulet.toolkit.reading.tags import name_of
from annulet.toolkit.reading.zone_lookup import resolve_local_time
from annulet.toolkit.tool import Answer, Tool, with_arguments
from annulet.toolkit.wording.date_format import span_words
from annulet.toolkit.wording.missing_data import not_read, unread_notes
from annulet.toolkit.wording.number_format import listed, rounded
from annulet.toolkit.wording.person_texts import text_notes

_SOURCES: Final[dict[str, Collection[Event]]] = {
    "workout": WORKOUT,
    "session": SESSION,
    "tag": ENHANCED_TAG,
    "rest_mode": REST_MODE_PERIOD,
}
_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "workout": (
        "day",
        "start",
        "end",
        "activity",
        "intensity",
        "duration_min",
        "calories_kcal",
        "distance_m",
        "label",
        "source",
    ),
    "session": ("day", "start", "end", "type", "mood", "hr_avg_bpm", "hrv_avg_ms"),
    "tag": ("day", "start", "end", "tag", "comment"),
    "rest_mode": ("day", "start", "end", "tags"),
}
_WORDS: Final = {
    "workout": ("workout", "workouts"),
    "session": ("session", "sessions"),
    "tag": ("tag", "tags"),
    "rest_mode": ("time of rest mode", "times of rest mode"),
}
_TEXTS: Final = frozenset({"activity", "label", "type", "mood", "tag", "comment"})
_LONGEST_COMMENT: Final = 120
_MOST_ROWS: Final = 400
_ZONED_WORKOUTS: Final = 20
_STALE: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class EventsArguments:
    """The arguments of ``oura_events``."""

    start: str | None
    end: str | None
    kinds: list[str] | None
    zones: bool


class EventsAnswer(TypedAnswer, kw_only=True):
    """One table for each kind: ``workout``, ``session``, ``tag``, ``rest_mode``."""

    workout: Table | None = None
    session: Table | None = None
    tag: Table | None = None
    rest_mode: Table | None = None


async def _run(context: Context, arguments: EventsArguments) -> Answer:
    local_time = await resolve_local_time(context)
    period = resolve(arguments.start, arguments.end, local_time.today, default="last 7 days")
    kinds = [kind for kind in _SOURCES if kind in (arguments.kinds or _SOURCES)]
    gathered, synced = await asyncio.gather(
        gather(context, {_SOURCES[kind]: None for kind in kinds}, period.start, period.end),
        _last_sync_if_old(context, local_time, period),
    )
    events: dict[str, Sequence[Event]] = {
        kind: events_in(period, gathered.all(_SOURCES[kind]))
        for kind in kinds
        if _SOURCES[kind] in gathered.documents
    }
    tables = {kind: Table(_COLUMNS[kind], _rows(events[kind])) for kind in events}
    notes = unread_notes(
        {_WORDS[kind][1]: gathered.failures[_SOURCES[kind]] for kind in kinds if kind not in events}
    )
    notes += [*_unlisted(events), *text_notes(_texts(tables)), *_left_out(events, gathered)]
    newest = events.get("workout", ())[-_MOST_ROWS:]
    workouts = [event for event in newest if isinstance(event, Workout)]
    if arguments.zones and "workout" in tables:
        tables["workout"], zone_notes = await _with_zones(context, tables["workout"], workouts)
        notes += zone_notes
    if "workout" in tables and not workouts:
        notes.append("Workouts that other apps brought into the Oura app are not in Oura's API.")
    if synced is not None:
        notes.append(sync_note(local_time, synced))
    days = {day for kind in events for event in events[kind] for day in event_days(event, period)}
    return compose(
        _summary(period, local_time.today, {kind: len(events[kind]) for kind in events}),
        EventsAnswer(
            workout=tables.get("workout"),
            session=tables.get("session"),
            tag=tables.get("tag"),
            rest_mode=tables.get("rest_mode"),
        ),
        local_time=local_time,
        period=period,
        covered=coverage(period, _covered(period, days, synced)),
        notes=notes,
    )


async def _last_sync_if_old(
    context: Context, local_time: LocalTime, period: Period
) -> datetime | None:
    """The last sync, where what happened since may not be there yet."""
    if period.end < local_time.today:
        return None
    synced = await last_sync(context)
    if synced is None or local_time.now - synced <= _STALE:
        return None
    return synced.astimezone(local_time.zone.tz)


def _covered(period: Period, days: set[date], synced: datetime | None) -> list[date]:
    """The days the answer speaks for.

    Where there is any event, a day without one is no gap in the data; a day that has not been
    synced is.
    """
    if not days or synced is None:
        return period.days if days else []
    return [day for day in period.days if day in days or day <= synced.date()]


def _rows(events: Sequence[Event]) -> list[Row]:
    return [_row(event) for event in events[-_MOST_ROWS:]]


def _left_out(events: Mapping[str, Sequence[Event]], gathered: Gathered) -> list[str]:
    notes = [note for kind in events for note in event_notes(_WORDS[kind], events[kind])]
    return [*notes, *unread_rows_notes(gathered)]


def _unlisted(events: Mapping[str, Sequence[Event]]) -> list[str]:
    return [
        f"Only the newest {_MOST_ROWS} of {len(events[kind])} {_WORDS[kind][1]} are listed."
        for kind in events
        if len(events[kind]) > _MOST_ROWS
    ]


def _texts(tables: Mapping[str, Table]) -> Iterator[object]:
    for kind, table in tables.items():
        places = [place for place, name in enumerate(_COLUMNS[kind]) if name in _TEXTS]
        yield from (row[place] for row in table.rows for place in places)


def _row(event: Event) -> Row:
    if isinstance(event, Workout):
        return _workout_row(event)
    if isinstance(event, Session):
        return _session_row(event)
    if isinstance(event, EnhancedTag):
        return _tag_row(event)
    return _rest_row(event)


def _workout_row(workout: Workout) -> Row:
    start, end = workout.start_datetime, workout.end_datetime
    length = minutes_between(start, end)
    return [
        _iso(workout.day),
        iso_minute(start),
        iso_minute(end),
        workout.activity,
        workout.intensity,
        rounded(length),
        rounded(workout.calories),
        rounded(workout.distance),
        workout.label,
        code_of(workout.source) or None,
    ]


def _session_row(session: Session) -> Row:
    return [
        _iso(session.day),
        iso_minute(session.start_datetime),
        iso_minute(session.end_datetime),
        session.type,
        session.mood,
        _mean(session.heart_rate),
        _mean(session.heart_rate_variability),
    ]


def _tag_row(tag: EnhancedTag) -> Row:
    name, comment = name_of(tag), tag.comment
    remark = None if comment is None or comment == name else _shortened(comment)
    ended = iso_minute(tag.end_time) or _iso(tag.end_day)
    return [_iso(tag.start_day), iso_minute(tag.start_time), ended, name, remark]


def _shortened(comment: str) -> str:
    if len(comment) <= _LONGEST_COMMENT:
        return comment
    return f"{comment[: _LONGEST_COMMENT - 1].rstrip()}…"


def _rest_row(rest: RestModePeriod) -> Row:
    episodes = rest.episodes or ()
    tags = [name for episode in episodes for name in episode.tags or ()]
    plain = ", ".join(dict.fromkeys(name.removeprefix("tag_generic_") for name in tags))
    ended = iso_minute(rest.end_time) or _iso(rest.end_day)
    return [_iso(rest.start_day), iso_minute(rest.start_time), ended, _shortened(plain) or None]


async def _with_zones(
    context: Context, table: Table, workouts: Sequence[Workout]
) -> tuple[Table, list[str]]:
    """Add minutes in each heart-rate zone; the notes say where the zones begin."""
    skipped = max(len(workouts) - _ZONED_WORKOUTS, 0)
    try:
        zones = effort_zones((await context.client.personal_info()).age)
        efforts = await asyncio.gather(*(effort(context, w, zones) for w in workouts[skipped:]))
    except (AccountRefused, ScopeMissing, OuraError) as failure:
        return table, [not_read("heart-rate zones", failure)]
    cells: list[Row] = [*[[None] * len(ZONE_COLUMNS)] * skipped, *efforts]
    rows = [[*row, *added] for row, added in zip(table.rows, cells, strict=True)]
    notes = [zones.note]
    if skipped:
        notes.append(f"Zones of the newest {_ZONED_WORKOUTS} workouts; ask for fewer days.")
    return Table([*table.columns, *ZONE_COLUMNS], rows), notes


def _mean(sample: Sample | None) -> int | None:
    measured = [] if sample is None else [v for v in sample.items or () if v is not None]
    return round(fmean(measured)) if measured else None


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _summary(period: Period, today: date, counts: Mapping[str, int]) -> str:
    parts = [f"{count} {_WORDS[kind][count != 1]}" for kind, count in counts.items() if count]
    asked = span_words(period.start, period.end, today)
    if not parts:
        return f"Nothing noted {'on' if period.length == 1 else 'from'} {asked}."
    return f"{asked}: {listed(parts)}."


TOOL: Final = Tool(
    name="oura_events",
    title="Workouts, sessions, tags, rest mode",
    description=(
        "What was done or noted: workouts, sessions, tags, rest mode. zones adds minutes in "
        "heart-rate zones to each workout."
    ),
    properties={
        "start": {"type": "string", "description": "ISO day or words; default last 7 days"},
        "end": {"type": "string", "description": "Last day, inclusive"},
        "kinds": {
            "type": "array",
            "items": {"type": "string", "enum": list(_SOURCES)},
            "description": "Default: all",
        },
        "zones": {"type": "boolean", "default": False, "description": "Add the zones"},
    },
    output={
        "type": "object",
        "properties": {**COMMON_OUTPUT, **dict.fromkeys(_SOURCES, TABLE_SCHEMA)},
        "required": ["summary", "period", "coverage"],
    },
    scopes=("workout", "session", "tag", "daily"),
    run=with_arguments(EventsArguments, _run),
)
