"""Names of routes and methods for labels: a closed list, whatever a client asks for."""

from __future__ import annotations

import re
from typing import Final

from starlette.routing import Match, Mount, Route
from starlette.types import Scope

UNMATCHED: Final = "unmatched"
OTHER_METHOD: Final = "_OTHER"
"""As the HTTP conventions of OpenTelemetry name a method that is none of the known ones."""
UNKNOWN_PATH: Final = "/…"
_PARAMETER: Final = re.compile(r"{\w+(?::\w+)?}")
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


def name_method(scope: Scope) -> str:
    """Return the method of a request, or `OTHER_METHOD` for a word that a client made up."""
    method: str = scope["method"]
    return method if method in _METHODS else OTHER_METHOD


def shorten_path(scope: Scope) -> str:
    """Return the path of a request as a log may show it.

    Of a known route its template, in which a parameter is ``…``: it names an endpoint, an account
    or a link. A path of no route is `UNKNOWN_PATH`: a client may write anything there, such as an
    e-mail address, at any length.
    """
    route = scope.get("route")
    if route is None:
        # refused before a route was looked for, or there is none
        routes = scope["app"].router.routes
        route = next((route for route in routes if route.matches(scope)[0] is not Match.NONE), None)
    if isinstance(route, Mount):
        return f"{route.path}/…"
    return _PARAMETER.sub("…", route.path) if isinstance(route, Route) else UNKNOWN_PATH
