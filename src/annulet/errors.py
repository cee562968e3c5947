"""Every failure annulet can tell a person about.

::

    AnnuletError                 internal
    ├── UsageError               bad_input
    ├── NoDataError              no_data
    ├── VaultError               vault_locked
    ├── DatabaseUnavailable      database_unavailable
    ├── ConsentError
    │   ├── NotConnected         not_connected
    │   ├── ConsentRevoked       needs_reconnect
    │   ├── ScopeMissing         missing_scope
    │   │   └── CollectionRefused
    │   └── AccountRefused
    │       ├── MembershipRequired   membership_inactive
    │       └── AppUpdateNeeded      app_update_needed
    └── OuraError
        ├── OuraUnavailable      oura_unavailable
        │   └── RenewalUnfinished
        ├── OuraRateLimited      rate_limited
        └── OuraRejectedRequest  internal

Each error carries a message that is safe to show to a person or a model, and a hint that says
what to do next. Neither ever holds a response body, a token or the text of another program.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "AccountRefused",
    "AnnuletError",
    "AppUpdateNeeded",
    "CollectionRefused",
    "ConsentError",
    "ConsentRevoked",
    "DatabaseUnavailable",
    "MembershipRequired",
    "NoDataError",
    "NotConnected",
    "OuraError",
    "OuraRateLimited",
    "OuraRejectedRequest",
    "OuraUnavailable",
    "RenewalUnfinished",
    "ScopeMissing",
    "UsageError",
    "VaultError",
]


class AnnuletError(Exception):
    """The root of the errors that annulet explains to a person.

    Args:
        message: One sentence that says what happened.
        hint: One sentence that says what to do next.
    """

    code: ClassVar[str] = "internal"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()

    def as_dict(self) -> dict[str, dict[str, str]]:
        """The error as every interface shows it: ``{"error": {code, message, hint}}``."""
        return {"error": {"code": self.code, "message": self.message, "hint": self.hint}}


class UsageError(AnnuletError):
    """The question cannot be asked like this: unknown metric, reversed range, bad option."""

    code = "bad_input"
    exit_code = 2


class NoDataError(AnnuletError):
    """The account has nothing of this kind at all (an empty period is an answer, not this)."""

    code = "no_data"
    exit_code = 7


class VaultError(AnnuletError):
    """The vault cannot be opened: wrong key, damaged file, newer format."""

    code = "vault_locked"
    exit_code = 6


class DatabaseUnavailable(AnnuletError):
    """The database of the service does not answer just now."""

    code = "database_unavailable"
    exit_code = 5

    def __init__(self) -> None:
        super().__init__(
            "The database of this service does not answer.",
            hint="Try again in a moment. If it happens again, tell the admin of this service.",
        )


class ConsentError(AnnuletError):
    """The person's permission is missing in some way."""

    code = "not_connected"
    exit_code = 3


class NotConnected(ConsentError):
    """No ring is connected to this account yet."""


class ConsentRevoked(ConsentError):
    """The grant no longer works: revoked, expired or lost in an interrupted refresh."""

    code = "needs_reconnect"


class ScopeMissing(ConsentError):
    """The grant lacks the permission for one collection; others still answer.

    Args:
        message: What could not be read.
        hint: How to add the permission.
        scope: Oura's bare name of the missing permission, when the answer named one.
    """

    code = "missing_scope"
    exit_code = 4

    def __init__(self, message: str, *, hint: str = "", scope: str = "") -> None:
        super().__init__(message, hint=hint)
        self.scope = scope


class CollectionRefused(ScopeMissing):
    """Oura refuses one collection and names no reason; a permission is the likeliest one.

    Its ``scope`` is empty where other collections of the same permission answer.
    """


class AccountRefused(ConsentError):
    """Oura refuses every read for a reason that lies in the person's Oura account."""

    code = "membership_inactive"
    exit_code = 4


class MembershipRequired(AccountRefused):
    """Oura refuses every read because the person's membership is not active."""


class AppUpdateNeeded(AccountRefused):
    """Oura refuses every read because the person's Oura app is too old."""

    code = "app_update_needed"


class OuraError(AnnuletError):
    """Oura could not or would not answer."""

    code = "oura_unavailable"
    exit_code = 5


class OuraUnavailable(OuraError):
    """Oura did not answer after retries: 5xx, broken connection, unreadable answer."""


class RenewalUnfinished(OuraUnavailable):
    """The access token is being renewed, and a question cannot wait any longer for it.

    Whatever else the question reads would wait as long and end the same way.
    """


class OuraRateLimited(OuraError):
    """Oura limits us, and waiting any longer would exceed the deadline.

    Args:
        message: What was limited.
        hint: When to try again.
        retry_after: Seconds until Oura wants to be asked again, when it said so.
    """

    code = "rate_limited"

    def __init__(self, message: str, *, hint: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class OuraRejectedRequest(OuraError):
    """Oura says that our request was wrong (400, 404, 422): a bug of ours."""

    code = "internal"
    exit_code = 1
