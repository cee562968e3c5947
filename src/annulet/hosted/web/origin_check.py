"""Middleware that refuses forms of other sites, by what the browser says about their origin.

The token inside each form is checked as well, where the form is read.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from annulet.hosted.web.paths import is_program_path

_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class OriginCheck:
    """Refuses unsafe requests of another origin with 403.

    Args:
        app: The application behind this middleware.
        public_url: The address of the service.
    """

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self._app = app
        parts = urlsplit(public_url)
        self._origin = f"{parts.scheme}://{parts.netloc}".casefold()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check the origin of a request."""
        is_foreign_form = (
            scope["type"] == "http"
            and scope["method"] not in _SAFE_METHODS
            and not is_program_path(scope["path"])
            and self._is_foreign(Headers(scope=scope))
        )
        if is_foreign_form:
            response = PlainTextResponse("This form was sent by another site.", status_code=403)
            await response(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_foreign(self, headers: Headers) -> bool:
        site = headers.get("sec-fetch-site")
        if site is not None and site not in {"same-origin", "none"}:
            return True
        origin = headers.get("origin")
        return origin is not None and origin.casefold() != self._origin
