"""The errors of connecting, each with a reason code for programs."""

from __future__ import annotations

from typing import Final, Literal

from annulet.errors import ConsentError, OuraError, OuraRateLimited, OuraUnavailable, UsageError
from annulet.oura_http.error_mapping import TokenRequestRefused, rate_limit_error
from annulet.oura_http.sending import NoResponse, Unusable


class ConnectFailed(ConsentError):
    """The person gave no consent, or Oura did not exchange its code.

    Args:
        message: What happened.
        hint: What to do next.
        reason: One word for programs.
        is_about_application: Whether the registration of the application has to be mended, which
            in a hosted service is not for the person to do.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str,
        reason: Literal["denied", "timeout", "exchange_failed"],
        is_about_application: bool = False,
    ) -> None:
        super().__init__(message, hint=hint)
        self.reason = reason
        self.is_about_application = is_about_application

    def as_dict(self) -> dict[str, dict[str, str]]:
        """The error as JSON, with its reason."""
        plain = super().as_dict()
        return {"error": {**plain["error"], "reason": self.reason}}


class PortBusy(UsageError):
    """None of the registered ports is free on this machine."""

    reason = "port_busy"

    def as_dict(self) -> dict[str, dict[str, str]]:
        """The error as JSON, with its reason."""
        plain = super().as_dict()
        return {"error": {**plain["error"], "reason": self.reason}}


_UNUSABLE: Final[dict[Unusable, tuple[str, str]]] = {
    "": ("Oura did not answer when the permission was to be exchanged for a token.", ""),
    "out_of_order": (
        "Oura's sign-in service is out of order: it gave no token for the permission.",
        "",
    ),
    "elsewhere": (
        "Oura's sign-in service sent annulet elsewhere, where a secret must not follow.",
        "Check ANNULET_OURA_TOKEN_URL if it is set. ",
    ),
    "unreadable": (
        "Oura's sign-in service sent something that is no token response.",
        "Check ANNULET_OURA_TOKEN_URL if it is set. ",
    ),
    "other_token": (
        "Oura's sign-in service answered without an access token that annulet can use.",
        "",
    ),
}
"""What happened, and what to look at before trying again."""


def exchange_without_token(failure: NoResponse) -> OuraError:
    """The error for a code that was exchanged for nothing usable."""
    if failure.unusable == "limited":
        limited = rate_limit_error(failure.retry_after_s)
        hint = f"{limited.hint.removesuffix('.')}: annulet connect"
        return OuraRateLimited(limited.message, hint=hint, retry_after=limited.retry_after)
    message, first = _UNUSABLE[failure.unusable]
    return OuraUnavailable(message, hint=f"{first}Try again in a minute: annulet connect")


def exchange_refused(refusal: TokenRequestRefused, redirect_uri: str) -> ConnectFailed:
    """The error for a code that Oura did not exchange.

    Args:
        refusal: What the token endpoint answered.
        redirect_uri: The redirect address that was sent.
    """
    again = "then run: annulet connect"
    match refusal.error:
        case "invalid_client" | "unauthorized_client":
            message = "Oura does not accept the client id and client secret of this application."
            hint = f"Copy both again from the application's page at Oura, {again}"
        case "invalid_grant":
            return ConnectFailed(
                "Oura no longer accepts the code of this consent: it is used or has expired.",
                hint="Run it again: annulet connect",
                reason="exchange_failed",
            )
        case "invalid_redirect_uri":
            message = "The redirect address is not registered at Oura."
            hint = f"Add exactly {redirect_uri} to the application at Oura, {again}"
        case _:
            message = f"Oura refused to exchange the permission for a token ({refusal.status})."
            hint = (
                f"Check the client secret and that {redirect_uri} is registered for the "
                f"application at Oura, {again}"
            )
    return ConnectFailed(message, hint=hint, reason="exchange_failed", is_about_application=True)
