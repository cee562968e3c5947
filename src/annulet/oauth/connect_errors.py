"""The errors of connecting, each with a reason code for programs."""

from __future__ import annotations

from typing import Literal

from annulet.errors import ConsentError, UsageError

__all__ = ["ConnectFailed", "PortBusy"]


class ConnectFailed(ConsentError):  # noqa: N818 - reads as the state it is
    """The person gave no consent, or Oura did not exchange its code.

    Args:
        message: What happened.
        hint: What to do next.
        reason: One word for programs.
    """

    def __init__(
        self, message: str, *, hint: str, reason: Literal["denied", "timeout", "exchange_failed"]
    ) -> None:
        super().__init__(message, hint=hint)
        self.reason = reason

    def as_dict(self) -> dict[str, dict[str, str]]:
        """The error as JSON, with its reason."""
        plain = super().as_dict()
        return {"error": {**plain["error"], "reason": self.reason}}


class PortBusy(UsageError):  # noqa: N818 - reads as the state it is
    """None of the registered ports is free on this machine."""

    reason = "port_busy"

    def as_dict(self) -> dict[str, dict[str, str]]:
        """The error as JSON, with its reason."""
        plain = super().as_dict()
        return {"error": {**plain["error"], "reason": self.reason}}
