"""A response that is sent only while the bearer that asked may still have it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from annulet.errors import DatabaseUnavailable
from annulet.hosted.authorization.access_grant import AccessGrant
from annulet.hosted.observability.work_record import note

_CHECKED_FOR_S: Final = 0.2


class CheckedResponse:
    """Sends the messages of a response, or another response in place of all.

    The start waits for the first bytes, which come after the server has observed the request. An
    answer may take seconds, and access may end meanwhile: bytes that come more than 0.2 s after the
    last look-up wait for another one. A response that has begun can only be cut off.

    Args:
        bearer: What was looked up when the request came.
        find_bearer: Looks the same bearer up again.
        replace: Returns a response to send in place of this one, if there is a reason by now.
    """

    def __init__(
        self,
        bearer: AccessGrant,
        find_bearer: Callable[[], Awaitable[AccessGrant | None]],
        replace: Callable[[], ASGIApp | None],
        *,
        asgi: tuple[Scope, Receive, Send],
    ) -> None:
        self._bearer = bearer
        self._find_bearer = find_bearer
        self._replace = replace
        self._scope, self._receive, self._send = asgi
        self._checked_at = time.monotonic()
        self._start: Message | None = None
        self._is_ended = False

    async def __call__(self, message: Message) -> None:
        """Send one message of the response."""
        if self._is_ended:
            return
        if message["type"] == "http.response.start":
            self._start = message
            return
        replacement = await self._find_replacement()
        if replacement is not None:
            self._is_ended = True
            if self._start is None:
                await self._send({"type": "http.response.body", "body": b"", "more_body": False})
            else:
                await replacement(self._scope, self._receive, self._send)
            return
        if self._start is not None:
            start, self._start = self._start, None
            await self._send(start)
        await self._send(message)

    async def _find_replacement(self) -> ASGIApp | None:
        if time.monotonic() - self._checked_at > _CHECKED_FOR_S:
            try:
                bearer = await self._find_bearer()
            except DatabaseUnavailable as error:
                # whether access has ended cannot be known, so the answer must not be sent
                return _unavailable(error)
            self._checked_at = time.monotonic()
            if bearer is None or bearer.access != self._bearer.access:
                return _access_changed()
        return self._replace() if self._start is not None else None


def _unavailable(error: DatabaseUnavailable) -> JSONResponse:
    note(refusal="database")
    body = {"error": error.code, "message": str(error)}
    return JSONResponse(body, status_code=503, headers={"retry-after": "5"})


def _access_changed() -> JSONResponse:
    """Build the answer that asks the client to ask again, which then says what has changed."""
    note(refusal="access_changed")
    body = {
        "error": "access_changed",
        "error_description": "Access was changed while this question was answered. Ask again.",
    }
    return JSONResponse(body, status_code=503, headers={"retry-after": "1"})
