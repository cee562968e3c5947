"""Sleeps, workouts, sessions and tags as the rows of a query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Final

from annulet.analytics.query.rows import Cell, Row
from annulet.contract.collections import ENHANCED_TAG, SESSION, WORKOUT, AnyCollection
from annulet.contract.documents import EnhancedTag, Session, Sleep, Workout
from annulet.contract.texts import code_of
from annulet.toolkit.local_time import iso_minute, minutes_between
from annulet.toolkit.metrics import METRICS
from annulet.toolkit.query_columns import ROW_COLUMNS, SHARES
from annulet.toolkit.reading.gather import Gathered
from annulet.toolkit.reading.main_sleep import kinds_of_sleep
from annulet.toolkit.reading.sleeps import finished
from annulet.toolkit.reading.tags import name_of

EVENT_COLLECTIONS: Final[dict[str, AnyCollection]] = {
    "workouts": WORKOUT,
    "sessions": SESSION,
    "tags": ENHANCED_TAG,
}
"""Where the rows of events come from."""

_HALF_DAY: Final = 720
_DAY_MIN: Final = 1440
_SLEEP_METRICS: Final = tuple(name for name in ROW_COLUMNS["sleeps"] if name in METRICS)


def sleep_rows(sleeps: Iterable[Sleep]) -> list[Row]:
    """The sleeps that count, naps included, in order of time."""
    rows = []
    counted = finished(sleeps)
    kinds = kinds_of_sleep(counted)
    for sleep in counted:
        if sleep.day is None:
            continue
        cells: dict[str, Cell | None] = {
            "type": code_of(sleep.type) or None,
            "sleep_kind": kinds.get(id(sleep)),
            "start": _from_noon(sleep.bedtime_start),
            "bedtime": _from_noon(sleep.bedtime_start),
            "wake_time": _clock(sleep.bedtime_end),
            **{name: _float(METRICS[name].read(sleep)) for name in _SLEEP_METRICS},
        }
        for name, (part, whole) in SHARES.items():
            cells[name] = _share(cells.get(part), cells.get(whole))
        rows.append(_row(sleep.day, sleep.bedtime_start, cells))
    return rows


def event_rows(of: str, gathered: Gathered, first: date, last: date) -> list[Row]:
    """The workouts, sessions or tags that began within some days, in order of time."""
    if of == "workouts":
        rows = [workout_row(document) for document in gathered.all(WORKOUT)]
    elif of == "sessions":
        rows = [_session_row(document) for document in gathered.all(SESSION)]
    else:
        rows = [_tag_row(document) for document in gathered.all(ENHANCED_TAG)]
    low, high = first.toordinal(), last.toordinal()
    inside = [row for row in rows if row is not None and low <= row.day <= high]
    return sorted(inside, key=lambda row: (row.day, row.start))


def workout_row(workout: Workout) -> Row | None:
    """A workout as a row, without its heart rate; None without a day."""
    if workout.day is None:
        return None
    length = minutes_between(workout.start_datetime, workout.end_datetime)
    speed = None
    if workout.distance and length:
        speed = workout.distance / 1000 / (length / 60)
    return _row(
        workout.day,
        workout.start_datetime,
        {
            "activity": workout.activity,
            "intensity": workout.intensity,
            "source": code_of(workout.source) or None,
            "label": workout.label,
            "start": _clock(workout.start_datetime),
            "duration_min": length,
            "calories_kcal": _float(workout.calories),
            "distance_m": _float(workout.distance),
            "speed_kmh": speed,
        },
    )


def _session_row(session: Session) -> Row | None:
    if session.day is None:
        return None
    start = session.start_datetime
    length = minutes_between(start, session.end_datetime)
    cells = {"type": session.type, "start": _clock(start), "duration_min": length}
    return _row(session.day, start, cells)


def _tag_row(tag: EnhancedTag) -> Row | None:
    if tag.start_day is None:
        return None
    length = minutes_between(tag.start_time, tag.end_time)
    cells = {"tag": name_of(tag), "start": _clock(tag.start_time), "duration_min": length}
    return _row(tag.start_day, tag.start_time, cells)


def _row(day: date, start: datetime | None, cells: Mapping[str, Cell | None]) -> Row:
    known = {name: cell for name, cell in cells.items() if cell is not None}
    return Row(day.toordinal(), iso_minute(start) or "", known)


def _clock(instant: datetime | None) -> float | None:
    """Minutes from midnight, by the clock of the document's own offset."""
    return None if instant is None else instant.hour * 60 + instant.minute + instant.second / 60


def _from_noon(instant: datetime | None) -> float | None:
    minutes = _clock(instant)
    return minutes - _DAY_MIN if minutes is not None and minutes >= _HALF_DAY else minutes


def _share(part: Cell | None, whole: Cell | None) -> float | None:
    if not isinstance(part, float) or not isinstance(whole, float) or whole <= 0:
        return None
    return 100.0 * part / whole


def _float(value: float | None) -> float | None:
    return None if value is None else float(value)
