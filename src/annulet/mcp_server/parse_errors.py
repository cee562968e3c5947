"""Lines that are not JSON-RPC get an error instead of silence."""

from __future__ import annotations

import json
from typing import Any, Self

import mcp_types as types
from mcp.shared._stream_protocols import ReadStream, WriteStream
from mcp.shared.message import SessionMessage
from pydantic import ValidationError

__all__ = ["AnsweringStream"]


class AnsweringStream:
    """A read stream that answers unreadable lines itself and hands on the rest.

    Args:
        read: What arrives, unreadable lines as exceptions.
        write: Where the errors go.
    """

    def __init__(
        self,
        read: ReadStream[SessionMessage | Exception],
        write: WriteStream[SessionMessage],
    ) -> None:
        self._read = read
        self._write = write

    @property
    def last_context(self) -> Any:
        """The sender's context, where the stream keeps one."""
        return getattr(self._read, "last_context", None)

    async def receive(self) -> SessionMessage | Exception:
        """The next message that can be read."""
        while True:
            item = await self._read.receive()
            if not isinstance(item, Exception):
                return item
            error = _error_for(item)
            if error is not None:
                await self._write.send(SessionMessage(error))

    async def aclose(self) -> None:
        """Close the stream behind."""
        await self._read.aclose()

    def __aiter__(self) -> AnsweringStream:
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        import anyio

        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


def _error_for(problem: Exception) -> types.JSONRPCError | None:
    """The JSON-RPC error for a line; nothing for an empty line."""
    line = problem.errors()[0]["input"] if isinstance(problem, ValidationError) else None
    if isinstance(line, str) and not line.strip():
        return None
    if not isinstance(line, str):
        return _error(types.INVALID_REQUEST, "This is not a JSON-RPC message.", _id_of(line))
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return _error(types.PARSE_ERROR, "This line is not JSON.", None)
    return _error(types.INVALID_REQUEST, "This is not a JSON-RPC message.", None)


def _id_of(body: Any) -> str | int | None:
    found = body.get("id") if isinstance(body, dict) else None
    return found if isinstance(found, str | int) and not isinstance(found, bool) else None


def _error(code: int, message: str, request_id: str | int | None) -> types.JSONRPCError:
    return types.JSONRPCError(
        jsonrpc="2.0", id=request_id, error=types.ErrorData(code=code, message=message)
    )
