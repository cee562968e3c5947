"""The paths that programs request: without cookies, without forms, and without pages."""

from __future__ import annotations

from typing import Final

EVENTS_PATH: Final = "/webhooks/oura"
"""Where Oura sends events. The public address followed by this path is the callback at Oura."""
PROBES: Final = frozenset({"/healthz", "/readyz"})
_PROGRAM_PATHS: Final = PROBES | {
    *("/token", "/register", "/revoke"),
    *("/oauth/token", "/oauth/register", "/oauth/revoke"),
    "/mcp",
    EVENTS_PATH,
}


def is_program_path(path: str) -> bool:
    """Tell whether only programs request this path.

    >>> is_program_path("/mcp/e1"), is_program_path("/token"), is_program_path("/dashboard")
    (True, True, False)
    """
    return path in _PROGRAM_PATHS or path.startswith(("/mcp/", "/.well-known/"))
