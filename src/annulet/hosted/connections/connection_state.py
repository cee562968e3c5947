"""The state of a connection that every request brings, so that every replica knows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from annulet.hosted.database import tables

_c = tables.connections.c


class DataVersion(NamedTuple):
    """Changes whenever Oura may answer differently for another reason than new data.

    Attributes:
        generation: Grows with every consent, renewal and disconnection.
        needs_reconnect: Why only a new consent helps; empty while it is not needed.
    """

    generation: int
    needs_reconnect: str


@dataclass(frozen=True, slots=True)
class ConnectionState:
    """What a request has to know about the connection of its person.

    Attributes:
        generation: 0 where there was never a connection.
        needs_reconnect: Why only a new consent helps; empty while it is not needed.
        connected_at: When consent was given; ``None`` where there is no connection.
        data_at: When Oura last sent an event about new data.
        last_error: The code of the last failure towards Oura.
        last_error_at: When that was.
    """

    generation: int = 0
    needs_reconnect: str = ""
    connected_at: int | None = None
    data_at: int | None = None
    last_error: str = ""
    last_error_at: int | None = None

    @property
    def version(self) -> DataVersion:
        """What the context of the person must be dropped for."""
        return DataVersion(self.generation, self.needs_reconnect)


CONNECTION_COLUMNS: Final = tuple(_c[name] for name in ConnectionState.__dataclass_fields__)


def read_connection(values: Sequence[Any]) -> ConnectionState:
    """Read the state from the values of `CONNECTION_COLUMNS`, all ``None`` without a row."""
    generation, needs_reconnect, connected_at, data_at, last_error, last_error_at = values
    return ConnectionState(
        generation or 0,
        needs_reconnect or "",
        connected_at,
        data_at,
        last_error or "",
        last_error_at,
    )
