"""Responses of the simulated cloud, and the exact bodies of its errors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from annulet.simulator.options import Options


class RequestError(Exception):
    """A request that is answered with an error.

    Args:
        status: The HTTP status.
        body: The members of the JSON body; ``None`` for an empty body.
        title: The title of the RFC 7807 form; ``None`` if there is no such form.
        headers: Further headers.
    """

    def __init__(
        self,
        status: int,
        body: Mapping[str, object] | None,
        title: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body
        self.title = title
        self.headers = headers or {}

    def to_response(self, *, problem: bool) -> Response:
        """Return the response; with ``problem`` in the RFC 7807 form."""
        if self.body is None:
            return Response(b"", self.status, self.headers)
        has_title = problem and self.title is not None
        extra = {"status": self.status, "title": self.title} if has_title else {}
        return json_response({**extra, **self.body}, self.status, self.headers)


class ApiError(RequestError):
    """A request that the data API refuses: a sentence, or the list of a validation error."""

    def __init__(
        self,
        status: int,
        detail: str | Sequence[Mapping[str, object]],
        headers: dict[str, str] | None = None,
        *,
        has_body: bool = True,
    ) -> None:
        title = HTTPStatus(status).phrase if isinstance(detail, str) else None
        super().__init__(status, {"detail": detail} if has_body else None, title, headers)


def route(
    path: str,
    endpoint: Callable[[Request], Awaitable[Response]],
    options: Options | None = None,
    methods: Sequence[str] = ("GET",),
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
