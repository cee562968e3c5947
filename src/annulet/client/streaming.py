"""The export of one collection, window by window: raw documents in bounded memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from annulet.client.collection_reader import CollectionReader
from annulet.client.windows import OVERLAPPING, check_days, check_instants, identity
from annulet.contract.collections import AnyCollection, Query
from annulet.contract.documents import RawDocument

_HEAVY_WINDOW_DAYS: Final = {"sleep": 30, "daily_activity": 30, "session": 30}
_LIGHT_WINDOW_DAYS: Final = 180
_TIME_WINDOW: Final = timedelta(days=5)
_INSTANT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Batch:
    """One window of an export.

    Attributes:
        rows: Documents exactly as Oura sent them, in order; may be empty.
        through: The last day or instant that is now complete; ``None`` without ranges.
        done: How many windows are complete.
        windows: How many there are in all.
    """

    rows: list[RawDocument]
    through: date | datetime | None
    done: int
    windows: int


async def stream(
    reader: CollectionReader,
    collection: AnyCollection,
    start: date | datetime | None,
    end: date | datetime | None,
) -> AsyncIterator[Batch]:
    """Yield batches in order of time; no document comes twice."""
    if collection.query is Query.NONE:
        yield Batch(await reader.undated_rows(collection), None, 1, 1)
    elif collection.query is Query.DATETIME:
        first, last = check_instants(start, end)
        async for batch in _instant_batches(reader, collection, first, last):
            yield batch
    else:
        first_day, last_day = check_days(start, end)
        async for batch in _day_batches(reader, collection, first_day, last_day):
            yield batch


async def _day_batches(
    reader: CollectionReader, collection: AnyCollection, start: date, end: date
) -> AsyncIterator[Batch]:
    length = _HEAVY_WINDOW_DAYS.get(collection.name, _LIGHT_WINDOW_DAYS)
    windows = -(-((end - start).days + 1) // length)
    exported: set[str] = set()
    for index in range(windows):
        first = start + timedelta(days=index * length)
        last = min(end, first + timedelta(days=length - 1))
        rows = await reader.day_rows(collection, first, last)
        if collection.name in OVERLAPPING:
            rows = [row for row in rows if identity(collection, row) not in exported]
            exported.update(identity(collection, row) for row in rows)
        yield Batch(rows, last, index + 1, windows)


async def _instant_batches(
    reader: CollectionReader, collection: AnyCollection, start: datetime, end: datetime
) -> AsyncIterator[Batch]:
    windows = max(1, -(-(end - start) // _TIME_WINDOW))
    for index in range(windows):
        first = start + index * _TIME_WINDOW
        is_last = index + 1 == windows
        last = end if is_last else first + _TIME_WINDOW - _INSTANT
        rows = await reader.instant_rows(collection, first, last)
        yield Batch(rows, last, index + 1, windows)
