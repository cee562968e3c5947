"""Oura's addresses, and the checks of which addresses tokens may be sent to."""

from __future__ import annotations

import ipaddress
from typing import Final
from urllib.parse import urlsplit

API_URL: Final = "https://api.ouraring.com"
"""The root of Oura's API."""

LOOPBACK_NAMES: Final = ("127.0.0.1", "localhost", "[::1]")
"""This machine, as programs write it in a ``Host`` header."""


def is_safe_for_tokens(url: str) -> bool:
    """Whether tokens may be sent to an address: https, or plain http on this very machine.

    >>> is_safe_for_tokens("http://127.0.0.1:80/token"), is_safe_for_tokens("http://example.org")
    (True, False)
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:  # half a bracket, a port that is no number
        return False
    return bool(host) and (
        parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    )


def is_bare(url: str) -> bool:
    """Whether an address has neither user, password, query nor fragment.

    >>> is_bare("https://api.ouraring.com/"), is_bare("https://user@api.ouraring.com/?a=b")
    (True, False)
    """
    parts = urlsplit(url)
    return not (parts.username or parts.password or parts.query or parts.fragment)


def is_loopback(host: str | None) -> bool:
    """Whether a host name or address is this machine.

    >>> is_loopback("localhost"), is_loopback("::1"), is_loopback("localhost.example.org")
    (True, True, False)
    """
    if host is None or host.lower() == "localhost":
        return host is not None
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
