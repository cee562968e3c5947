"""Where Oura's API is: nothing but https, or plain http on this very machine."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from annulet.errors import UsageError

__all__ = ["checked", "is_loopback"]


def checked(url: str) -> str:
    """The root of the API without a trailing slash.

    Raises:
        UsageError: A token must not be sent to this address.

    >>> checked("https://api.ouraring.com/")
    'https://api.ouraring.com'
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    plain = bool(parts.username or parts.password or parts.query or parts.fragment)
    safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    if not host or plain or not safe:
        raise UsageError(
            "The address of Oura's API must be https, or http on this machine.",
            hint="Set it to https://api.ouraring.com or to http://127.0.0.1:PORT.",
        )
    return url.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
