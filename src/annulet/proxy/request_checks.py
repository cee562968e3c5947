"""Checks before the capability is read: target form, host, origin, method, path, body.

A web page or a confused client that fails them learns nothing about which capabilities exist.
"""

from __future__ import annotations

import re
from typing import Final

from annulet.proxy.raw_request import RawRequest
from annulet.proxy.request_refused import RequestRefused

TOOL_HEADER: Final = b"x-annulet-tool"
_PLAIN_PATH: Final = re.compile(rb"/[A-Za-z0-9_/.-]*\Z")
_OWN_SITES: Final = frozenset({b"none", b"same-origin"})
_SINGLE_HEADERS: Final = (b"authorization", b"host", b"origin", b"sec-fetch-site", TOOL_HEADER)
_BEARER: Final = re.compile(rb"[Bb]earer +([A-Za-z0-9_-]{1,200})\Z")
_TOOL: Final = re.compile(rb"[A-Za-z0-9_.:-]{1,64}\Z")


def check_request(request: RawRequest, allowed_hosts: frozenset[bytes]) -> None:
    """Refuse a request that no capability could allow.

    Args:
        request: The request as it arrived.
        allowed_hosts: The values of ``Host`` under which this proxy is bound.

    Raises:
        RequestRefused: The request is hostile or malformed.
    """
    _check_target(request)
    _check_host(request, allowed_hosts)
    _check_site(request)
    if request.method != "GET":
        raise RequestRefused(
            405,
            "method_not_allowed",
            "The proxy only reads: GET is the one method it knows.",
            hint="Ask with GET.",
        )
    _check_path(request)
    _check_headers(request)


def read_bearer(request: RawRequest) -> str:
    """The capability token of a request.

    Raises:
        RequestRefused: There is none, or it does not look like one.
    """
    values = request.header_values(b"authorization")
    match = _BEARER.match(values[0]) if values else None
    if match is None:
        raise RequestRefused(
            401,
            "capability_missing",
            "The request carries no capability token.",
            hint="Mint one with: annulet grant --tool NAME, and send it as Authorization: Bearer.",
        )
    return match.group(1).decode("ascii")


def read_declared_tool(request: RawRequest) -> str | None:
    """The tool that the request names, where it names one."""
    values = request.header_values(TOOL_HEADER)
    if not values:
        return None
    if not _TOOL.match(values[0]):
        raise _malformed_error("The X-Annulet-Tool header is not the name of a tool.")
    return values[0].decode("ascii")


def _check_target(request: RawRequest) -> None:
    if request.method == "CONNECT" or not request.path.startswith(b"/"):
        raise RequestRefused(
            404,
            "not_found",
            "This is not a forward proxy.",
            hint="Use its address as the base URL in the place of https://api.ouraring.com.",
            close=True,
        )


def _check_host(request: RawRequest, allowed_hosts: frozenset[bytes]) -> None:
    hosts = request.header_values(b"host")
    if len(hosts) != 1 or hosts[0].lower() not in allowed_hosts:
        raise RequestRefused(
            421,
            "wrong_host",
            "The Host header is not the address this proxy is bound to.",
            hint="Use the base URL that annulet proxy printed when it started.",
            close=True,
        )


def _check_site(request: RawRequest) -> None:
    sites = {value.lower() for value in request.header_values(b"sec-fetch-site")}
    if request.header_values(b"origin") or not sites <= _OWN_SITES:
        raise RequestRefused(
            403,
            "cross_site",
            "The proxy does not answer web pages.",
            hint="Ask from a program on this machine, without an Origin header.",
        )


def _check_path(request: RawRequest) -> None:
    path = request.path
    if not _PLAIN_PATH.match(path) or b"//" in path or b".." in path:
        raise RequestRefused(
            403,
            "path_refused",
            "The path holds characters that no route of Oura's has.",
            hint="Send the plain path, such as /v2/usercollection/daily_sleep.",
        )


def _check_headers(request: RawRequest) -> None:
    for name in _SINGLE_HEADERS:
        if len(request.header_values(name)) > 1:
            raise _malformed_error("A header that decides about access appears more than once.")
    lengths = set(request.header_values(b"content-length"))
    if request.header_values(b"transfer-encoding") or lengths - {b"0"}:
        raise _malformed_error("A read carries no body.")


def _malformed_error(message: str) -> RequestRefused:
    return RequestRefused(400, "bad_input", message, hint="Correct the request and send it again.")
