"""The network address of a client, as limits count it."""

from __future__ import annotations

import ipaddress
from typing import Final

from starlette.types import Scope

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
_IPV6_SITE_BITS: Final = 64
"""One person has a whole /64, so counting each of its addresses would count nothing."""


def parse_address(text: str) -> IpAddress | None:
    """Parse an address, with or without a port, brackets and a zone; ``None`` for other text.

    >>> parse_address("[2001:db8::1]:443"), parse_address("::ffff:192.0.2.1"), parse_address("a")
    (IPv6Address('2001:db8::1'), IPv4Address('192.0.2.1'), None)
    """
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def read_client_address(scope: Scope) -> str:
    """Read where a request comes from: an IPv4 address, or the /64 network of an IPv6 address.

    Returns:
        The address; empty where the server does not know it (a Unix socket).
    """
    client = scope.get("client")
    address = parse_address(str(client[0])) if client else None
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((int(address), _IPV6_SITE_BITS), strict=False))
    return str(address or "")
