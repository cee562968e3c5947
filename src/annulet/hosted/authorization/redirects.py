"""Redirect URIs: https, loopback on any port, and private-use schemes of installed programs."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

from annulet.contract.addresses import is_loopback

KNOWN_SCHEMES: Final = frozenset(
    {
        *("cursor", "cursor-nightly", "windsurf", "windsurf-next", "devin", "kiro", "trae"),
        *("vscode", "vscode-insiders", "vscode-exploration", "vscodium", "vscodium-insiders"),
        *("code-oss", "positron", "void", "antigravity", "zed", "zed-preview", "jetbrains"),
        *("claude", "claude-dev", "chatgpt", "codex", "opencode", "goose", "warp", "warppreview"),
        *("raycast", "raycast-x", "lmstudio", "cherrystudio", "chatbox", "chatwise", "msty", "jan"),
        *("witsy", "boltai", "5ire", "dive", "anythingllm", "librechat", "perplexity", "amp"),
    }
)
"""Private-use schemes without a dot that assistants use. Every other one is refused: systems and
browsers give schemes of that form to programs that do things when they are opened. Another program
may register the same scheme; PKCE makes the code useless to it (RFC 8252, 7.1)."""
_DOMAIN_SCHEME: Final = re.compile(r"[a-z]{2,24}(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")
"""A domain in reverse, as RFC 8252 section 7.1 asks it of the maker of a program."""
_SYSTEM_VENDORS: Final = ("com.apple.", "com.android.", "com.microsoft.")
_MAX_SCHEME: Final = 61
_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\.?")
_MAX_LENGTH: Final = 2000


def is_acceptable(uri: str) -> bool:
    """Tell whether a client may register this redirect URI.

    >>> is_acceptable("http://127.0.0.1:33418/callback"), is_acceptable("http://example.org/cb")
    (True, False)
    """
    parts = _split(uri)
    if parts is None or "#" in uri or len(uri) > _MAX_LENGTH:
        return False
    # a URI is ASCII (RFC 3986); hosts in other letters come as A-labels
    is_plain = uri.isascii() and uri.isprintable()
    if not is_plain or any(character in uri for character in ' "<>\\^`{|}'):
        return False
    if parts.username is not None or parts.password is not None:
        return False
    if parts.scheme in {"http", "https"}:
        is_secure = parts.scheme == "https" or is_loopback_redirect(uri)
        return is_secure and _is_host(parts.hostname or "")
    return _is_private_use(parts.scheme) and bool(parts.netloc or parts.path.strip("/"))


def _is_private_use(scheme: str) -> bool:
    """Tell whether a scheme belongs to an installed program: a domain in reverse, or a known one.

    >>> _is_private_use("com.example.app"), _is_private_use("cursor"), _is_private_use("search")
    (True, True, False)
    """
    if scheme in KNOWN_SCHEMES:
        return True
    is_domain = len(scheme) <= _MAX_SCHEME and _DOMAIN_SCHEME.fullmatch(scheme) is not None
    return is_domain and not scheme.startswith(_SYSTEM_VENDORS)


def is_loopback_redirect(uri: str) -> bool:
    """Tell whether the answer stays on the person's own machine, over plain http."""
    parts = _split(uri)
    return parts is not None and parts.scheme == "http" and is_loopback(parts.hostname)


def is_local_redirect(uri: str) -> bool:
    """Tell whether a program on the person's machine gets the answer: by loopback or by scheme."""
    parts = _split(uri)
    return parts is not None and parts.scheme != "https"


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
        return any(is_same(uri, candidate) for candidate in registered)
    return any(
        _without_port(uri) == _without_port(candidate)
        for candidate in registered
        if is_loopback_redirect(candidate)
    )


def is_same(uri: str, registered: str) -> bool:
    """Tell whether two redirect URIs are equal; an empty path of a host is ``/`` (RFC 3986).

    >>> is_same("https://a.example", "https://a.example/"), is_same("zed://cb", "zed://cb/")
    (True, False)
    """
    return _with_path(uri) == _with_path(registered)


def describe_target(uri: str) -> str:
    """Describe where a person is sent, as the consent page shows it."""
    parts = urlsplit(uri)
    if is_loopback_redirect(uri):
        return f"this computer ({parts.netloc})"
    if parts.scheme not in {"http", "https"}:
        return f"the {parts.scheme} application on this computer"
    return parts.hostname or uri


def redirect_source(uri: str) -> str:
    """Return the source expression of a redirect for a content security policy."""
    parts = urlsplit(uri)
    if parts.scheme not in {"http", "https"}:
        return f"{parts.scheme}:"
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "")


def add_query(uri: str, parameters: dict[str, str]) -> str:
    """Add query parameters to a URI; those it has are kept."""
    parts = urlsplit(uri)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *parameters.items()])
    return urlunsplit(parts._replace(query=query))


def _is_host(host: str) -> bool:
    """Whether a host is a name in ASCII letters without wildcard, or an address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return _HOST.fullmatch(host) is not None
    return True


def _without_port(uri: str) -> tuple[str, str | None, str, str]:
    parts = urlsplit(uri)
    return parts.scheme, parts.hostname, parts.path or "/", parts.query


def _with_path(uri: str) -> str:
    parts = _split(uri)
    if parts is None or parts.path or parts.scheme not in {"http", "https"}:
        return uri
    return urlunsplit(parts._replace(path="/"))


def _split(uri: str) -> SplitResult | None:
    try:
        parts = urlsplit(uri)
        _ = parts.port  # raises for a port out of range
    except ValueError:
        return None
    return parts
