"""Middleware that refuses requests beyond a number at once; probes are always answered."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from annulet.hosted.observability.work_record import note
from annulet.hosted.web.paths import PROBES

_RETRY_AFTER_S: Final = "2"
_TOO_SLOW: Final = "The service is busy, and the rest of this request did not come. Send it again."


class ConcurrencyLimit:
    """Refuses with 503 and ``Retry-After``, so that memory stays bounded under load.

    A request whose body has not come gives its place up to a new one: clients that send half of a
    body and wait would otherwise keep everyone out for as long as a body may take.

    Args:
        app: The application behind this middleware.
        limit: How many requests are answered at once.
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit
        self._in_progress = 0
        self._unfinished: dict[_UnfinishedBody, None] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count a request while it is answered."""
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self._app(scope, receive, send)
            return
        if self._in_progress >= self._limit and not self._make_room():
            note(refusal="requests")
            response = PlainTextResponse(
                "The service is busy.", status_code=503, headers={"retry-after": _RETRY_AFTER_S}
            )
            await response(scope, receive, send)
            return
        body = _UnfinishedBody(receive, self._unfinished)
        self._in_progress += 1
        try:
            await self._app(scope, body, send)
        finally:
            self._unfinished.pop(body, None)
            if not body.is_given_up:
                self._in_progress -= 1

    def _make_room(self) -> bool:
        """Give up the request that waits longest for the rest of its body; tell if there is one."""
        body = next(iter(self._unfinished), None)
        if body is None:
            return False
        del self._unfinished[body]
        body.give_up()
        self._in_progress -= 1
        return True


class _UnfinishedBody:
    """The body of one request, which is listed while the application waits for it.

    Attributes:
        is_given_up: Whether another request has got the place of this one.
    """

    def __init__(self, receive: Receive, unfinished: dict[_UnfinishedBody, None]) -> None:
        self.is_given_up = False
        self._receive = receive
        self._unfinished = unfinished
        self._is_whole = False
        self._waiting: asyncio.Timeout | None = None

    async def __call__(self) -> Message:
        if self._is_whole:
            return await self._receive()
        if not self.is_given_up:
            self._unfinished.setdefault(self)
            try:
                async with asyncio.timeout(None) as self._waiting:
                    message = await self._receive()
            except TimeoutError:
                if not self.is_given_up:
                    raise
            else:
                self._waiting = None
                if message["type"] != "http.request" or not message.get("more_body", False):
                    self._is_whole = True
                    self._unfinished.pop(self, None)
                return message
        raise HTTPException(408, _TOO_SLOW)

    def give_up(self) -> None:
        """Let the application wait no longer."""
        self.is_given_up = True
        if self._waiting is not None:
            self._waiting.reschedule(asyncio.get_running_loop().time())
