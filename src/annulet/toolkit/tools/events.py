"""``oura_events``: what a person did or noted, one table a kind."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from statistics import fmean
from typing import Any, Final

from annulet.contract.documents import EnhancedTag, RestModePeriod, Sample, Session, Workout
from annulet.errors import OuraError, ScopeMissing
from annulet.toolkit.answer_builder import COMMON_OUTPUT, TABLE_SCHEMA, compose, coverage, table
from annulet.toolkit.context import Context
from annulet.toolkit.dates import Period, resolve
from annulet.toolkit.local_time import LocalTime, local_time
from annulet.toolkit.reading.effort_zones import ZONE_COLUMNS, effort, zone_limits
from annulet.toolkit.reading.gather import gather
from annulet.toolkit.reading.sync_status import last_sync, sync_note
from annulet.toolkit.reading.tags import last_day, name_of
from annulet.toolkit.reading.zone_lookup import resolve_local_time
from annulet.toolkit.tool import Answer, Arguments, Tool
from annulet.toolkit.wording.date_format import span_words
from annulet.toolkit.wording.missing_data import not_read, unread_notes
from annulet.toolkit.wording.number_format import rounded

__all__ = ["TOOL"]

_SOURCES: Final = {
    "workout": "workout",
    "session": "session",
    "tag": "enhanced_tag",
    "rest_mode": "rest_mode_period",
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
_LONGEST_COMMENT: Final = 120
_ZONED_WORKOUTS: Final = 20
_STALE: Final = timedelta(hours=12)


async def _run(context: Context, arguments: Arguments) -> Answer:
    moment = await resolve_local_time(context)
    period = resolve(arguments, moment.today, default="last 7 days")
    kinds = [kind for kind in _SOURCES if kind in (arguments["kinds"] or _SOURCES)]
    wanted = {_SOURCES[kind]: None for kind in kinds}
    gathered, silent = await asyncio.gather(
        gather(context, wanted, period.start, period.end),
        _silent_since(context, moment, period),
    )
    tables: dict[str, Any] = {}
    lost = {kind: gathered.failures.get(_SOURCES[kind]) for kind in kinds}
    notes = unread_notes({_WORDS[kind][1]: why for kind, why in lost.items() if why is not None})
    seen = set[date]()
    for kind in kinds:
        if lost[kind] is not None:
            continue
        found = _in_period(gathered.documents[_SOURCES[kind]], period)
        seen.update(day for document in found for day in _days(document, period))
        tables[kind] = table(_COLUMNS[kind], [_ROWS[kind](document) for document in found])
        if kind == "workout" and arguments["zones"]:
            notes += await _add_zones(context, tables[kind], found)
    if "workout" in tables and not tables["workout"]["rows"]:
        notes.append("Workouts that other apps brought into the Oura app are not in Oura's API.")
    return compose(
        _summary(period, moment.today, tables),
        tables,
        moment=moment,
        period=period,
        covered=coverage(period, _covered(period, seen, silent)),
        notes=[*notes, sync_note(moment, silent) if silent else ""],
    )


async def _silent_since(context: Context, moment: LocalTime, period: Period) -> datetime | None:
    """The last sync, where what happened since may not be there yet."""
    if period.end < moment.today:
        return None
    synced = await last_sync(context)
    if synced is None or moment.now - synced <= _STALE:
        return None
    return synced.astimezone(moment.zone.tz)


def _covered(period: Period, seen: set[date], silent: datetime | None) -> list[date]:
    """The days the answer speaks for.

    Where anything was noted at all, a day without an event is no gap in the data; a day that
    has not been synced is.
    """
    if not seen or silent is None:
        return period.days if seen else []
    return [day for day in period.days if day in seen or day <= silent.date()]


def _in_period(documents: Sequence[Any], period: Period) -> list[Any]:
    inside = [document for document in documents if _days(document, period)]
    return sorted(inside, key=lambda d: (_span(d) or (date.min,), str(_start(d))))


def _span(document: Any) -> tuple[date, date] | None:
    """First and last day; rest mode that has not ended lasts on."""
    if isinstance(document, EnhancedTag | RestModePeriod):
        first, last = document.start_day, last_day(document)
        open_end = date.max if isinstance(document, RestModePeriod) else first
        return None if first is None else (first, max(first, last or open_end or first))
    return None if document.day is None else (document.day, document.day)


def _days(document: Any, period: Period) -> list[date]:
    """The days of the period that an event touches."""
    span = _span(document)
    if span is None or span[1] < period.start or span[0] > period.end:
        return []
    return Period(max(span[0], period.start), min(span[1], period.end)).days


def _start(document: Any) -> datetime | None:
    if isinstance(document, EnhancedTag | RestModePeriod):
        return document.start_time
    start: datetime | None = document.start_datetime
    return start


def _workout_row(workout: Workout) -> list[Any]:
    start, end = workout.start_datetime, workout.end_datetime
    length = None if start is None or end is None else round((end - start).total_seconds() / 60)
    return [
        _iso(workout.day),
        local_time(start),
        local_time(end),
        workout.activity,
        workout.intensity,
        length,
        rounded(workout.calories),
        rounded(workout.distance),
        workout.label,
        workout.source,
    ]


def _session_row(session: Session) -> list[Any]:
    return [
        _iso(session.day),
        local_time(session.start_datetime),
        local_time(session.end_datetime),
        session.type,
        session.mood,
        _mean(session.heart_rate),
        _mean(session.heart_rate_variability),
    ]


def _tag_row(tag: EnhancedTag) -> list[Any]:
    name, comment = name_of(tag), tag.comment
    said = None if comment is None or comment == name else comment[:_LONGEST_COMMENT]
    ended = local_time(tag.end_time) or _iso(tag.end_day)
    return [_iso(tag.start_day), local_time(tag.start_time), ended, name, said]


def _rest_row(rest: RestModePeriod) -> list[Any]:
    episodes = rest.episodes or ()
    tags = [name for episode in episodes for name in episode.tags or ()]
    plain = ", ".join(dict.fromkeys(name.removeprefix("tag_generic_") for name in tags))
    ended = local_time(rest.end_time) or _iso(rest.end_day)
    return [_iso(rest.start_day), local_time(rest.start_time), ended, plain or None]


_ROWS: Final[dict[str, Callable[[Any], list[Any]]]] = {
    "workout": _workout_row,
    "session": _session_row,
    "tag": _tag_row,
    "rest_mode": _rest_row,
}


async def _add_zones(
    context: Context, workouts: dict[str, Any], found: Sequence[Workout]
) -> list[str]:
    """Add the minutes of each workout in each heart-rate zone; the notes say how they are cut."""
    newest = list(found)[-_ZONED_WORKOUTS:]
    try:
        limits = zone_limits((await context.client.personal_info()).age)
        efforts = await asyncio.gather(*(effort(context, workout, limits) for workout in newest))
    except (ScopeMissing, OuraError) as failure:
        return [not_read("heart-rate zones", failure)]
    skipped = len(found) - len(newest)
    blank = [[None] * len(ZONE_COLUMNS)] * skipped
    workouts["columns"] += ZONE_COLUMNS
    for row, added in zip(workouts["rows"], [*blank, *efforts], strict=True):
        row.extend(added)
    notes = [limits.note]
    if skipped:
        notes.append(f"Zones of the newest {_ZONED_WORKOUTS} workouts; ask for fewer days.")
    return notes


def _mean(sample: Sample | None) -> int | None:
    held = [] if sample is None else [v for v in sample.items or () if v is not None]
    return round(fmean(held)) if held else None


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _summary(period: Period, today: date, tables: dict[str, Any]) -> str:
    counts = []
    for kind, found in tables.items():
        number = len(found["rows"])
        if number:
            counts.append(f"{number} {_WORDS[kind][number != 1]}")
    asked = span_words(period.start, period.end, today)
    if not counts:
        return f"Nothing noted {'on' if period.length == 1 else 'from'} {asked}."
    last = counts.pop()
    return f"{asked}: {', '.join(counts)}{' and ' if counts else ''}{last}."


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
        "zones": {"type": "boolean", "default": False},
    },
    output={
        "type": "object",
        "properties": {**COMMON_OUTPUT, **dict.fromkeys(_SOURCES, TABLE_SCHEMA)},
        "required": ["summary", "period", "coverage"],
    },
    scopes=("workout", "session", "tag", "daily"),
    run=_run,
)
