"""Times of the person's own clock, where Oura sends them without it.

Bedtimes, workouts and tags carry the person's offset from UTC. Some rows come in UTC (``Z``) or
without any offset. The first are instants, which the person's clock shows in their zone; the
second are that clock itself. Without a known zone both stay as they came.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import tzinfo
from typing import Final

from annulet.contract.collections import AnyCollection
from annulet.contract.documents import RawDocument
from annulet.contract.documents.repairs import read_moment

_LOCAL_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "daily_activity": ("timestamp",),
    "enhanced_tag": ("start_time", "end_time"),
    "rest_mode_period": ("start_time", "end_time"),
    "session": ("start_datetime", "end_datetime"),
    "sleep": ("bedtime_start", "bedtime_end"),
    "tag": ("timestamp",),
    "workout": ("start_datetime", "end_datetime"),
}


def on_local_clock(
    collection: AnyCollection, rows: Iterable[RawDocument], zone: tzinfo | None
) -> list[RawDocument]:
    """The rows with times of the person's clock; others are the same objects.

    Args:
        collection: Whose rows.
        rows: Raw documents; they are not changed.
        zone: The person's zone; ``None`` where it is unknown.
    """
    names = _LOCAL_FIELDS.get(collection.name, ())
    if zone is None or not names:
        return list(rows)
    return [_placed(row, names, zone) for row in rows]


def _placed(row: RawDocument, names: Iterable[str], zone: tzinfo) -> RawDocument:
    moments = {name: moment for name in names if (moment := _moment(row.get(name), zone))}
    return {**row, **moments} if moments else row


def _moment(value: object, zone: tzinfo) -> str | None:
    """A time of the person's clock; ``None`` for one that carries its offset, or is no time."""
    if isinstance(value, str) and value[-6:-5] in {"+", "-"} and value[-3:-2] == ":":
        return None  # most rows: nothing to read
    is_utc = not isinstance(value, str) or value.strip().upper().endswith("Z")
    moment = read_moment(value)
    if moment is None:
        return None
    try:
        if moment.tzinfo is None:
            return moment.replace(tzinfo=zone).isoformat()
        return moment.astimezone(zone).isoformat() if is_utc else None
    except OverflowError:
        return None
