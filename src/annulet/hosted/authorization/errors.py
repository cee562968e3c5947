"""Failures of the authorization server, in the words of OAuth."""

from __future__ import annotations

__all__ = ["OAuthError"]


class OAuthError(Exception):
    """A refusal that a client can read.

    Args:
        error: The code of the specification.
        description: One sentence; never quotes what was sent.
        status: The HTTP status where it is answered directly.
    """

    def __init__(self, error: str, description: str, *, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = status

    def as_dict(self) -> dict[str, str]:
        """The body of the answer."""
        return {"error": self.error, "error_description": self.description}
