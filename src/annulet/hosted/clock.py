"""The service's clock, and the conversion between instants and the seconds of the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the present as an aware instant. The caller that starts the service passes it in."""


def to_epoch_s(moment: datetime) -> int:
    """Convert an instant to whole seconds since 1970, the only form the database keeps."""
    return int(moment.timestamp())


def from_epoch_s(stored: int) -> datetime:
    """Convert seconds since 1970 to an aware instant in UTC."""
    return datetime.fromtimestamp(stored, UTC)
