"""What is traced while the service works; without traces, nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, Protocol

from mcp.server.context import ServerMiddleware

if TYPE_CHECKING:
    from sqlalchemy import Engine


class OuraRequest:
    """One request to Oura.

    Attributes:
        collection: The collection that is asked.
        status: The HTTP status of the response; ``none`` until there is one.
    """

    __slots__ = ("collection", "status")

    def __init__(self, collection: str) -> None:
        self.collection = collection
        self.status = "none"


class Tracing(Protocol):
    """Records spans; none holds a value, a query, or a word about a person."""

    @property
    def middleware(self) -> Sequence[ServerMiddleware[Any]]:
        """What the MCP server runs around each request."""

    def oura_request(self, request: OuraRequest) -> AbstractContextManager[None]:
        """Record a request to Oura that is sent inside the block."""

    def trace_statements(self, engine: Engine, tables: Iterable[str]) -> None:
        """Record the statements of a database, by the name of their table."""

    async def close(self) -> None:
        """Send what has been recorded."""


class NoTracing:
    """Records nothing: traces are off."""

    middleware: Sequence[ServerMiddleware[Any]] = ()

    def oura_request(self, request: OuraRequest) -> AbstractContextManager[None]:  # noqa: ARG002 - of the protocol
        """Record nothing."""
        return nullcontext()

    def trace_statements(self, engine: Engine, tables: Iterable[str]) -> None:
        """Record nothing."""

    async def close(self) -> None:
        """Have nothing to send."""
