"""What an event of Oura says: that something of somebody has changed. It carries no value."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final

__all__ = ["Event", "read"]

_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Event:
    """One event; who and what it is about does not print.

    Attributes:
        data_type: What kind of data; a kind annulet does not know is news all the same.
        object_id: Which document.
        event_time: When it changed, as Oura writes it.
        user_id: Whose it is, by Oura's own id.
    """

    data_type: str
    object_id: str = field(repr=False)
    event_time: str
    user_id: str = field(repr=False)


def read(body: bytes) -> Event | None:
    """The event in a body; ``None`` where there is none."""
    try:
        said: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    event = Event(**{name: _text(said.get(name)) for name in Event.__slots__})
    return event if event.user_id and event.data_type else None


def _text(value: object) -> str:
    return value if isinstance(value, str) and len(value) <= _LONGEST else ""
