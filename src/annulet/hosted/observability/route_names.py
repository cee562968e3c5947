"""Names of routes and methods for labels: a closed list, whatever a client asks for."""

from __future__ import annotations

from typing import Final

from starlette.types import Scope

UNMATCHED: Final = "unmatched"
OTHER_METHOD: Final = "_OTHER"
"""As the HTTP conventions of OpenTelemetry name a method that is none of the known ones."""
_METHODS: Final = frozenset(
    {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"}
)


def name_route(scope: Scope) -> tuple[str, str]:
    """Return the template of the route that answered, and the method.

    A method that the route does not take is `OTHER_METHOD`: a client could multiply every route by
    every method. A request that no route answered is `UNMATCHED`.
    """
    route, method = scope.get("route"), scope["method"]
    template = getattr(route, "path", "") or UNMATCHED
    allowed = getattr(route, "methods", None) or _METHODS
    return template, method if method in allowed else OTHER_METHOD
