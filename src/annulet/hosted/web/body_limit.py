"""Middleware that refuses large bodies, whether their length is announced or not."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["BodyLimit"]


class BodyLimit:
    """Refuses bodies above a limit with 413.

    Args:
        app: The application behind this middleware.
        limit: The limit in bytes.
        limits_by_path: Limits in bytes of paths that begin like this.
    """

    def __init__(
        self, app: ASGIApp, limit: int, limits_by_path: Iterable[tuple[str, int]] = ()
    ) -> None:
        self._app = app
        self._limit = limit
        self._limits_by_path = tuple(limits_by_path)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the bytes of a body while it is read."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        limit = next(
            (limit for prefix, limit in self._limits_by_path if path.startswith(prefix)),
            self._limit,
        )
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdigit() or int(announced) > limit:
            await _refuse(scope, receive, send)
            return
        received_bytes, has_answered = 0, False

        async def receive_counted() -> Message:
            nonlocal received_bytes
            message = await receive()
            received_bytes += len(message.get("body", b""))
            if received_bytes > limit:
                raise _BodyTooLargeError
            return message

        async def send_noted(message: Message) -> None:
            nonlocal has_answered
            has_answered = True
            await send(message)

        try:
            await self._app(scope, receive_counted, send_noted)
        except _BodyTooLargeError:
            if not has_answered:
                await _refuse(scope, receive, send)


class _BodyTooLargeError(Exception):
    """The body is longer than the limit."""


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("The request is too large.", status_code=413)(scope, receive, send)
