"""Errors of the hosted service that a page answers with a status of its own."""

from __future__ import annotations

from annulet.errors import UsageError

__all__ = ["NotFoundError"]


class NotFoundError(UsageError):
    """The thing does not exist or belongs to another person; the answer does not tell which."""
