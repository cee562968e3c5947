"""Who may come in at all: target form, host, origin, method, hostile paths, bodies.

Everything here is decided before the capability is looked at, so that a web page or a confused
client learns nothing about which capabilities exist.
"""

from __future__ import annotations

import re
from typing import Final

from annulet.proxy.refusal import Refusal
from annulet.proxy.request import RawRequest

__all__ = ["TOOL_HEADER", "bearer", "check_entrance", "declared_tool"]

TOOL_HEADER: Final = b"x-annulet-tool"
_HARMLESS_PATH: Final = re.compile(rb"/[A-Za-z0-9_/.-]*\Z")
_OWN_SITES: Final = frozenset({b"none", b"same-origin"})
_SINGLE_HEADERS: Final = (b"authorization", b"host", b"origin", b"sec-fetch-site", TOOL_HEADER)
_BEARER: Final = re.compile(rb"[Bb]earer +([A-Za-z0-9_-]{1,200})\Z")
_TOOL: Final = re.compile(rb"[A-Za-z0-9_.:-]{1,64}\Z")


def check_entrance(request: RawRequest, authorities: frozenset[bytes]) -> None:
    """Refuse what no capability could make right.

    Args:
        request: The request as it arrived.
        authorities: The values of ``Host`` under which this proxy is bound.

    Raises:
        Refusal: The request does not come in.
    """
    _check_target(request)
    _check_host(request, authorities)
    _check_site(request)
    if request.method != "GET":
        raise Refusal(
            405,
            "method_not_allowed",
            "The proxy only reads: GET is the one method it knows.",
            hint="Ask with GET.",
        )
    _check_path(request)
    _check_single_and_bodiless(request)


def bearer(request: RawRequest) -> str:
    """The capability token of a request.

    Raises:
        Refusal: There is none, or it does not look like one.
    """
    values = request.all(b"authorization")
    match = _BEARER.match(values[0]) if values else None
    if match is None:
        raise Refusal(
            401,
            "capability_missing",
            "The request carries no capability token.",
            hint="Mint one with: annulet grant --tool NAME, and send it as Authorization: Bearer.",
        )
    return match.group(1).decode("ascii")


def declared_tool(request: RawRequest) -> str | None:
    """The tool that says it is asking, where it says so."""
    values = request.all(TOOL_HEADER)
    if not values:
        return None
    if not _TOOL.match(values[0]):
        raise _malformed("The X-Annulet-Tool header is not the name of a tool.")
    return values[0].decode("ascii")


def _check_target(request: RawRequest) -> None:
    if request.method == "CONNECT" or not request.path.startswith(b"/"):
        raise Refusal(
            404,
            "not_found",
            "This is not a forward proxy.",
            hint="Use its address as the base URL in the place of https://api.ouraring.com.",
            close=True,
        )


def _check_host(request: RawRequest, authorities: frozenset[bytes]) -> None:
    hosts = request.all(b"host")
    if len(hosts) != 1 or hosts[0].lower() not in authorities:
        raise Refusal(
            421,
            "wrong_host",
            "The Host header is not the address this proxy is bound to.",
            hint="Use the base URL that annulet proxy printed when it started.",
            close=True,
        )


def _check_site(request: RawRequest) -> None:
    sites = {value.lower() for value in request.all(b"sec-fetch-site")}
    if request.all(b"origin") or not sites <= _OWN_SITES:
        raise Refusal(
            403,
            "cross_site",
            "The proxy does not answer web pages.",
            hint="Ask from a program on this machine, without an Origin header.",
        )


def _check_path(request: RawRequest) -> None:
    path = request.path
    if not _HARMLESS_PATH.match(path) or b"//" in path or b".." in path:
        raise Refusal(
            403,
            "path_refused",
            "The path holds characters that no route of Oura's has.",
            hint="Send the plain path, such as /v2/usercollection/daily_sleep.",
        )


def _check_single_and_bodiless(request: RawRequest) -> None:
    for name in _SINGLE_HEADERS:
        if len(request.all(name)) > 1:
            raise _malformed("A header that decides about access appears more than once.")
    if request.all(b"transfer-encoding") or set(request.all(b"content-length")) - {b"0"}:
        raise _malformed("A read carries no body.")


def _malformed(message: str) -> Refusal:
    return Refusal(400, "bad_input", message, hint="Correct the request and send it again.")
