"""The two streams of the stdio server, with answers for what the bare transport ignores.

A line that is not JSON-RPC gets an error instead of silence, and when the client stops writing,
the questions it has already asked are still answered: ``printf '…' | annulet mcp`` works.
"""

from __future__ import annotations

import json
from typing import Final, Self

import anyio
import mcp_types as types
from mcp.shared._stream_protocols import ReadStream, WriteStream
from mcp.shared.message import SessionMessage
from pydantic import ValidationError

from annulet.mcp_server.protocol.stdio_lines import MAX_LINE_BYTES, OVERLONG

__all__ = ["StdioStreams"]

_LAST_ANSWERS_TIMEOUT_S: Final = 10.0
_SUBSCRIPTION: Final = "subscriptions/listen"
"""The one request whose answer has no end."""
_CANCELLED: Final = "notifications/cancelled"


class StdioStreams:
    """Both streams of one client; `read` and `write` go to the server.

    Attributes:
        first_answer: Set when the first message has been answered.

    Args:
        read: What arrives, unreadable lines as exceptions.
        write: What leaves.
    """

    def __init__(
        self,
        read: ReadStream[SessionMessage | Exception],
        write: WriteStream[SessionMessage],
    ) -> None:
        self._unanswered: set[str | int] = set()
        self._answered = anyio.Event()
        self.first_answer = anyio.Event()
        self.write = _Writer(write, self)
        self.read = _Reader(read, self)

    def note_received(self, item: SessionMessage) -> None:
        """Note a request that now waits for an answer, or no longer does."""
        message = item.message
        if isinstance(message, types.JSONRPCRequest) and message.method != _SUBSCRIPTION:
            self._unanswered.add(message.id)
        elif isinstance(message, types.JSONRPCNotification) and message.method == _CANCELLED:
            self._forget((message.params or {}).get("requestId"))

    def note_sent(self, item: SessionMessage) -> None:
        """Note an answer."""
        if isinstance(item.message, types.JSONRPCResponse | types.JSONRPCError):
            self._forget(item.message.id)
            self.first_answer.set()

    async def wait_for_answers(self) -> None:
        """Wait until no request waits for an answer, at most ten seconds."""
        with anyio.move_on_after(_LAST_ANSWERS_TIMEOUT_S):
            while self._unanswered:
                self._answered = anyio.Event()
                await self._answered.wait()

    def _forget(self, request_id: object) -> None:
        if isinstance(request_id, str | int):
            self._unanswered.discard(request_id)
        self._answered.set()


class _Stream:
    """What both directions share."""

    def __init__(
        self,
        inner: ReadStream[SessionMessage | Exception] | WriteStream[SessionMessage],
        streams: StdioStreams,
    ) -> None:
        self._closing = inner
        self._streams = streams

    @property
    def last_context(self) -> object:
        """The sender's context, where the inner stream keeps one."""
        return getattr(self._closing, "last_context", None)

    async def aclose(self) -> None:
        """Close the inner stream."""
        await self._closing.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


class _Writer(_Stream):
    def __init__(self, inner: WriteStream[SessionMessage], streams: StdioStreams) -> None:
        super().__init__(inner, streams)
        self._inner = inner

    async def send(self, item: SessionMessage, /) -> None:
        """Write one message."""
        await self._inner.send(item)
        self._streams.note_sent(item)


class _Reader(_Stream):
    def __init__(
        self, inner: ReadStream[SessionMessage | Exception], streams: StdioStreams
    ) -> None:
        super().__init__(inner, streams)
        self._inner = inner

    async def receive(self) -> SessionMessage | Exception:
        """Return the next message that can be read."""
        while True:
            try:
                item = await self._inner.receive()
            except anyio.EndOfStream:
                await self._streams.wait_for_answers()
                raise
            if isinstance(item, SessionMessage):
                self._streams.note_received(item)
                return item
            error = _build_error(item)
            if error is not None:
                await self._streams.write.send(SessionMessage(error))

    def __aiter__(self) -> _Reader:
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None


def _build_error(problem: Exception) -> types.JSONRPCError | None:
    """Build the JSON-RPC error for a line that is no message; ``None`` for an empty line."""
    line = problem.errors()[0]["input"] if isinstance(problem, ValidationError) else None
    if isinstance(line, str) and not line.strip():
        return None
    if not isinstance(line, str):
        return _error(types.INVALID_REQUEST, "This is not a JSON-RPC message.", _read_id(line))
    if line == OVERLONG:
        limit = f"A message may have {MAX_LINE_BYTES // 2**20} MB at most."
        return _error(types.INVALID_REQUEST, limit, None)
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return _error(types.PARSE_ERROR, "This line is not JSON.", None)
    return _error(types.INVALID_REQUEST, "This is not a JSON-RPC message.", None)


def _read_id(message: object) -> str | int | None:
    request_id = message.get("id") if isinstance(message, dict) else None
    is_id = isinstance(request_id, str | int) and not isinstance(request_id, bool)
    return request_id if is_id else None


def _error(code: int, message: str, request_id: str | int | None) -> types.JSONRPCError:
    return types.JSONRPCError(
        jsonrpc="2.0", id=request_id, error=types.ErrorData(code=code, message=message)
    )
