"""Export: a collection window after window, raw, in bounded memory, complete or an error."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from annulet.client.collection_reader import Reader
from annulet.client.windows import OVERLAPPING, check_days, check_instants
from annulet.contract.endpoints import Collection, Query

__all__ = ["Batch", "stream"]

_DAYS: Final = {"sleep": 30, "daily_activity": 30, "session": 30}
_LIGHT_DAYS: Final = 180
_TIME: Final = timedelta(days=5)
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

    rows: list[dict[str, Any]]
    through: date | datetime | None
    done: int
    windows: int


async def stream(
    reader: Reader,
    collection: Collection,
    start: date | datetime | None,
    end: date | datetime | None,
) -> AsyncIterator[Batch]:
    """Batches in order of time; no document comes twice."""
    if collection.query is Query.NONE:
        yield Batch(await reader.undated_rows(collection), None, 1, 1)
    elif collection.query is Query.DATETIME:
        async for batch in _times(reader, collection, start, end):
            yield batch
    else:
        async for batch in _days(reader, collection, start, end):
            yield batch


async def _days(
    reader: Reader, collection: Collection, start: Any, end: Any
) -> AsyncIterator[Batch]:
    check_days(start, end)
    length = _DAYS.get(collection.name, _LIGHT_DAYS)
    windows = -(-((end - start).days + 1) // length)
    spanning: set[str] = set()
    for done in range(windows):
        first = start + timedelta(days=done * length)
        last = min(end, first + timedelta(days=length - 1))
        rows = await reader.day_rows(collection, first, last)
        if collection.name in OVERLAPPING:
            rows = [row for row in rows if str(row.get("id")) not in spanning]
            spanning.update(str(row["id"]) for row in rows if "id" in row)
        yield Batch(rows, last, done + 1, windows)


async def _times(
    reader: Reader, collection: Collection, start: Any, end: Any
) -> AsyncIterator[Batch]:
    low, high = check_instants(start, end)
    windows = max(1, -(-(high - low) // _TIME))
    for done in range(windows):
        first = low + done * _TIME
        final = done + 1 == windows
        last = high if final else first + _TIME - _INSTANT
        rows = await reader.instant_rows(collection, first, last)
        yield Batch(rows, last, done + 1, windows)
