"""Giving a grant back to Oura, in the shape the server that gave it understands.

Tokens travel in bodies and headers only, never in an address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from annulet.oauth import token_request
from annulet.oauth.grant import Grant
from annulet.oauth.token_request import Unanswered
from annulet.vault.secret import Secret

if TYPE_CHECKING:
    import httpx2

__all__ = ["Revocation", "revoke"]

Revocation = Literal["revoked", "already", "refused", "unreachable", "unsupported"]
"""``already``: Oura no longer knew the grant."""

_LIMIT_SECONDS = 15.0


async def revoke(
    grant: Grant, client_secret: Secret | None, *, http: httpx2.AsyncClient | None = None
) -> Revocation:
    """Revoke both tokens of a grant, the refresh token first; never raises for Oura's sake.

    Args:
        grant: What is given back.
        client_secret: The secret of its application, where it is known.
        http: For tests.
    """
    if not grant.revoke_url:
        return "unsupported"
    url = token_request.checked_url(grant.revoke_url)
    outcomes: list[Revocation] = []
    for kind, token in (
        ("refresh_token", grant.refresh_token),
        ("access_token", grant.access_token),
    ):
        if token is not None:
            outcomes.append(
                await _one(
                    url, grant, kind=kind, token=token, client_secret=client_secret, http=http
                )
            )
    # The refresh token is the grant; without one, the access token is.
    best: tuple[Revocation, ...] = ("revoked", "already")
    return next((word for word in best if word in outcomes), outcomes[0])


async def _one(
    url: str,
    grant: Grant,
    *,
    kind: str,
    token: Secret,
    client_secret: Secret | None,
    http: httpx2.AsyncClient | None,
) -> Revocation:
    current = _self_described(grant)
    form, bearer = {}, ""
    if current:  # RFC 7009: the server says 200 for tokens it does not know, too
        form = {"token": token.reveal(), "token_type_hint": kind, "client_id": grant.client_id}
        if client_secret is not None:
            form["client_secret"] = client_secret.reveal()
    else:  # the old server takes the token as bearer, and says 401 for what is revoked already
        form = {"access_token": token.reveal()} if kind == "access_token" else {}
        bearer = token.reveal()
    try:
        answer = await token_request.post(url, form, http=http, bearer=bearer, limit=_LIMIT_SECONDS)
    except Unanswered:
        return "unreachable"
    return _judged(answer.status, ok=answer.ok, gone=0 if current else 401)


def _judged(status: int, *, ok: bool, gone: int) -> Revocation:
    if ok:
        return "revoked"
    if status == gone:
        return "already"
    return "unreachable" if status >= 500 or status == 429 else "refused"  # noqa: PLR2004 - statuses


def _self_described(grant: Grant) -> bool:
    return bool(grant.issuer) or grant.revoke_url.rstrip("/").endswith("oauth-revoke")
