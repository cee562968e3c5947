"""Redirect URIs: https, loopback on any port, and the own schemes of a few editors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

from annulet.contract.addresses import is_loopback

__all__ = [
    "add_query",
    "describe_target",
    "is_acceptable",
    "is_loopback_redirect",
    "is_registered",
    "redirect_source",
]

_EDITOR_SCHEMES: Final = frozenset({"cursor", "vscode", "vscode-insiders"})
"""Another program may register the same scheme; PKCE makes the code useless to it."""
_MAX_LENGTH: Final = 2000


def is_acceptable(uri: str) -> bool:
    """Tell whether a client may register this redirect URI.

    >>> is_acceptable("http://127.0.0.1:33418/callback"), is_acceptable("http://example.org/cb")
    (True, False)
    """
    parts = _split(uri)
    if parts is None or parts.fragment or "#" in uri or len(uri) > _MAX_LENGTH:
        return False
    if not uri.isprintable() or any(character in uri for character in ' "<>\\^`{|}'):
        return False
    if parts.username is not None or parts.password is not None:
        return False
    if parts.scheme in _EDITOR_SCHEMES:
        return bool(parts.netloc)
    return bool(parts.hostname) and (parts.scheme == "https" or is_loopback_redirect(uri))


def is_loopback_redirect(uri: str) -> bool:
    """Tell whether the answer stays on the person's own machine, over plain http."""
    parts = _split(uri)
    return parts is not None and parts.scheme == "http" and is_loopback(parts.hostname)


def is_registered(uri: str, registered: Iterable[str]) -> bool:
    """Tell whether a redirect URI is registered: exactly, but for the port on loopback.

    RFC 8252 section 7.3: a native application learns its port only when it listens.

    >>> is_registered("http://localhost:5/cb", ["http://localhost/cb"])
    True
    >>> is_registered("http://localhost:5/other", ["http://localhost/cb"])
    False
    """
    if not is_acceptable(uri):
        return False
    if not is_loopback_redirect(uri):
        return uri in set(registered)
    return any(
        _without_port(uri) == _without_port(candidate)
        for candidate in registered
        if is_loopback_redirect(candidate)
    )


def describe_target(uri: str) -> str:
    """Describe where a person is sent, as the consent page shows it."""
    parts = urlsplit(uri)
    if is_loopback_redirect(uri):
        return f"this computer ({parts.netloc})"
    if parts.scheme in _EDITOR_SCHEMES:
        return f"the {parts.scheme} application on this computer"
    return parts.hostname or uri


def redirect_source(uri: str) -> str:
    """Return the source expression of a redirect for a content security policy."""
    parts = urlsplit(uri)
    is_web = parts.scheme in {"http", "https"}
    return f"{parts.scheme}://{parts.netloc}" if is_web else f"{parts.scheme}:"


def add_query(uri: str, parameters: dict[str, str]) -> str:
    """Add query parameters to a URI; those it has are kept."""
    parts = urlsplit(uri)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *parameters.items()])
    return urlunsplit(parts._replace(query=query))


def _without_port(uri: str) -> tuple[str, str | None, str, str]:
    parts = urlsplit(uri)
    return parts.scheme, parts.hostname, parts.path, parts.query


def _split(uri: str) -> SplitResult | None:
    try:
        parts = urlsplit(uri)
        _ = parts.port  # raises for a port out of range
    except ValueError:
        return None
    return parts
