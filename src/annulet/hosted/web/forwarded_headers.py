"""Middleware that believes what a trusted proxy says about a client, and no other sender."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from annulet.hosted.observability.request_id import HEADER as REQUEST_ID_HEADER
from annulet.hosted.web.client_address import IpAddress, parse_address

IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
_SCHEMES = {"http", "https"}


class ForwardedHeaders:
    """Puts address, scheme and host of the client in the place of those of a trusted proxy.

    The id that a trusted proxy has given to the request stays; that of another sender is removed.

    Each proxy appends to the headers, so only the entries at their right end come from proxies of
    ours. The right-most address that is no trusted proxy is the client.

    Args:
        app: The application behind this middleware.
        trusted: The networks of the proxies.
    """

    def __init__(self, app: ASGIApp, trusted: Sequence[IpNetwork]) -> None:
        self._app = app
        self._trusted = tuple(trusted)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Rewrite the scope of a request that a trusted proxy has passed on."""
        if scope["type"] == "http":
            peer = scope.get("client")
            address = parse_address(str(peer[0])) if self._trusted and peer else None
            if address is not None and self._is_trusted(address):
                self._rewrite(scope)
            else:
                _drop_request_id(scope)
        await self._app(scope, receive, send)

    def _is_trusted(self, address: IpAddress) -> bool:
        return any(address in network for network in self._trusted)

    def _rewrite(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        entries = _entries(headers, "x-forwarded-for")
        hops = 0
        for entry in reversed(entries):
            hops += 1
            address = parse_address(entry)
            if address is None:
                break  # a proxy that hides its client; the nearest address we know counts
            scope["client"] = (str(address), 0)
            if not self._is_trusted(address):
                break
        scheme = _entry_at(_entries(headers, "x-forwarded-proto"), hops).lower()
        if scheme in _SCHEMES:
            scope["scheme"] = scheme
        if host := _entry_at(_entries(headers, "x-forwarded-host"), hops):
            others = [(name, value) for name, value in scope["headers"] if name != b"host"]
            scope["headers"] = [(b"host", host.encode("latin-1")), *others]


def _drop_request_id(scope: Scope) -> None:
    if any(name == REQUEST_ID_HEADER for name, _ in scope["headers"]):
        headers = scope["headers"]
        scope["headers"] = [pair for pair in headers if pair[0] != REQUEST_ID_HEADER]


def _entries(headers: Headers, name: str) -> list[str]:
    """List the entries of a header that may be there several times, the nearest proxy's last."""
    joined = ",".join(headers.getlist(name))
    return [entry.strip() for entry in joined.split(",") if entry.strip()]


def _entry_at(entries: list[str], hops: int) -> str:
    """Return the entry that the proxy next to the client wrote; proxies may also overwrite."""
    if not entries:
        return ""
    return entries[-min(max(hops, 1), len(entries))]
