"""One document of a collection: its data, when Oura learnt of it, the instant it is found by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

__all__ = ["Document", "Later", "local", "samples"]

Later = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Document:
    """A document; a value that is a function is drawn only when it is asked for.

    Attributes:
        id: Its id, also where the data leave it out.
        key: The instant a range is compared with.
        visible: When Oura learnt of it.
        settled: From when on it does not change any more.
        data: What the API says.
        gone: When it disappears again.
    """

    id: str
    key: datetime
    visible: datetime
    settled: datetime
    data: dict[str, Any]
    gone: datetime | None = None

    def seen(self, until: datetime) -> bool:
        """Whether Oura has it at that instant."""
        return self.visible <= until and (self.gone is None or until < self.gone)


def local(instant: datetime) -> str:
    """A date-time with its own offset, to the second."""
    return instant.isoformat(timespec="seconds")


def samples(start: datetime, interval: float, items: object) -> dict[str, Any]:
    """Oura's sample object."""
    return {
        "interval": interval,
        "items": items,
        "timestamp": start.isoformat(timespec="milliseconds"),
    }
