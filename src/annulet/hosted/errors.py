"""Errors of the hosted service that a page answers with a status of its own."""

from __future__ import annotations

from annulet.errors import AnnuletError, UsageError


class NotFoundError(UsageError):
    """The thing does not exist or belongs to another person; the answer does not tell which."""


class FieldError(UsageError):
    """What was typed into one field of a form cannot be used; the page says so beside the field.

    Args:
        field: The name of the field.
        message: What is wrong.
        hint: What to type instead.
    """

    def __init__(self, field: str, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.field = field


class OverloadedError(AnnuletError):
    """The service has more to do than it can; it refuses at once instead of letting people wait.

    Args:
        retry_after_s: Seconds after which another attempt is likely to succeed.
    """

    code = "rate_limited"

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(
            "The service is busy.",
            hint=f"Nothing was changed. Try again in {retry_after_s} seconds.",
        )
        self.retry_after_s = retry_after_s
