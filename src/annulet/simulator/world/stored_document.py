"""One document of a collection, and from when until when Oura has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document of one person.

    Attributes:
        id: Its id, also where the data leave it out.
        key: The instant a requested range is compared with.
        visible_from: The instant from which on Oura has it.
        final_from: The instant from which on it does not change any more.
        data: The fields of the document; a field that is a function is computed when served.
        deleted_at: The instant at which it disappears.
    """

    id: str
    key: datetime
    visible_from: datetime
    final_from: datetime
    data: dict[str, object]
    deleted_at: datetime | None = None

    def is_visible(self, until: datetime) -> bool:
        """Return whether Oura has the document at an instant."""
        return self.visible_from <= until and (self.deleted_at is None or until < self.deleted_at)


def format_local(instant: datetime) -> str:
    """Format a date-time with its own offset, to the second."""
    return instant.isoformat(timespec="seconds")


def sample_object(start: datetime, interval: float, items: object) -> dict[str, object]:
    """Return Oura's object of regular samples; the interval is in seconds."""
    return {
        "interval": interval,
        "items": items,
        "timestamp": start.isoformat(timespec="milliseconds"),
    }
