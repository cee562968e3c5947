"""Responses of the simulated cloud, and the exact bodies of its errors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from annulet.simulator.options import Options

__all__ = ["ApiError", "RequestError", "html_response", "json_response", "route"]

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


class RequestError(Exception, ABC):
    """A request that is answered with an error."""

    @abstractmethod
    def to_response(self, *, problem: bool) -> Response:
        """Return the response; with ``problem`` its body has the members of RFC 7807."""


class ApiError(RequestError):
    """A request that the data API refuses.

    Args:
        status: The HTTP status.
        detail: A sentence, or the list of a validation error.
        headers: Further headers.
        has_body: Whether the response has a body.
    """

    def __init__(
        self,
        status: int,
        detail: str | Sequence[Mapping[str, object]],
        *,
        headers: dict[str, str] | None = None,
        has_body: bool = True,
    ) -> None:
        super().__init__(status)
        self.status = status
        self.detail = detail
        self.headers = headers or {}
        self.has_body = has_body

    def to_response(self, *, problem: bool) -> Response:
        """Return a bare ``detail``, or an RFC 7807 object if the detail is a sentence."""
        if not self.has_body:
            return Response(b"", self.status, self.headers)
        body: dict[str, object] = {"detail": self.detail}
        if problem and isinstance(self.detail, str):
            body = {"status": self.status, "title": _TITLES.get(self.status, "Error"), **body}
        return json_response(body, self.status, self.headers)


def route(
    path: str,
    endpoint: Callable[[Request], Awaitable[Response]],
    methods: Sequence[str] = ("GET",),
    options: Options | None = None,
) -> Route:
    """Return a route that answers a ``RequestError`` in the form the options ask for."""

    async def respond(request: Request) -> Response:
        try:
            return await endpoint(request)
        except RequestError as error:
            return error.to_response(problem=options is not None and options.problem_bodies)

    return Route(path, respond, methods=list(methods))


def json_response(
    data: object, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """Return a JSON response."""
    return Response(
        msgspec.json.encode(data),
        status,
        {"cache-control": "no-cache", **(headers or {})},
        "application/json",
    )


def html_response(html: str, status: int = 200) -> Response:
    """Return an HTML page."""
    return Response(html, status, {"cache-control": "no-store"}, "text/html; charset=utf-8")
