"""How connecting can fail, each with a code word for programs."""

from __future__ import annotations

from typing import Literal

from annulet.errors import ConsentError, UsageError

__all__ = ["ConnectFailed", "PortBusy"]


class ConnectFailed(ConsentError):  # noqa: N818 - reads as the state it is
    """No consent came back, or Oura would not exchange it.

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
        """The failure with its code word beside the code."""
        plain = super().as_dict()
        return {"error": {**plain["error"], "reason": self.reason}}


class PortBusy(UsageError):  # noqa: N818 - reads as the state it is
    """None of the registered ports is free on this machine."""

    reason = "port_busy"

    def as_dict(self) -> dict[str, dict[str, str]]:
        """The failure with its code word beside the code."""
        plain = super().as_dict()
        return {"error": {**plain["error"], "reason": self.reason}}
