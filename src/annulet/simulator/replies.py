"""Answers of the simulated cloud and the exact shapes of its errors."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from starlette.responses import Response

__all__ = ["Refused", "json_reply", "page_reply", "refusal"]

_TITLES: Final = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    422: "Unprocessable Entity",
    429: "Too Many Requests",
}


class Refused(Exception):  # noqa: N818 - an answer, not an accident
    """A request the data API refuses.

    Args:
        status: The HTTP status.
        detail: A sentence, or the list of a validation failure.
        headers: Further headers.
        empty: Whether the body is left out.
    """

    def __init__(
        self,
        status: int,
        detail: str | list[dict[str, Any]],
        *,
        headers: dict[str, str] | None = None,
        empty: bool = False,
    ) -> None:
        super().__init__(status)
        self.status = status
        self.detail = detail
        self.headers = headers or {}
        self.empty = empty


def json_reply(data: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(
        msgspec.json.encode(data),
        status,
        {"cache-control": "no-cache", **(headers or {})},
        "application/json",
    )


def refusal(error: Refused, *, problem: bool) -> Response:
    """The answer to a refused request: a bare ``detail`` or an RFC 7807 object."""
    if error.empty:
        return Response(b"", error.status, error.headers)
    body: dict[str, Any] = {"detail": error.detail}
    if problem and isinstance(error.detail, str):
        title = _TITLES.get(error.status, "Error")
        body = {"status": error.status, "title": title, "detail": error.detail}
    return json_reply(body, error.status, error.headers)


def page_reply(html: str, status: int = 200) -> Response:
    """An HTML answer."""
    return Response(html, status, {"cache-control": "no-store"}, "text/html; charset=utf-8")
