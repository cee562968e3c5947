"""The two streams of the stdio server, with answers for what the bare transport ignores.

A line that is not JSON-RPC gets an error instead of silence, and when the client stops writing,
the questions it has already asked are still answered: ``printf '…' | annulet mcp`` works.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from typing import Final

import anyio
import mcp_types as types
from mcp.shared._stream_protocols import ReadStream, WriteStream
from mcp.shared.message import SessionMessage
from pydantic import ValidationError

from annulet.mcp_server.protocol.stdio_lines import MAX_LINE_BYTES, OVERLONG

_LAST_ANSWERS_TIMEOUT_S: Final = 10.0
_SUBSCRIPTION: Final = "subscriptions/listen"
"""The one request whose answer has no end."""
_CANCELLED: Final = "notifications/cancelled"


class StdioStreams:
    """Both streams of one client.

    Args:
        read: What arrives, unreadable lines as exceptions.
        write: What leaves.
    """

    def __init__(
        self,
        read: ReadStream[SessionMessage | Exception],
        write: WriteStream[SessionMessage],
    ) -> None:
        self._read = read
        self._write = write
        self._unanswered: set[str | int] = set()
        self._answered = anyio.Event()

    async def messages(self, first: Sequence[SessionMessage] = ()) -> AsyncIterator[SessionMessage]:
        """Return each message that can be read; end when all that were asked are answered.

        Args:
            first: What had arrived before, for the server alone.
        """
        for known in first:
            yield known
        async for item in self._read:
            if message := await self._accept(item):
                yield message
        with anyio.move_on_after(_LAST_ANSWERS_TIMEOUT_S):
            while self._unanswered:
                self._answered = anyio.Event()
                await self._answered.wait()

    async def send(self, item: SessionMessage) -> None:
        """Write one message."""
        await self._write.send(item)
        if isinstance(item.message, types.JSONRPCResponse | types.JSONRPCError):
            self._forget(item.message.id)

    async def _accept(self, item: SessionMessage | Exception) -> SessionMessage | None:
        """Note a request that now waits for an answer, or no longer does."""
        if isinstance(item, Exception):
            error = _build_error(item)
            if error is not None:
                await self._write.send(SessionMessage(error))
            return None
        message = item.message
        if isinstance(message, types.JSONRPCRequest) and message.method != _SUBSCRIPTION:
            self._unanswered.add(message.id)
        elif isinstance(message, types.JSONRPCNotification) and message.method == _CANCELLED:
            self._forget((message.params or {}).get("requestId"))
        return item

    def _forget(self, request_id: object) -> None:
        if isinstance(request_id, str | int):
            self._unanswered.discard(request_id)
        self._answered.set()


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
