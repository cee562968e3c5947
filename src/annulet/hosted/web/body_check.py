"""Middleware that refuses requests no route can use: large or unfinished bodies, and U+0000."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from annulet.hosted.web.null_characters import NullSearch, has_null_address
from annulet.hosted.web.paths import is_program_path

_MAX_DIGITS: Final = 12
_TOO_LARGE: Final = "The request is too large."
_NULL: Final = "The request contains the character U+0000, which no text may have. Leave it out."
_BROKEN_OFF: Final = "The request broke off before its end."
_CHARSET: Final = "The text of this form is not in UTF-8. Send it in UTF-8."


CLIENT_CLOSED_REQUEST: Final = 499
"""The outcome of a request whose client went away before the answer began, as nginx names it."""


class BodyCheck:
    """Refuses bodies above a limit with 413, and texts with U+0000 with 400.

    A body that breaks off before its end is the outcome 499, which no client reads.

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
        """Check the address and the head, and the body while it is read."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        limit = next(
            (limit for prefix, limit in self._limits_by_path if path.startswith(prefix)),
            self._limit,
        )
        headers = Headers(scope=scope)
        content_type = headers.get("content-type", "")
        problem = _find_problem(scope, headers, content_type, limit)
        if problem is not None:
            await _build_refusal(path, problem)(scope, receive, send)
            return
        body = _CheckedBody(limit, NullSearch(content_type.encode("latin-1")), receive)

        async def send_or_refuse(message: Message) -> None:
            if body.problem is None:
                body.has_answer = True
                await send(message)
            elif not body.has_answer:
                # whatever the application makes of the exception, the client reads the reason
                body.has_answer = True
                await _build_refusal(path, body.problem)(scope, receive, send)

        await self._app(scope, body, send_or_refuse)


class _CheckedBody:
    """The body of one request; what is wrong with it is raised, and noted.

    Attributes:
        problem: What is wrong with what has arrived.
        has_answer: Whether the answer has begun.
    """

    def __init__(self, limit: int, search: NullSearch, receive: Receive) -> None:
        self.problem: HTTPException | None = None
        self.has_answer = False
        self._limit = limit
        self._search = search
        self._receive = receive
        self._received_bytes = 0
        self._is_whole = False

    async def __call__(self) -> Message:
        try:
            message = await self._receive()
        except HTTPException as problem:  # its place was given to another request
            self.problem = problem
            raise
        if message["type"] == "http.disconnect":
            if not self._is_whole and not self.has_answer:
                self.problem = HTTPException(CLIENT_CLOSED_REQUEST, _BROKEN_OFF)
                raise self.problem
            return message
        self._is_whole = not message.get("more_body", False)
        piece = message.get("body", b"")
        self._received_bytes += len(piece)
        if self._received_bytes > self._limit:
            self.problem = HTTPException(413, _TOO_LARGE)
        elif piece and self._search.find(piece):
            self.problem = HTTPException(400, _NULL)
        if self.problem is not None:
            raise self.problem
        return message


def _find_problem(
    scope: Scope, headers: Headers, content_type: str, limit: int
) -> HTTPException | None:
    announced = headers.get("content-length", "0")
    is_number = announced.isascii() and announced.isdigit() and len(announced) <= _MAX_DIGITS
    if not is_number or int(announced) > limit:
        return HTTPException(413, _TOO_LARGE)
    if has_null_address(scope):
        return HTTPException(400, _NULL)
    kind = content_type.lower()
    # Starlette decodes the parts by this name, and UTF-7 could write U+0000 without its byte
    _, _, charset = kind.partition("charset")
    if charset and kind.startswith("multipart/") and charset.strip('= "') != "utf-8":
        return HTTPException(400, _CHARSET)
    return None


def _build_refusal(path: str, problem: HTTPException) -> Response:
    if problem.status_code == HTTPStatus.BAD_REQUEST and is_program_path(path):
        body = {"error": "invalid_request", "error_description": problem.detail}
        return JSONResponse(body, status_code=400)
    return PlainTextResponse(problem.detail, status_code=problem.status_code)
