"""The windows to request, and the documents of a response that belong to the range.

Oura compares a date, as 00:00 UTC, with an instant of its own choice. A question about a
person's days is therefore asked with a margin of days on both sides. The response is trimmed here
by the day each document carries, so that both ends are inclusive in every time zone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from operator import itemgetter
from typing import Final, TypeGuard

from annulet.contract.collections import AnyCollection, Query
from annulet.contract.documents import Document, RawDocument
from annulet.errors import UsageError

OVERLAPPING: Final = frozenset({"enhanced_tag", "rest_mode_period"})
"""Collections whose documents may span days: they belong to every day they touch."""

_SECOND: Final = timedelta(seconds=1)
_CHUNK: Final = timedelta(days=30)
# A day of heart rate has more rows than one page (1,000). Pages are read one after another, but
# chunks concurrently: in halves, a day costs one round trip and the same number of requests.
_DENSE: Final = frozenset({"heartrate"})
_DENSE_CHUNK: Final = timedelta(hours=13)  # half of the longest day a change of clocks makes
_DENSE_UP_TO: Final = timedelta(days=32)
_EARLIEST: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Window:
    """The margins with which a range of days is requested.

    Attributes:
        before: Days asked for before the question's first day.
        after: Days asked for after its last day.
        chunk: Days in one request.
    """

    before: int = 2
    after: int = 2
    chunk: int = 366


# A tag may last for weeks, rest mode for months: both are compared by their start alone.
_WINDOWS: Final = {
    "tag": _Window(3, 3),
    "enhanced_tag": _Window(35, 3),
    "rest_mode_period": _Window(360, 3),
}


def check_days(start: object, end: object) -> tuple[date, date]:
    """Check and return both ends of a range of days.

    Raises:
        UsageError: They are not plain days, or not in order.
    """
    if not _is_day(start) or not _is_day(end):
        raise UsageError(
            "This collection is asked for by days.", hint="Pass start and end as dates."
        )
    if start > end:
        raise UsageError("The range ends before it begins.", hint="Swap start and end.")
    return start, end


def _is_day(value: object) -> TypeGuard[date]:
    return isinstance(value, date) and not isinstance(value, datetime)


def check_instants(start: object, end: object) -> tuple[datetime, datetime]:
    """Check both ends of a range of time and return them in UTC.

    Raises:
        UsageError: They are days, have no time zone or are not in order.
    """
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        raise UsageError(
            "This collection is asked for by instants.", hint="Pass start and end as datetimes."
        )
    if start.utcoffset() is None or end.utcoffset() is None:
        raise UsageError("An instant needs a time zone.", hint="Pass datetimes with a zone.")
    if start > end:
        raise UsageError("The range ends before it begins.", hint="Swap start and end.")
    return start.astimezone(UTC), end.astimezone(UTC)


def day_chunks(collection: AnyCollection, start: date, end: date) -> list[dict[str, str]]:
    """Build the range parameters of requests that together cover the days and their margins.

    Neighbouring chunks share the instant at which they meet.
    """
    window = _WINDOWS.get(collection.name, _Window())
    first = _shift(start, -window.before)
    last = _shift(end, window.after)
    low, high = collection.query.parameters
    chunks = []
    while True:
        chunk_end = min(last, _shift(first, window.chunk))
        chunks.append({low: first.isoformat(), high: chunk_end.isoformat()})
        if chunk_end >= last:
            return chunks
        first = chunk_end


def instant_chunks(
    collection: AnyCollection, start: datetime, end: datetime
) -> list[dict[str, str]]:
    """Build the range parameters of requests that together cover the range of time.

    One second is added because it is not known whether Oura includes the end.
    """
    low, high = collection.query.parameters
    last = end + _SECOND if end < datetime.max.replace(tzinfo=UTC) - _SECOND else end
    dense = collection.name in _DENSE and last - start <= _DENSE_UP_TO
    parts = max(1, -((start - last) // (_DENSE_CHUNK if dense else _CHUNK)))
    length = timedelta(seconds=-((start - last) // (parts * _SECOND)))
    chunks = []
    first = start
    while True:
        chunk_end = min(last, first + length)
        chunks.append({low: _iso_utc(first), high: _iso_utc(chunk_end)})
        if chunk_end >= last:
            return chunks
        first = chunk_end


def day_of(collection: AnyCollection, document: Document) -> date | None:
    """Return the day of a document: Oura's day, else the day of its local time."""
    named = getattr(document, collection.day)
    if isinstance(named, date):
        return named
    if collection.name == "sleep":
        end = getattr(document, "bedtime_end", None)
        return (end + timedelta(hours=6)).date() if isinstance(end, datetime) else None
    key = getattr(document, collection.key, None)
    return key.date() if isinstance(key, datetime) else None


