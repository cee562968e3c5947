"""The clock as the service's rooms receive it, and instants as the database keeps them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

__all__ = ["Clock", "from_epoch_s", "to_epoch_s"]

Clock = Callable[[], datetime]
"""Returns an aware instant; whoever starts the service hands it in."""


def to_epoch_s(moment: datetime) -> int:
    """An instant as whole seconds since 1970, the only form the database keeps."""
    return int(moment.timestamp())


def from_epoch_s(stored: int) -> datetime:
    """A stored number of seconds as an aware instant."""
    return datetime.fromtimestamp(stored, UTC)
