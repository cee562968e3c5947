"""Refusals that pages turn into a status of their own."""

from __future__ import annotations

from annulet.errors import UsageError

__all__ = ["NotFoundError"]


class NotFoundError(UsageError):
    """There is no such thing, or it belongs to somebody else; nobody learns which."""
