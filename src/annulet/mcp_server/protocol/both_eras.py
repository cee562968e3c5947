"""Serves both protocol eras on one pair of streams, each message in the era it is written in.

The SDK lets the first request decide, and refuses the other era for good. A client that probes with
``server/discover`` and then sends ``initialize`` would be lost.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Callable, Mapping
from typing import Final, Self

import anyio
import mcp_types as types
from anyio.abc import TaskGroup
from anyio.streams.memory import MemoryObjectSendStream
from mcp.shared.message import SessionMessage

from annulet.mcp_server.request_person import McpServer

REPLAYED: Final = "annulet: replayed"
"""The id of a request whose reply the client already has."""
_Send = Callable[[SessionMessage], Awaitable[None]]
_EraStream = MemoryObjectSendStream[SessionMessage | Exception]


async def serve_both_eras(
    server: McpServer, messages: AsyncIterable[SessionMessage], send: _Send
) -> None:
    """Serve until the client stops writing.

    Args:
        server: The server; it keeps no state, so that both eras share it.
        messages: What arrives.
        send: Writes one message to the client.
    """
    async with anyio.create_task_group() as tasks:
        older, newer = (_start_era(server, send, tasks) for _ in range(2))
        async with older, newer:
            async for item in messages:
                if isinstance(item.message, types.JSONRPCRequest):
                    await (newer if _is_newer(item.message) else older).send(item)
                else:
                    # What is cancelled may belong to either; an unknown id is ignored.
                    await older.send(item)
                    await newer.send(item)


def _is_newer(request: types.JSONRPCRequest) -> bool:
    """Whether a request names its revision itself, which the handshake never does."""
    meta = (request.params or {}).get("_meta")
    is_enveloped = isinstance(meta, Mapping) and types.PROTOCOL_VERSION_META_KEY in meta
    return is_enveloped and request.method != "initialize"


def _start_era(server: McpServer, send: _Send, tasks: TaskGroup) -> _EraStream:
    """Start a loop of the SDK, which is of the era of the first request it gets."""
    requests, arriving = anyio.create_memory_object_stream[SessionMessage | Exception]()
    options = server.create_initialization_options()
    tasks.start_soon(server.run, arriving, _EraWriter(send), options)
    return requests


class _EraWriter:
    """Leaves the client's stream open for the other era, and drops replies to what was replayed."""

    def __init__(self, send: _Send) -> None:
        self._send = send

    async def send(self, item: SessionMessage, /) -> None:
        """Write one message."""
        if getattr(item.message, "id", None) != REPLAYED:
            await self._send(item)

    async def aclose(self) -> None:
        """Leave the stream open."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()
