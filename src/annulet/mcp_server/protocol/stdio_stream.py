"""The two streams of the stdio server, with answers for what the bare transport ignores.

A line that is not JSON-RPC gets an error instead of silence, and when the client stops writing,
the questions it has already asked are still answered: ``printf '…' | annulet mcp`` works.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Sequence
from typing import Final

import anyio
import mcp_types as types
from mcp.shared._stream_protocols import WriteStream
from mcp.shared.message import SessionMessage

from annulet.mcp_server.protocol.json_rpc import build_error, read_message
from annulet.mcp_server.protocol.stdio_lines import MAX_LINE_BYTES, OVERLONG

_LAST_ANSWERS_TIMEOUT_S: Final = 10.0
_SUBSCRIPTION: Final = "subscriptions/listen"
"""The one request whose answer has no end."""
_LIMIT: Final = f"A message may have {MAX_LINE_BYTES // 2**20} MB at most."
_CANCELLED: Final = "notifications/cancelled"


class StdioStreams:
    """Both streams of one client.

    Args:
        lines: What arrives.
        write: What leaves.
    """

    def __init__(self, lines: AsyncIterable[str], write: WriteStream[SessionMessage]) -> None:
        self._lines = lines
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
        async for line in self._lines:
            if line.strip() and (message := await self._accept(line)):
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

    async def _accept(self, line: str) -> SessionMessage | None:
        """Note a request that now waits for an answer, or no longer does."""
        if line == OVERLONG:
            item: SessionMessage | types.JSONRPCError = build_error(types.INVALID_REQUEST, _LIMIT)
        else:
            item = read_message(line)
        if isinstance(item, types.JSONRPCError):
            await self._write.send(SessionMessage(item))
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
