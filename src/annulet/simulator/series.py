"""Rows of the two time series, page by page, without drawing more days than asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from annulet.simulator.options import Options
from annulet.simulator.page_envelope import Question
from annulet.simulator.world.heart_rate import HeartRateRow
from annulet.simulator.world.person import Person
from annulet.simulator.world.rings import BatteryRow

__all__ = ["latest_row", "series_rows"]

_LOOK_BACK = 400


def series_rows(
    person: Person, collection: str, question: Question, size: int, options: Options
) -> tuple[list[dict[str, Any]], bool]:
    """One page of the rows between two instants, and whether there are more."""
    start, until = question.start, min(question.end, person.last_sync())
    low, high = start.timestamp() * 1000, until.timestamp() * 1000
    day = max(start.astimezone(UTC).date(), person.truth.first_day - timedelta(days=2))
    last = until.astimezone(UTC).date()
    skip = question.offset
    page: list[HeartRateRow | BatteryRow] = []
    while day <= last and len(page) <= size:
        rows = [row for row in person.rows(collection, day) if low <= row.at <= high]
        page += rows[skip : skip + size + 1 - len(page)]
        skip = max(0, skip - len(rows))
        day += timedelta(days=1)
    return [_row(item, options) for item in page[:size]], len(page) > size


def latest_row(
    person: Person, collection: str, now: datetime, options: Options
) -> dict[str, Any] | None:
    """The newest row."""
    day: date = now.date()
    for _ in range(_LOOK_BACK):
        rows = person.rows(collection, day)
        if rows:
            return _row(rows[-1], options)
        day -= timedelta(days=1)
    return None


def _row(row: HeartRateRow | BatteryRow, options: Options) -> dict[str, Any]:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=row.at)
    stamp = at.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
    if isinstance(row, HeartRateRow):
        return {
            "timestamp": stamp,
            "timestamp_unix": row.at,
            "bpm": row.bpm,
            "source": row.source,
        }
    data: dict[str, Any] = {
        "timestamp": stamp,
        "timestamp_unix": row.at,
        "charging": row.charging,
        "in_charger": row.charging,
        "level": row.level,
    }
    if options.battery_as_seen:
        data["producer_timestamp"] = stamp
        del data["timestamp_unix"]
    return data
