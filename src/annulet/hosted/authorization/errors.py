"""Errors of the authorization server, with the codes of OAuth."""

from __future__ import annotations


class OAuthError(Exception):
    """An error response that a client can read (RFC 6749 section 5.2).

    Args:
        error: The code of the specification.
        description: One sentence; it never quotes what was sent.
        status: The HTTP status where it is answered directly.
        retry_after_s: Seconds until the client may try again; 0 where waiting does not help.
    """

    def __init__(
        self, error: str, description: str, *, status: int = 400, retry_after_s: int = 0
    ) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = status
        self.retry_after_s = retry_after_s

    def as_dict(self) -> dict[str, str]:
        """Return the body of the response."""
        return {"error": self.error, "error_description": self.description}


class ReplayedError(OAuthError):
    """A code or refresh token came back after its use, so its grant has ended.

    Args:
        description: One sentence for the client.
        person_id: Whose grant it was.
        client_name: The client it was given to.
    """

    def __init__(self, description: str, person_id: str, client_name: str) -> None:
        super().__init__("invalid_grant", description)
        self.person_id = person_id
        self.client_name = client_name


class RedirectError(Exception):
    """An error that goes back to the client through the browser (RFC 6749 section 4.1.2.1).

    Args:
        location: The redirect URI with the error.
        error: The error itself, for a person who must not be redirected.
        client_id: The client.
        redirect_uri: The redirect URI without the error.
    """

    def __init__(
        self, location: str, error: OAuthError, *, client_id: str, redirect_uri: str
    ) -> None:
        super().__init__("redirected")
        self.location = location
        self.error = error
        self.client_id = client_id
        self.redirect_uri = redirect_uri
