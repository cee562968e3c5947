"""Middleware that refuses large bodies, whether their length is announced or not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_MAX_DIGITS: Final = 12


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
        is_number = announced.isascii() and announced.isdigit() and len(announced) <= _MAX_DIGITS
        if not is_number or int(announced) > limit:
            await _refuse(scope, receive, send)
            return
        received_bytes, is_refused, has_answered = 0, False, False

        async def receive_counted() -> Message:
            nonlocal received_bytes, is_refused
            message = await receive()
            received_bytes += len(message.get("body", b""))
            if received_bytes > limit:
                is_refused = True
                raise HTTPException(413, "The request is too large.")
            return message

        async def send_or_refuse(message: Message) -> None:
            nonlocal has_answered
            if is_refused and not has_answered:
                # whatever the application makes of the exception, the client reads the reason
                has_answered = True
                await _refuse(scope, receive, send)
            elif not is_refused:
                has_answered = True
                await send(message)

        await self._app(scope, receive_counted, send_or_refuse)


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("The request is too large.", status_code=413)(scope, receive, send)
