"""What a response means: the one place where a status of Oura becomes an error.

Three interfaces of Oura are asked, and each has its own sentences for the same statuses: the data
API (`data_error`), the token endpoint (`token_error`) and the webhook subscriptions
(`subscription_problem`). Bodies are never passed on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final, Literal

from annulet.contract.collections import AnyCollection
from annulet.contract.scopes import SCOPES
from annulet.errors import (
    AnnuletError,
    AppUpdateNeeded,
    CollectionRefused,
    ConsentRevoked,
    MembershipRequired,
    OuraRateLimited,
    OuraRejectedRequest,
    OuraUnavailable,
    ScopeMissing,
)
from annulet.oura_http.missing_scope import missing_scope
from annulet.oura_http.retry_after import retry_after_s
from annulet.oura_http.sending import NoResponse, Response, Unusable

SubscriptionAction = Literal["list", "create", "change"]
SubscriptionProblem = Literal[
    "credentials", "forbidden", "gone", "limited", "refused", "silent", "taken", "unreachable"
]
"""``unreachable``: Oura could not reach our callback; ``silent``: Oura is out of order."""

_GRANT_IT: Final = "Connect again and leave that permission ticked on Oura's page."
_OAUTH_ERRORS: Final = frozenset(
    {
        "invalid_client",
        "invalid_grant",
        "invalid_redirect_uri",
        "invalid_request",
        "invalid_scope",
        "unauthorized_client",
        "unsupported_grant_type",
    }
)


_VAGUE_ERRORS: Final = frozenset({"None", "invalid_request"})
_ABOUT_REDIRECT: Final = re.compile(r"redirect", re.IGNORECASE)
_ABOUT_CLIENT: Final = re.compile(
    r"(invalid|unknown|wrong|bad)\s+client|client\W+(id|secret)?\W*(not\s+found|mismatch)",
    re.IGNORECASE,
)
_READ_AT_MOST: Final = 1_000


class TokenRequestRefused(Exception):
    """The token endpoint answered no.

    Args:
        status: The HTTP status.
        error: The OAuth error code (RFC 6749 section 5.2) where it is a known one, else empty.
    """

    def __init__(self, status: int, error: str) -> None:
        super().__init__(f"{status} {error}".strip())
        self.status = status
        self.error = error


def is_temporary(status: int) -> bool:
    """Whether the same request may succeed a little later.

    >>> [is_temporary(status) for status in (408, 429, 503, 404, 302)]
    [True, True, True, False, False]
    """
    return status in {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS} or not (
        HTTPStatus.OK <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    )


def data_error(response: Response, collection: AnyCollection) -> AnnuletError | None:
    """The error a response of the data API stands for; ``None`` for 200.

    Args:
        response: The response.
        collection: The collection that was asked.
    """
    error: AnnuletError | None
    match response.status:
        case HTTPStatus.OK:
            error = None
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN if (
            scope := missing_scope(response, collection)
        ) is not None:
            error = _not_granted(scope)
        case HTTPStatus.UNAUTHORIZED:
            error = ConsentRevoked(
                "Oura no longer accepts this connection.",
                hint="Connect the ring again: annulet connect, or Connect in the dashboard.",
            )
        case HTTPStatus.UPGRADE_REQUIRED:
            error = AppUpdateNeeded(
                "Oura shares no data because the Oura app of this account is too old.",
                hint="Update the Oura app on the phone and open it once.",
            )
        case HTTPStatus.FORBIDDEN:
            error = MembershipRequired(
                "Oura shares no data because the Oura membership of this account is not active.",
                hint="Renew the membership in the Oura app; the connection itself can stay.",
            )
        case HTTPStatus.TOO_MANY_REQUESTS:
            error = rate_limit_error(retry_after_s(response.headers))
        case status if is_temporary(status):
            error = _unavailable(f"Oura is out of order ({status}).")
        case status if status < HTTPStatus.MULTIPLE_CHOICES:
            error = unreadable_error(response)
        case status if status < HTTPStatus.BAD_REQUEST:
            error = redirect_error()
        case status:
            error = _rejected(status)
    return error


def token_error(
    response: Response, fields: Mapping[str, object], *, refusals: range
) -> TokenRequestRefused | NoResponse | None:
    """The error a response of the token endpoint stands for; ``None`` for success.

    Args:
        response: The response.
        fields: Its JSON object.
        refusals: The statuses that mean a refusal of this request; any other error leaves open
            whether a code or a refresh token was spent.
    """
    status = response.status
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return None
    if status in refusals and not is_temporary(status):
        return TokenRequestRefused(status, oauth_error(fields))
    # A request over the limit was not looked at, so nothing was spent.
    is_limited = status == HTTPStatus.TOO_MANY_REQUESTS
    unusable: Unusable = "elsewhere" if response.is_redirect else "out_of_order"
    return NoResponse(
        is_sent=not is_limited,
        retry_after_s=retry_after_s(response.headers),
        unusable="limited" if is_limited else unusable,
    )


def oauth_error(fields: Mapping[str, object]) -> str:
    """The OAuth error code (RFC 6749 section 5.2) of a refusal; empty where it says none.

    The redirect address and the client have no code of their own everywhere: some servers name
    them in the description, or in the title of a problem object (RFC 9457).
    """
    error = str(fields.get("error"))
    names = ("error_description", "title", "detail", "message")
    text = " ".join(str(fields[name]) for name in names if name in fields)[:_READ_AT_MOST]
    if error in _VAGUE_ERRORS and _ABOUT_REDIRECT.search(text):
        return "invalid_redirect_uri"
    if error in _OAUTH_ERRORS:
        return error
    return "invalid_client" if _ABOUT_CLIENT.search(text) else ""


def subscription_problem(  # noqa: PLR0911 - one line a status
    status: int, action: SubscriptionAction
) -> SubscriptionProblem | None:
    """What a response about webhook subscriptions means; ``None`` for success.

    Args:
        status: The HTTP status.
        action: What was asked: all subscriptions, a new one, or a change of one.
    """
    match status, action:
        case _ if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return None
        case HTTPStatus.UNAUTHORIZED, _:
            return "credentials"
        case HTTPStatus.FORBIDDEN | HTTPStatus.NOT_FOUND, "change":
            return "gone"
        case HTTPStatus.FORBIDDEN, _:
            return "forbidden"
        case HTTPStatus.TOO_MANY_REQUESTS, _:
            return "limited"
        case HTTPStatus.CONFLICT, "create":
            return "taken"
        case HTTPStatus.BAD_REQUEST | HTTPStatus.GATEWAY_TIMEOUT, "create":
            return "unreachable"  # Oura gives up when our callback takes too long to prove itself
        case _ if is_temporary(status):
            return "silent"
        case _:
            return "refused"


def no_response_error(failure: NoResponse) -> OuraUnavailable:
    """The error for a request that Oura did not answer."""
    return _unavailable(
        "Oura did not answer in time." if failure.is_late else "Oura could not be reached."
    )


def deadline_error() -> OuraUnavailable:
    """The error for a question whose time is over."""
    return OuraUnavailable(
        "Oura did not answer in the time a question may take.",
        hint="Try again in a few minutes, or ask for fewer days.",
    )


def redirect_error() -> OuraUnavailable:
    """The error for a redirect, which is never followed."""
    return _unavailable("Oura sent annulet elsewhere, where a token must not follow.")


def unreadable_error(response: Response) -> OuraUnavailable:
    """The error for a 200 whose body cannot be used."""
    if response.is_complete:
        return _unavailable("Oura sent something annulet cannot read.")
    return OuraUnavailable("Oura sent more at once than annulet reads.", hint="Ask for fewer days.")


def rate_limit_error(wait_s: float | None) -> OuraRateLimited:
    """The error for a request over Oura's limit.

    Args:
        wait_s: Seconds until the next request, where they are known.
    """
    seconds = 0 if wait_s is None else max(1, round(wait_s))
    unit = "second" if seconds == 1 else "seconds"
    when = f"in {seconds} {unit}" if seconds else "in a few minutes"
    return OuraRateLimited(
        "Oura limits how often it may be asked, and the limit is reached.",
        hint=f"Ask again {when}.",
        retry_after=wait_s,
    )


def probably_not_granted(scope: str) -> CollectionRefused:
    """The error for a collection that refuses, without a reason, a token Oura accepts elsewhere.

    Args:
        scope: The permission that the collection needs.
    """
    return CollectionRefused(
        f"Oura refuses this although it accepts the connection: {_scope_title(scope)} was "
        "probably not granted.",
        hint=_GRANT_IT,
        scope=scope,
    )


def refused_alone() -> CollectionRefused:
    """The error for a collection that refuses while others of its permission answer."""
    return CollectionRefused(
        "Oura refuses this alone, although the permission for it was granted.",
        hint="Connecting again would not help: try again later.",
    )


def _not_granted(scope: str) -> ScopeMissing:
    return ScopeMissing(
        f"Oura does not share this with annulet: {_scope_title(scope)} was not granted.",
        hint=_GRANT_IT,
        scope=scope,
    )


def _scope_title(scope: str) -> str:
    known = SCOPES.get(scope)
    if known is not None:
        return f"{known.title} ({scope})"
    return f"the permission {scope}" if scope else "a permission"


def _rejected(status: int) -> OuraRejectedRequest:
    if status == HTTPStatus.NOT_FOUND:
        return OuraRejectedRequest(
            "Oura does not have what was asked for (404).",
            hint="The document may have been deleted; if it was a whole collection, report it.",
        )
    return OuraRejectedRequest(
        f"Oura did not accept annulet's request ({status}).",
        hint="This is a bug of annulet or a change at Oura: update annulet, or report it.",
    )


def _unavailable(message: str) -> OuraUnavailable:
    return OuraUnavailable(message, hint="Try again in a few minutes.")
