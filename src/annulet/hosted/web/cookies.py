"""The cookies of the service: bound to this host by the ``__Host-`` prefix and ``Secure``.

On plain-http loopback they have neither, because a browser would refuse them there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

_PREFIX: Final = "__Host-"


@dataclass(frozen=True, slots=True)
class Cookies:
    """The names and attributes of the three cookies.

    Attributes:
        secure: Whether the public address is https.
    """

    secure: bool

    @property
    def session(self) -> str:
        """The name of the cookie of a signed-in browser."""
        return f"{_PREFIX}annulet" if self.secure else "annulet"

    @property
    def visit(self) -> str:
        """The name of the cookie that ties forms before sign-in to one browser."""
        return f"{_PREFIX}annulet-visit" if self.secure else "annulet-visit"

    @property
    def known_browser(self) -> str:
        """The name of the cookie of a browser in which a person has signed in before."""
        return f"{_PREFIX}annulet-known" if self.secure else "annulet-known"

    def read(self, request: Request, name: str) -> str:
        """Read the value of a cookie; empty when the browser sent none."""
        return request.cookies.get(name, "")

    def set(self, response: Response, name: str, value: str, *, lifetime_s: int | None) -> None:
        """Set a cookie; without a lifetime it ends with the browser."""
        response.set_cookie(
            name,
            value,
            max_age=lifetime_s,
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="lax",
        )

    def delete(self, response: Response, name: str) -> None:
        """Delete a cookie."""
        response.delete_cookie(name, path="/", secure=self.secure, httponly=True, samesite="lax")
