"""Middleware that adds security headers: no inline script, no frames, no sniffing, no caching."""

from __future__ import annotations

import re
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADERS: Final = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

_SOURCE: Final = re.compile(
    r"[a-z][a-z0-9+.-]*:(//((\*\.)?[a-z0-9.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?)?"
)
"""A scheme, or scheme, host and port; of wildcards only the first label of a longer name."""


def content_security_policy(*form_targets: str) -> str:
    """Build the content security policy.

    Args:
        form_targets: Origins to which the answer to a form may redirect, besides this service.

    Raises:
        ValueError: A target has characters that would change the policy.
    """
    if wrong := [target for target in form_targets if not _SOURCE.fullmatch(target)]:
        raise ValueError(f"{len(wrong)} form targets are no sources")
    targets = " ".join(("'self'", *form_targets))
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action {targets}"
    )


class SecurityHeaders:
    """Adds the headers that an answer has not set itself.

    Args:
        app: The application behind this middleware.
        secure: Whether the public address is https.
    """

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
        defaults = {
            **_HEADERS,
            "content-security-policy": content_security_policy(),
            "cache-control": "no-store",
        }
        if secure:
            defaults["strict-transport-security"] = "max-age=31536000"
        self._defaults = [(name.encode(), value.encode()) for name, value in defaults.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers when the answer starts."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.get("headers", [])
                names = {name.lower() for name, _ in headers}
                added = [header for header in self._defaults if header[0] not in names]
                message["headers"] = [*headers, *added]
            await send(message)

        await self._app(scope, receive, send_with_headers)
