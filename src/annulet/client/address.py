"""The root of Oura's API as the client takes it: an address tokens may go to, and nothing more."""

from __future__ import annotations

from urllib.parse import urlsplit

from annulet.contract.addresses import fit_for_tokens
from annulet.errors import UsageError

__all__ = ["checked"]


def checked(url: str) -> str:
    """The root of the API without a trailing slash.

    Raises:
        UsageError: A token must not be sent to this address.

    >>> checked("https://api.ouraring.com/")
    'https://api.ouraring.com'
    """
    if not fit_for_tokens(url) or not _bare(url):
        raise UsageError(
            "The address of Oura's API must be https, or http on this machine.",
            hint="Set it to https://api.ouraring.com or to http://127.0.0.1:PORT.",
        )
    return url.rstrip("/")


def _bare(url: str) -> bool:
    """Whether there is neither a user nor a query nor a fragment in it."""
    parts = urlsplit(url)
    return not (parts.username or parts.password or parts.query or parts.fragment)
