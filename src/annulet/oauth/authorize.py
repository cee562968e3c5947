"""One authorization: the address the person is sent to, and what comes back from it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from annulet.contract import scopes
from annulet.contract.scopes import SCOPES
from annulet.errors import UsageError
from annulet.oauth.provider import Server
from annulet.vault.secret import Secret

__all__ = ["Authorization", "Callback", "begin", "read", "requested_scopes"]

_LONGEST: Final = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """One journey of the person to the consent page and back; used once.

    Attributes:
        server: Whose consent page it is.
        url: Where the person is sent.
        redirect_uri: Where the person comes back.
        state: Ties the way back to the way there.
        verifier: The PKCE secret that only we know.
    """

    server: Server
    url: str
    redirect_uri: str
    state: Secret
    verifier: Secret

    def sent(self, state: str) -> bool:
        """Whether a callback with this state belongs to this journey."""
        return hmac.compare_digest(self.state.reveal().encode(), state.encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """The parameters of the redirect, each at most once and of sensible length."""

    state: str = ""
    code: Secret | None = None
    error: str = ""
    issuer: str = ""
    scopes: tuple[str, ...] | None = None


def begin(
    server: Server, *, client_id: str, names: tuple[str, ...], redirect_uri: str
) -> Authorization:
    """Start an authorization with a fresh state and a fresh PKCE secret.

    Args:
        server: Whose consent page.
        client_id: The application.
        names: Bare names of the permissions to ask for.
        redirect_uri: One of the addresses registered with the application.
    """
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": server.scope(names),
        "state": state,
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    parts = urlsplit(server.authorize_url)
    every = [*parse_qsl(parts.query), *query.items()]
    return Authorization(
        server=server,
        url=urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(every), "")),
        redirect_uri=redirect_uri,
        state=Secret(state),
        verifier=Secret(verifier),
    )


def read(query: str) -> Callback | None:
    """What a redirect says; ``None`` where a parameter is doubled, overlong or not text."""
    if len(query) > 4 * _LONGEST:
        return None
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=50)
    except ValueError:
        return None
    names = Counter(name for name, _ in pairs)
    found = dict(pairs)
    wanted = ("state", "code", "error", "iss", "scope")
    if any(names[name] > 1 or len(found.get(name, "")) > _LONGEST for name in wanted):
        return None
    code = found.get("code", "")
    return Callback(
        state=found.get("state", ""),
        code=Secret(code) if code else None,
        error=found.get("error", ""),
        issuer=found.get("iss", ""),
        scopes=scopes.parse(found["scope"]) if found.get("scope") else None,
    )


def requested_scopes(names: Iterable[str] = ()) -> tuple[str, ...]:
    """The permissions to ask for, as bare names; all of Oura's where none are named.

    Raises:
        UsageError: One of them does not exist at Oura, which would drop it without a word.
    """
    wanted = tuple(dict.fromkeys(scopes.parse(",".join(names)) or ()))
    unknown = [name for name in wanted if name not in SCOPES]
    if unknown:
        shown = "".join(letter for letter in unknown[0][:40] if letter.isprintable())
        raise UsageError(
            f"Oura has no permission called “{shown}”.",
            hint=f"Choose from: {', '.join(SCOPES)}.",
        )
    return wanted or tuple(SCOPES)
