"""Cookies: locked to this host; without prefix and ``Secure`` only on plain-http loopback."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

__all__ = ["Cookies"]

_PREFIX: Final = "__Host-"


@dataclass(frozen=True, slots=True)
class Cookies:
    """The names and attributes of our two cookies.

    Attributes:
        secure: Whether the public address is https.
    """

    secure: bool

    @property
    def session(self) -> str:
        """The cookie of a signed-in browser."""
        return f"{_PREFIX}annulet" if self.secure else "annulet"

    @property
    def visit(self) -> str:
        """The cookie of a visitor; ties forms before sign-in to one browser."""
        return f"{_PREFIX}annulet-visit" if self.secure else "annulet-visit"

    def read(self, request: Request, name: str) -> str:
        """The value of one of ours, empty when there is none."""
        return request.cookies.get(name, "")

    def give(self, response: Response, name: str, value: str, *, lifetime: int | None) -> None:
        """Set one of ours."""
        response.set_cookie(
            name,
            value,
            max_age=lifetime,
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="lax",
        )

    def take(self, response: Response, name: str) -> None:
        """Remove one of ours."""
        response.delete_cookie(name, path="/", secure=self.secure, httponly=True, samesite="lax")
