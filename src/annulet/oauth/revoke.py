"""Revoking a grant at Oura, in the form that the server which issued it understands.

Tokens travel in bodies and headers only, never in an address.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final, Literal

from annulet.oauth import token_request
from annulet.oauth.grant import Grant
from annulet.oura_http.error_mapping import is_temporary
from annulet.oura_http.sending import NoResponse, Response
from annulet.vault.secret import Secret

if TYPE_CHECKING:
    import httpx2

Revocation = Literal["revoked", "already", "refused", "unreachable", "unsupported"]
"""``already``: Oura no longer knew the grant."""

_LIMIT_S: Final = 15.0


async def revoke(
    grant: Grant, client_secret: Secret | None, *, http: httpx2.AsyncClient | None = None
) -> Revocation:
    """Revoke both tokens of a grant, the refresh token first; an outage of Oura is an outcome.

    Args:
        grant: The grant.
        client_secret: The secret of its application, where it is known.
        http: For tests.
    """
    if not grant.revoke_url:
        return "unsupported"
    outcomes: list[Revocation] = []
    for kind, token in (
        ("refresh_token", grant.refresh_token),
        ("access_token", grant.access_token),
    ):
        if token is not None:
            outcomes.append(await _revoke_token(grant, kind, token, client_secret, http))
    # The refresh token is the grant; without one, the access token is.
    successes: tuple[Revocation, ...] = ("revoked", "already")
    return next((outcome for outcome in successes if outcome in outcomes), outcomes[0])


async def _revoke_token(
    grant: Grant,
    kind: str,
    token: Secret,
    client_secret: Secret | None,
    http: httpx2.AsyncClient | None,
) -> Revocation:
    is_current = _is_of_current_server(grant)
    form, bearer = {}, ""
    if is_current:  # RFC 7009 section 2.2: it says 200 for tokens it does not know, too
        form = {
            "token": token.reveal(),
            "token_type_hint": kind,
            "client_id": grant.client_id,
        }
        if client_secret is not None:
            form["client_secret"] = client_secret.reveal()
    else:  # the old server takes the token as bearer, and says 401 for what is revoked already
        form = {"access_token": token.reveal()} if kind == "access_token" else {}
        bearer = token.reveal()
    try:
        response = await token_request.post_form(
            grant.revoke_url, form, http=http, bearer=bearer, limit_s=_LIMIT_S
        )
    except NoResponse:
        return "unreachable"
    return _outcome(response, is_current=is_current)


def _outcome(response: Response, *, is_current: bool) -> Revocation:
    if response.is_success:
        return "revoked"
    if response.status == HTTPStatus.UNAUTHORIZED and not is_current:
        return "already"
    return "unreachable" if is_temporary(response.status) else "refused"


def _is_of_current_server(grant: Grant) -> bool:
    return bool(grant.issuer) or grant.revoke_url.rstrip("/").endswith("oauth-revoke")
