"""The tags, workouts and sessions of each day, as columns of days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Final

from annulet.analytics.query.rows import Cell, Row
from annulet.contract.collections import (
    DAILY_ACTIVITY,
    ENHANCED_TAG,
    SESSION,
    SLEEP,
    WORKOUT,
    AnyCollection,
)
from annulet.toolkit.query_columns import WORKOUT_SUMS
from annulet.toolkit.reading.event_rows import event_rows, sleep_rows
from annulet.toolkit.reading.gather import Gathered
from annulet.toolkit.reading.ring_presence import recorded_days
from annulet.toolkit.reading.tags import days_of, name_of
from annulet.toolkit.sleep_kinds import NAP

WORD_COLLECTIONS: Final[dict[str, AnyCollection]] = {
    "tag": ENHANCED_TAG,
    "workout": WORKOUT,
    "session": SESSION,
}
"""Where the names of what happened on a day come from."""
WORKOUT_FIGURES: Final = frozenset({"workout", "workout_count", *WORKOUT_SUMS})
"""The columns of a day that follow from its workouts."""
EVENT_FIGURES: Final = WORKOUT_FIGURES | WORD_COLLECTIONS.keys()
"""The columns of a day that follow from what happened on it."""

NAP_COUNT: Final = "nap_count"
"""The column of a day that says how many naps it had."""


def event_words(name: str, gathered: Gathered, first: date, last: date) -> dict[int, Cell]:
    """What happened on each day (ordinal).

    A day on which nothing happened and the ring recorded nothing is not there: it is unknown.

    Args:
        name: ``tag``, ``workout`` or ``session``.
        gathered: What was read.
        first: The first day, inclusive.
        last: The last day, inclusive.
    """
    names: dict[int, set[str]] = {}
    for tag in gathered.all(ENHANCED_TAG) if name == "tag" else ():
        for day in days_of(tag):
            names.setdefault(day.toordinal(), set()).add(name_of(tag))
    for workout in gathered.all(WORKOUT) if name == "workout" else ():
        if workout.day is not None:
            names.setdefault(workout.day.toordinal(), set()).add(workout.activity or "other")
    for session in gathered.all(SESSION) if name == "session" else ():
        if session.day is not None:
            names.setdefault(session.day.toordinal(), set()).add(session.type or "other")
    worn = {day.toordinal() for day in _worn_days(name, gathered)}
    if DAILY_ACTIVITY not in gathered.documents and name != "workout":
        worn = set(range(first.toordinal(), last.toordinal() + 1))
    return {day: frozenset(names.get(day, ())) for day in worn | names.keys()}


def workout_sums(gathered: Gathered, columns: Iterable[str]) -> dict[str, dict[int, Cell]]:
    """The figures of each day's workouts together; a count of none only where the ring was worn.

    Args:
        gathered: What was read.
        columns: The columns that are asked for.
    """
    rows = event_rows("workouts", gathered, date.min, date.max)
    sums: dict[str, dict[int, Cell]] = {}
    for name in columns:
        if name == "workout_count":
            counts = Counter(row.day for row in rows)
            worn = {day.toordinal(): 0.0 for day in _worn_days("workout", gathered)}
            sums[name] = {**worn, **{day: float(count) for day, count in counts.items()}}
        elif name in WORKOUT_SUMS:
            sums[name] = _sum_by_day(rows, WORKOUT_SUMS[name])
    return sums


def nap_counts(gathered: Gathered) -> dict[int, Cell]:
    """How many naps each day (ordinal) had; none where it has another sleep."""
    rows = sleep_rows(gathered.all(SLEEP))
    naps = Counter(row.day for row in rows if row.cells.get("sleep_kind") == NAP)
    return {row.day: float(naps[row.day]) for row in rows}


def _worn_days(name: str, gathered: Gathered) -> frozenset[date]:
    """The days with data of the ring; of a workout only those with activity tell."""
    if name == "workout":
        return recorded_days(gathered, (DAILY_ACTIVITY,))
    return recorded_days(gathered)


def _sum_by_day(rows: Iterable[Row], column: str) -> dict[int, Cell]:
    sums: dict[int, Cell] = {}
    for row in rows:
        value = row.cells.get(column)
        if isinstance(value, float):
            before = sums.get(row.day)
            sums[row.day] = value + before if isinstance(before, float) else value
    return sums
