"""The checks of an ID token (OpenID Connect Core §3.1.3.7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from annulet.errors import UsageError
from annulet.hosted.strict_json import has_half_pair

_ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "EdDSA",
)
"""Public-key signatures alone: with HS256 a public key would be taken for a password."""
_LEEWAY_S: Final = 60
_MAX_AGE_S: Final = 600


@dataclass(frozen=True, slots=True)
class CompanyIdentity:
    """Who the provider says a person is.

    Attributes:
        subject: The provider's own identifier, which never changes its owner.
        email: The address; empty unless the provider says that it has verified it.
        name: The name; possibly empty.
    """

    subject: str
    email: str
    name: str


def read_key_id(token: str) -> str:
    """Read which key a token says to be signed with; empty where it does not say.

    Raises:
        UsageError: It is no token.
    """
    import jwt

    try:
        return str(jwt.get_unverified_header(token).get("kid", ""))
    except jwt.PyJWTError:
        raise _refusal() from None


def verify_id_token(
    token: str, key: Mapping[str, Any], *, issuer: str, client_id: str, nonce: str, now: int
) -> CompanyIdentity:
    """Verify signature, issuer, audience, nonce and times of an ID token.

    Raises:
        UsageError: One of them is wrong.
    """
    import jwt

    try:
        claims = jwt.decode(
            token,
            jwt.PyJWK(dict(key)),
            algorithms=list(_ALGORITHMS),
            audience=client_id,
            issuer=issuer,
            options={
                "require": ["iss", "sub", "aud", "exp", "iat", "nonce"],
                # times are checked below, by the clock of the service
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except jwt.PyJWTError:
        raise _refusal() from None
    if has_half_pair(claims):
        raise _refusal()
    audience = claims["aud"]
    is_ours = claims.get("azp", client_id) == client_id and (
        isinstance(audience, str) or len(audience) == 1 or claims.get("azp") == client_id
    )
    is_ours = is_ours and claims["nonce"] == nonce
    if not is_ours or not _is_in_time(claims, now) or not claims["sub"]:
        raise _refusal()
    return CompanyIdentity(
        subject=str(claims["sub"]),
        email=str(claims.get("email", "")) if _is_verified(claims) else "",
        name=str(claims.get("name", "")),
    )


def _is_in_time(claims: Mapping[str, Any], now: int) -> bool:
    """Tell whether a token is fresh: RFC 7519 §4.1.4 to §4.1.6, with a minute of leeway."""
    expires_at, issued_at = claims["exp"], claims["iat"]
    not_before = claims.get("nbf", issued_at)
    # a boolean is an int to Python, but no instant
    if not {type(instant) for instant in (expires_at, issued_at, not_before)} <= {int, float}:
        return False
    is_begun: bool = not_before < now + _LEEWAY_S
    is_recent: bool = now - _MAX_AGE_S < issued_at < now + _LEEWAY_S
    is_current: bool = expires_at > now - _LEEWAY_S
    return is_begun and is_recent and is_current


def _is_verified(claims: Mapping[str, Any]) -> bool:
    """Tell whether the provider says that the e-mail address belongs to the person.

    Microsoft Entra says it by ``xms_edov``, and some providers write truth as text.
    """
    return any(claims.get(name) in (True, "true", "1") for name in ("email_verified", "xms_edov"))


def _refusal() -> UsageError:
    return UsageError(
        "The answer of your company’s sign-in was not accepted.",
        hint="Start again from the sign-in page. If it stays so, tell the operator.",
    )
