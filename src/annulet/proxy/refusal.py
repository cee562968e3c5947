"""What the proxy answers when it does not forward: one shape, our own words, nothing echoed."""

from __future__ import annotations

import json

__all__ = ["Refusal"]


class Refusal(Exception):  # noqa: N818 - it reads as the answer it becomes
    """A request that is not forwarded.

    Args:
        status: The HTTP status of the answer.
        code: A word for programs.
        message: One sentence that says what happened; never holds a part of the request.
        hint: One sentence that says what to do next.
        retry_after: Seconds to wait, where waiting helps.
        close: Whether the connection ends with this answer.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        hint: str,
        retry_after: int | None = None,
        close: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.hint = hint
        self.retry_after = retry_after
        self.close = close

    @property
    def body(self) -> bytes:
        """The answer as JSON."""
        error = {"code": self.code, "message": self.message, "hint": self.hint}
        return json.dumps({"error": error}, separators=(",", ":")).encode()

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """The headers that belong to the answer."""
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(self.body)).encode()),
            (b"cache-control", b"no-store"),
        ]
        if self.status == 405:  # noqa: PLR2004 - the one status that must say what is allowed
            headers.append((b"allow", b"GET"))
        if self.retry_after is not None:
            headers.append((b"retry-after", str(self.retry_after).encode()))
        if self.close:
            headers.append((b"connection", b"close"))
        return headers
