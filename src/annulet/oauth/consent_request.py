"""One request for consent: the address of the consent page, and the parameters of its callback."""

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
from annulet.oauth.provider import AuthorizationServer
from annulet.vault.secret import Secret

_MAX_LENGTH: Final = 4_096
_MAX_FIELDS: Final = 50
_PARAMETERS: Final = ("state", "code", "error", "iss", "scope")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRequest:
    """One authorization request, used once.

    Attributes:
        server: Whose consent page it is.
        url: Where the person is sent.
        redirect_uri: Where the person comes back.
        state: Ties the callback to this request (RFC 6749 section 10.12).
        verifier: The PKCE secret that only we know (RFC 7636).
    """

    server: AuthorizationServer
    url: str
    redirect_uri: str
    state: Secret
    verifier: Secret

    def has_state(self, state: str) -> bool:
        """Whether a callback with this state belongs to this request."""
        return hmac.compare_digest(self.state.reveal().encode(), state.encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """The parameters of the redirect, each at most once and of sensible length."""

    state: str = ""
    code: Secret | None = None
    error: str = ""
    issuer: str = ""
    scopes: tuple[str, ...] | None = None


def new_consent_request(
    server: AuthorizationServer, *, client_id: str, names: tuple[str, ...], redirect_uri: str
) -> ConsentRequest:
    """Make a request with a new state and a new PKCE verifier.

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
        "scope": server.spell_scopes(names),
        "state": state,
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    parts = urlsplit(server.authorize_url)
    parameters = [*parse_qsl(parts.query), *query.items()]
    return ConsentRequest(
        server=server,
        url=urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(parameters), "")),
        redirect_uri=redirect_uri,
        state=Secret(state),
        verifier=Secret(verifier),
    )


def parse_callback(query: str) -> Callback | None:
    """Parse the parameters of a redirect; ``None`` where one is repeated, overlong or not text."""
    if len(query) > 4 * _MAX_LENGTH:
        return None
    try:
        pairs = parse_qsl(
            query, keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS
        )
    except ValueError:
        return None
    counts = Counter(name for name, _ in pairs)
    values = dict(pairs)
    if any(counts[name] > 1 or len(values.get(name, "")) > _MAX_LENGTH for name in _PARAMETERS):
        return None
    code = values.get("code", "")
    return Callback(
        state=values.get("state", ""),
        code=Secret(code) if code else None,
        error=values.get("error", ""),
        issuer=values.get("iss", ""),
        scopes=scopes.parse_scopes(values["scope"]) if values.get("scope") else None,
    )


def check_scopes(names: Iterable[str] = ()) -> tuple[str, ...]:
    """Check the requested permissions and return their bare names; all where none are named.

    Raises:
        UsageError: One of them does not exist at Oura, which would drop it without a word.
    """
    wanted = tuple(dict.fromkeys(scopes.parse_scopes(",".join(names)) or ()))
    unknown = [name for name in wanted if name not in SCOPES]
    if unknown:
        shown = "".join(letter for letter in unknown[0][:40] if letter.isprintable())
        raise UsageError(
            f"Oura has no permission called “{shown}”.",
            hint=f"Choose from: {', '.join(SCOPES)}.",
        )
    return wanted or tuple(SCOPES)
