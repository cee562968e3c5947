"""Addresses that credentials may be sent to: https, or plain http on this machine."""

from __future__ import annotations

from annulet.contract.addresses import is_bare, is_safe_for_tokens
from annulet.errors import UsageError


def check_api_url(url: str) -> str:
    """The root of Oura's API without a trailing slash.

    Raises:
        UsageError: A token must not be sent to this address.

    >>> check_api_url("https://api.ouraring.com/")
    'https://api.ouraring.com'
    """
    if not is_safe_for_tokens(url) or not is_bare(url):
        raise UsageError(
            "The address of Oura's API must be https, or http on this machine.",
            hint="Set it to https://api.ouraring.com or to http://127.0.0.1:PORT.",
        )
    return url.rstrip("/")


def check_sign_in_url(url: str) -> str:
    """An address of Oura's sign-in service, unchanged.

    Raises:
        UsageError: A code, a token or the client secret must not be sent to this address.
    """
    if not is_safe_for_tokens(url):
        raise UsageError(
            "An address of the sign-in service is neither https nor on this machine.",
            hint="Check the ANNULET_OURA_… addresses; plain http works only for 127.0.0.1.",
        )
    return url
