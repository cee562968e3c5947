"""Redirect URIs: https, loopback on any port, and private-use schemes of installed programs."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

from annulet.contract.addresses import is_loopback

_TAKEN_SCHEMES: Final = frozenset(
    {
        # what a browser reads by itself, or runs
        *("about", "blob", "data", "file", "filesystem", "javascript", "jscript", "livescript"),
        *("mocha", "vbscript", "vbs", "jar", "view-source", "wyciwyg", "feed", "feeds", "mhtml"),
        *("mht", "mk", "its", "res", "hcp", "cid", "mid", "urn", "tag", "oid", "ws", "wss"),
        # protocols of files, mail, talk and remote computers
        *("ftp", "ftps", "sftp", "scp", "ssh", "telnet", "tn3270", "rlogin", "rdp", "vnc", "smb"),
        *(
            "cifs",
            "nfs",
            "afp",
            "dav",
            "davs",
            "ldap",
            "ldaps",
            "jndi",
            "rmi",
            "git",
            "svn",
            "rsync",
        ),
        *("mailto", "tel", "callto", "sms", "smsto", "mms", "mmsto", "sip", "sips", "xmpp", "irc"),
        *("ircs", "news", "nntp", "snews", "gopher", "wais", "finger", "rtsp", "rtmp", "magnet"),
        *("ed2k", "bitcoin", "ethereum", "lightning", "dns", "dict", "imap", "pop", "smtp"),
        # programs of operating systems
        *(
            "search",
            "search-ms",
            "shell",
            "help",
            "help-viewer",
            "applescript",
            "sysprefs",
            "prefs",
        ),
        *("app-prefs", "app-settings", "shortcuts", "workflow", "maps", "map", "geo", "webcal"),
        *("webcals", "calshow", "facetime", "facetime-audio", "imessage", "photos-redirect", "apt"),
        *(
            "content",
            "intent",
            "market",
            "android-app",
            "package",
            "settings",
            "nfc",
            "wifi",
            "knox",
        ),
        *(
            "steam",
            "bingmaps",
            "outlookmail",
            "mswindowsmusic",
            "mswindowsvideo",
            "onenote",
            "ie.http",
        ),
        # browsers
        *("chrome", "chromium", "googlechrome", "googlechromes", "edge", "firefox", "safari"),
        *("opera", "brave", "vivaldi", "duckduckgo", "devtools", "resource"),
    }
)
"""Schemes that a browser or the system acts on by itself. Any other private-use scheme is taken:
another program may register the same one, but PKCE makes the code useless to it (RFC 8252, 7.1)."""
_TAKEN_BEGINNINGS: Final = (
    *("ms-", "microsoft", "windows", "xbox", "chrome-", "edge-", "opera-", "moz-", "safari-"),
    *("firefox-", "googlechrome-", "x-apple", "x-help", "x-web-search", "x-radar", "x-man-page"),
    *("itms", "macappstore", "android-", "com.apple.", "com.android.", "com.microsoft."),
)
"""How the schemes of operating systems and browsers begin."""
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
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
    """Tell whether a scheme can be that of an installed program.

    >>> _is_private_use("com.example.app"), _is_private_use("cursor"), _is_private_use("search")
    (True, True, False)
    """
    is_taken = scheme in _TAKEN_SCHEMES or scheme.startswith(_TAKEN_BEGINNINGS)
    is_name = len(scheme) <= _MAX_SCHEME and _SCHEME.fullmatch(scheme) is not None
    return is_name and not is_taken


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
