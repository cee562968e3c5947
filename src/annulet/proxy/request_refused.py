"""The response to a request that is not forwarded; it repeats no part of the request."""

from __future__ import annotations

import json
from http import HTTPStatus


class RequestRefused(Exception):
    """A request that is not forwarded.

    Args:
        status: The HTTP status of the response.
        code: A word for programs.
        message: One sentence that says what happened; never holds a part of the request.
        hint: One sentence that says what to do next.
        retry_after_s: Seconds to wait, where waiting helps.
        close: Whether the connection ends with this response.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        hint: str,
        retry_after_s: int | None = None,
        close: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.hint = hint
        self.retry_after_s = retry_after_s
        self.close = close

    @property
    def body(self) -> bytes:
        """The body as JSON."""
        error = {"code": self.code, "message": self.message, "hint": self.hint}
        return json.dumps({"error": error}, separators=(",", ":")).encode()

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """The headers of the response."""
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(self.body)).encode()),
            (b"cache-control", b"no-store"),
        ]
        if self.status == HTTPStatus.METHOD_NOT_ALLOWED:  # RFC 9110: it must name what is allowed
            headers.append((b"allow", b"GET"))
        if self.retry_after_s is not None:
            headers.append((b"retry-after", str(self.retry_after_s).encode()))
        if self.close:
            headers.append((b"connection", b"close"))
        return headers
