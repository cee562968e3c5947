"""The two streams of a stdio server, with better manners than the bare transport.

A line that is not JSON-RPC gets an error instead of silence, and when the client stops writing,
the questions it has already asked are still answered: ``printf '…' | annulet mcp`` works.
"""

from __future__ import annotations

import json
from typing import Any, Final, Self

import anyio
import mcp_types as types
from mcp.shared._stream_protocols import ReadStream, WriteStream
from mcp.shared.message import SessionMessage
from pydantic import ValidationError

__all__ = ["Conversation"]

_LAST_ANSWERS_S: Final = 10.0
_ENDLESS: Final = "subscriptions/listen"
_CANCELLED: Final = "notifications/cancelled"


class Conversation:
    """Both streams of one client; `read` and `write` go to the server.

    Attributes:
        begun: Set when the first message has been answered.

    Args:
        read: What arrives, unreadable lines as exceptions.
        write: What leaves.
    """

    def __init__(
        self,
        read: ReadStream[SessionMessage | Exception],
        write: WriteStream[SessionMessage],
    ) -> None:
        self._open: set[str | int] = set()
        self._settled = anyio.Event()
        self.begun = anyio.Event()
        self.write = _Writing(write, self)
        self.read = _Reading(read, self)

    def asked(self, item: SessionMessage) -> None:
        """Note what now waits for an answer."""
        message = item.message
        if isinstance(message, types.JSONRPCRequest) and message.method != _ENDLESS:
            self._open.add(message.id)
        elif isinstance(message, types.JSONRPCNotification) and message.method == _CANCELLED:
            self._settle((message.params or {}).get("requestId"))

    def told(self, item: SessionMessage) -> None:
        """Note what has been answered."""
        if isinstance(item.message, types.JSONRPCResponse | types.JSONRPCError):
            self._settle(item.message.id)
            self.begun.set()

    async def last_answers(self) -> None:
        """Wait until nothing waits for an answer, but not for ever."""
        with anyio.move_on_after(_LAST_ANSWERS_S):
            while self._open:
                self._settled = anyio.Event()
                await self._settled.wait()

    def _settle(self, request_id: Any) -> None:
        if isinstance(request_id, str | int):
            self._open.discard(request_id)
        self._settled.set()


class _Stream:
    """What both directions share."""

    def __init__(self, inner: Any, conversation: Conversation) -> None:
        self._inner = inner
        self._conversation = conversation

    @property
    def last_context(self) -> Any:
        """The sender's context, where the stream keeps one."""
        return getattr(self._inner, "last_context", None)

    async def aclose(self) -> None:
        """Close the stream behind."""
        await self._inner.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


class _Writing(_Stream):
    async def send(self, item: SessionMessage, /) -> None:
        """Write one message."""
        await self._inner.send(item)
        self._conversation.told(item)


class _Reading(_Stream):
    async def receive(self) -> SessionMessage | Exception:
        """The next message that can be read."""
        while True:
            try:
                item = await self._inner.receive()
            except anyio.EndOfStream:
                await self._conversation.last_answers()
                raise
            if isinstance(item, SessionMessage):
                self._conversation.asked(item)
                return item
            error = _error_for(item)
            if error is not None:
                await self._conversation.write.send(SessionMessage(error))

    def __aiter__(self) -> _Reading:
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None


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
