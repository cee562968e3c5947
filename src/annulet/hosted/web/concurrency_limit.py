"""Middleware that refuses requests beyond a number at once; probes are always answered."""

from __future__ import annotations

from typing import Final

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from annulet.hosted.observability.work_record import note
from annulet.hosted.web.paths import PROBES

_RETRY_AFTER_S: Final = "2"


class ConcurrencyLimit:
    """Refuses with 503 and ``Retry-After``, so that memory stays bounded under load.

    Args:
        app: The application behind this middleware.
        limit: How many requests are answered at once.
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit
        self._in_progress = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count a request while it is answered."""
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self._app(scope, receive, send)
            return
        if self._in_progress >= self._limit:
            note(refusal="requests")
            response = PlainTextResponse(
                "The service is busy.", status_code=503, headers={"retry-after": _RETRY_AFTER_S}
            )
            await response(scope, receive, send)
            return
        self._in_progress += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._in_progress -= 1
