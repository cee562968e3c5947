"""Rows of the two time series, page by page; only the days asked for are drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from annulet.simulator.api.page_envelope import ListQuery
from annulet.simulator.options import Options
from annulet.simulator.world.heart_rate import HeartRateRow
from annulet.simulator.world.odd_documents import make_rows_odd
from annulet.simulator.world.person import Person
from annulet.simulator.world.rings import BatteryRow

_LATEST_WITHIN_DAYS: Final = 400


def read_rows(
    person: Person, collection: str, query: ListQuery, page_size: int, options: Options
) -> tuple[list[Mapping[str, object]], bool]:
    """Return one page of the rows of a query, and whether there are more."""
    until = min(query.end, person.last_sync())
    low, high = query.start.timestamp() * 1000, until.timestamp() * 1000
    day = max(query.start.astimezone(UTC).date(), person.truth.first_day - timedelta(days=2))
    last = until.astimezone(UTC).date()
    skip = query.offset
    page: list[HeartRateRow | BatteryRow] = []
    while day <= last and len(page) <= page_size:
        rows = [row for row in person.rows(collection, day) if low <= row.at <= high]
        page += rows[skip : skip + page_size + 1 - len(page)]
        skip = max(0, skip - len(rows))
        day += timedelta(days=1)
    return _served(person, page[:page_size], options), len(page) > page_size


def latest_row(
    person: Person, collection: str, now: datetime, options: Options
) -> list[Mapping[str, object]]:
    """Return the newest row of the last 400 days; empty if there is none."""
    for back in range(_LATEST_WITHIN_DAYS):
        rows = person.rows(collection, now.date() - timedelta(days=back))
        if rows:
            return _served(person, rows[-1:], options)
    return []


def _served(
    person: Person, rows: Iterable[HeartRateRow | BatteryRow], options: Options
) -> list[Mapping[str, object]]:
    documents = [_row_document(row, options) for row in rows]
    return list(make_rows_odd(documents) if person.traits.odd else documents)


def _row_document(row: HeartRateRow | BatteryRow, options: Options) -> dict[str, object]:
    instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=row.at)
    timestamp = instant.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
    document: dict[str, object] = {"timestamp": timestamp, "timestamp_unix": row.at}
    if isinstance(row, HeartRateRow):
        return {**document, "bpm": row.bpm, "source": row.source}
    document |= {"charging": row.charging, "in_charger": row.charging, "level": row.level}
    if options.battery_as_seen:
        document["producer_timestamp"] = timestamp
        del document["timestamp_unix"]
    return document
