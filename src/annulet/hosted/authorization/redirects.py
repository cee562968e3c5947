"""Where an authorization answer may go: https, loopback on any port, a few known applications."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

from annulet.contract.addresses import is_loopback

__all__ = ["acceptable", "destination", "loopback", "matches", "origin", "with_parameters"]

_EDITORS: Final = frozenset({"cursor", "vscode", "vscode-insiders"})
"""Editors whose redirect is a link of their own; PKCE keeps a code useless to others."""
_LONGEST: Final = 2000


def acceptable(uri: str) -> bool:
    """Whether a client may register this redirect URI.

    >>> acceptable("http://127.0.0.1:33418/callback"), acceptable("http://example.org/cb")
    (True, False)
    """
    parts = _split(uri)
    if parts is None or parts.fragment or "#" in uri or len(uri) > _LONGEST:
        return False
    if not uri.isprintable() or any(sign in uri for sign in ' "<>\\^`{|}'):
        return False
    if parts.username is not None or parts.password is not None:
        return False
    if parts.scheme in _EDITORS:
        return bool(parts.netloc)
    return bool(parts.hostname) and (parts.scheme == "https" or loopback(uri))


def loopback(uri: str) -> bool:
    """Whether the answer stays on the person's own machine over plain http."""
    parts = _split(uri)
    return parts is not None and parts.scheme == "http" and is_loopback(parts.hostname)


def matches(asked: str, registered: Iterable[str]) -> bool:
    """Whether a request may use this redirect URI: exactly, but for the port on loopback.

    >>> matches("http://localhost:5/cb", ["http://localhost/cb"])
    True
    >>> matches("http://localhost:5/other", ["http://localhost/cb"])
    False
    """
    if not acceptable(asked):
        return False
    if not loopback(asked):
        return asked in set(registered)
    return any(_portless(asked) == _portless(uri) for uri in registered if loopback(uri))


def destination(uri: str) -> str:
    """Where a person is sent, as the consent page says it."""
    parts = urlsplit(uri)
    if loopback(uri):
        return f"this computer ({parts.netloc})"
    if parts.scheme in _EDITORS:
        return f"the {parts.scheme} application on this computer"
    return parts.hostname or uri


def origin(uri: str) -> str:
    """The source expression of a redirect for a content security policy."""
    parts = urlsplit(uri)
    return (
        f"{parts.scheme}://{parts.netloc}"
        if parts.scheme in {"http", "https"}
        else f"{parts.scheme}:"
    )


def with_parameters(uri: str, parameters: dict[str, str]) -> str:
    """The redirect with more query parameters; those it has are kept."""
    parts = urlsplit(uri)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *parameters.items()])
    return urlunsplit(parts._replace(query=query))


def _portless(uri: str) -> tuple[str, str | None, str, str]:
    parts = urlsplit(uri)
    return parts.scheme, parts.hostname, parts.path, parts.query


def _split(uri: str) -> SplitResult | None:
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return None
    return parts
