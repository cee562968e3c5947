"""Security headers on every answer: no inline script, no frames, no sniffing, no caching."""

from __future__ import annotations

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["SecurityHeaders", "content_policy"]

_FIXED: Final = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def content_policy(*form_targets: str) -> str:
    """The content security policy.

    Args:
        form_targets: Origins to which an answer to a form may redirect, besides our own.
    """
    targets = " ".join(("'self'", *form_targets))
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action {targets}"
    )


class SecurityHeaders:
    """Adds what an answer has not set itself.

    Args:
        app: What is guarded.
        secure: Whether the public address is https.
    """

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
        usual = {**_FIXED, "content-security-policy": content_policy(), "cache-control": "no-store"}
        if secure:
            usual["strict-transport-security"] = "max-age=31536000"
        self._usual = [(name.encode(), value.encode()) for name, value in usual.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers when the answer starts."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message.get("headers", [])
                named = {name.lower() for name, _ in given}
                usual = [header for header in self._usual if header[0] not in named]
                message["headers"] = [*given, *usual]
            await send(message)

        await self._app(scope, receive, guarded)