def belongs_to_days(collection: AnyCollection, document: Document, start: date, end: date) -> bool:
    """Whether a document is about any of the days, both ends inclusive."""
    first = day_of(collection, document)
    if first is None or first > end:
        return False
    if collection.name not in OVERLAPPING:
        return first >= start
    return _last_day(collection, document, first) >= start


def _last_day(collection: AnyCollection, document: Document, first: date) -> date:
    """Return the last day of a document; rest mode without an end still lasts."""
    last = getattr(document, "end_day", None)
    if last is None:
        ended = getattr(document, "end_time", None)
        last = ended.date() if isinstance(ended, datetime) else None
    if last is None:
        return date.max if collection.name == "rest_mode_period" else first
    return max(first, last)


def instant_of(document: Document) -> datetime | None:
    """Return the instant of a sample, in UTC."""
    when = getattr(document, "timestamp", None)
    if isinstance(when, datetime):
        return _utc(when)
    unix = getattr(document, "timestamp_unix", None)
    if isinstance(unix, int) and abs(unix) < 10**14:
        return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=unix)
    return None


def sort_key(collection: AnyCollection, document: Document) -> tuple[date, datetime]:
    """Return the sort key of a document: its day, then its instant."""
    key = "set_up_at" if collection.query is Query.NONE else collection.key
    when = getattr(document, key, None)
    instant = _utc(when) if isinstance(when, datetime) else _EARLIEST
    day = day_of(collection, document) if collection.day else None
    return day or date.min, instant


def distinct(
    collection: AnyCollection, rows: Iterable[RawDocument], *, chunks: int
) -> Iterator[RawDocument]:
    """Keep the last version of each document, because chunks and shifting pages repeat some.

    Args:
        collection: Whose documents.
        rows: Raw documents.
        chunks: How many requests they come from. Documents without an id are compared with each
            other only where there are several.
    """
    by_identity: dict[object, RawDocument] = {}
    for index, row in enumerate(rows):
        is_compared = _has_id(row) or chunks > 1
        by_identity[identity(collection, row) if is_compared else index] = row
    return iter(by_identity.values())


def identity(collection: AnyCollection, row: RawDocument) -> str:
    """What tells a document from the others of its collection.

    An id alone does not: some accounts have the same one on all documents, or an empty one. Two
    rows are one document where id, day and key instant agree; without an id, where all fields do.
    """
    if not _has_id(row):
        return repr(sorted(row.items(), key=itemgetter(0)))
    names = dict.fromkeys(("id", collection.day, collection.key))
    return repr([row.get(name) for name in names])


def _has_id(row: RawDocument) -> bool:
    identifier = row.get("id")
    return isinstance(identifier, str | int) and identifier != ""


def _utc(when: datetime) -> datetime:
    if when.utcoffset() is None:
        return when.replace(tzinfo=UTC)
    try:
        return when.astimezone(UTC)
    except OverflowError:
        return _EARLIEST


def _shift(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.min if days < 0 else date.max


def _iso_utc(when: datetime) -> str:
    """Format an instant in UTC with ``Z``, because a plus sign in a query can be lost."""
    return when.replace(tzinfo=None).isoformat() + "Z"
