"""Heart rate inside workouts, for queries that ask for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from statistics import fmean
from typing import Final

from annulet.analytics.query.conditions import fields_of
from annulet.analytics.query.evaluation import Evidence, test_of
from annulet.analytics.query.question import RecordQuery
from annulet.analytics.query.rows import Row
from annulet.contract.collections import WORKOUT
from annulet.contract.documents import Workout
from annulet.errors import AccountRefused, AnnuletError, OuraError, ScopeMissing
from annulet.oura_http.single_flight import run_concurrently
from annulet.toolkit.context import Context
from annulet.toolkit.reading.effort_zones import heart_rate_of
from annulet.toolkit.reading.event_rows import workout_row
from annulet.toolkit.reading.gather import Gathered

HEART_RATE: Final = frozenset({"hr_avg_bpm", "hr_max_bpm"})
"""The columns of a workout that are read from the heart rate inside it."""

_MOST_WORKOUTS: Final = 400
"""Each is a request of its own; Oura allows 5,000 in five minutes."""


def asks_for_heart_rate(query: RecordQuery) -> bool:
    """Whether a query of workouts reads the heart rate inside them."""
    return any(field.column.name in HEART_RATE and not field.of_day for field in query.fields)


async def with_heart_rate(
    context: Context, query: RecordQuery, evidence: Evidence, gathered: Gathered
) -> tuple[Sequence[Row], AnnuletError | None]:
    """The rows with the mean and the highest heart rate; and why these could not be read.

    Only workouts that the other conditions do not exclude are read.

    Args:
        context: Whose workouts.
        query: What is asked.
        evidence: The workouts as rows.
        gathered: The documents of these rows.
    """
    others = [
        test_of(condition, evidence)
        for condition in query.where
        if not any(field.column.name in HEART_RATE for field in fields_of(condition))
    ]
    wanted = [row for row in evidence.rows if not any(test(row) is False for test in others)]
    by_row = {
        _key(row): workout for workout in gathered.all(WORKOUT) if (row := workout_row(workout))
    }
    newest = wanted[-_MOST_WORKOUTS:]
    try:
        rates = await run_concurrently([partial(_rates, context, by_row[_key(r)]) for r in newest])
    except (ScopeMissing, AccountRefused, OuraError) as failure:
        return evidence.rows, failure
    by_key = {_key(row): cells for row, cells in zip(newest, rates, strict=True)}
    return [
        replace(row, cells={**row.cells, **by_key.get(_key(row), {})}) for row in evidence.rows
    ], None


async def _rates(context: Context, workout: Workout) -> dict[str, float]:
    samples = await heart_rate_of(context, workout)
    rates = [float(sample.bpm) for sample in samples if sample.bpm is not None]
    return {"hr_avg_bpm": fmean(rates), "hr_max_bpm": max(rates)} if rates else {}


def _key(row: Row) -> tuple[object, ...]:
    """What tells a workout from others."""
    return (row.day, row.start, row.cells.get("activity"), row.cells.get("duration_min"))
