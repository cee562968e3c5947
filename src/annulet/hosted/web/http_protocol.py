"""The HTTP protocol of the server: slow or idle clients cannot use up its connections.

uvicorn limits the time between two requests, but neither the time a request head takes nor the
number of connections. A thousand half-sent requests would leave no file descriptor for others.
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

_HEAD_TIMEOUT_S: Final = 10
_BODY_TIMEOUT_S: Final = 60
"""The largest body is 1 MiB, so a slower client sends less than 18 kB a second."""


def build_http_protocol(max_connections: int) -> type[H11Protocol]:
    """Build the protocol class of one server.

    Args:
        max_connections: Beyond this number the connection that waits longest for its client,
            for a request or for the rest of a body, is closed.
    """

    class ServerProtocol(_LimitedHttpProtocol):
        waiting: ClassVar[dict[_LimitedHttpProtocol, None]] = {}
        limit: ClassVar[int] = max_connections

    return ServerProtocol


class _LimitedHttpProtocol(H11Protocol):
    """Closes connections whose request does not arrive in time.

    Attributes:
        waiting: The connections whose client has to send something, a request or the rest of a
            body, in the order in which they began to wait.
        limit: How many connections may be open.
    """

    waiting: ClassVar[dict[_LimitedHttpProtocol, None]]
    limit: ClassVar[int]

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._deadline: asyncio.TimerHandle | None = None
        self._is_in_body = False

    def connection_made(  # type: ignore[override] # uvicorn narrows it in the same way
        self, transport: asyncio.Transport
    ) -> None:
        """Begin to wait for the head of the first request."""
        super().connection_made(transport)
        self.waiting[self] = None
        self._set_deadline(_HEAD_TIMEOUT_S)
        if len(self.connections) > self.limit:
            next(iter(self.waiting)).close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._clear_deadline()
        self.waiting.pop(self, None)
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Read what has arrived, and set the deadline of what has not."""
        super().handle_events()
        is_idle = self.conn.their_state is h11.IDLE
        is_in_body = self.conn.their_state is h11.SEND_BODY
        if is_in_body and not self._is_in_body:
            self._set_deadline(_BODY_TIMEOUT_S)
        elif is_idle and self._deadline is None and self.conn.trailing_data[0]:
            self._set_deadline(_HEAD_TIMEOUT_S)
        elif not is_idle and not is_in_body:
            self._clear_deadline()
        self._is_in_body = is_in_body
        if is_idle or is_in_body:
            self.waiting.setdefault(self)
        else:
            self.waiting.pop(self, None)

    def on_response_complete(self) -> None:
        """Begin to wait for the next request."""
        super().on_response_complete()
        if self.conn.their_state is h11.IDLE:
            self.waiting.setdefault(self)

    def close(self) -> None:
        """Close the connection without an answer."""
        self.waiting.pop(self, None)
        # not close(): it would wait for a client that does not read
        self.transport.abort()

    def _set_deadline(self, seconds: float) -> None:
        self._clear_deadline()
        self._deadline = self.loop.call_later(seconds, self.close)

    def _clear_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
