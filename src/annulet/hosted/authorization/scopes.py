"""The scopes of assistants: what each allows, and the words that describe it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from annulet.hosted.authorization.errors import OAuthError

READ: Final = "oura:read"
STATUS: Final = "oura:status"
OFFLINE: Final = "offline_access"
"""Offered because some clients refresh only where it is; every client gets a refresh token."""

SCOPES: Final[dict[str, str]] = {
    READ: "Ask all questions about your ring data: sleep, readiness, activity, heart, trends.",
    STATUS: "Only see whether your ring is connected, and its model and battery.",
}
_WITHOUT_DATA: Final = frozenset({OFFLINE, "openid", "profile", "email"})
"""What clients of other services ask for by habit, besides the data."""
_STATUS_TOOLS: Final = frozenset({"oura_permissions", "oura_device"})


def known_scopes(text: str) -> tuple[str, ...]:
    """Return the scopes of a request that mean something here; others are ignored."""
    names = text.split()
    return tuple(name for name in SCOPES if name in names)


def parse_scopes(text: str) -> tuple[str, ...]:
    """Parse the scopes of a request: reading where it names none of data.

    >>> parse_scopes(""), parse_scopes("oura:status offline_access"), parse_scopes("openid")
    (('oura:read',), ('oura:status',), ('oura:read',))

    Raises:
        OAuthError: It names scopes, and none that is offered.
    """
    names = known_scopes(text)
    if not names and not _WITHOUT_DATA.issuperset(text.split()):
        raise OAuthError("invalid_scope", f"The scopes that are offered: {', '.join(SCOPES)}.")
    return names or (READ,)


def describe_scopes(scopes: Iterable[str]) -> list[str]:
    """Describe scopes for a person; reading includes the state, which is not named beside it.

    >>> len(describe_scopes(["oura:read", "oura:status"]))
    1
    """
    names = [name for name in scopes if name in SCOPES]
    return [SCOPES[name] for name in names if name != STATUS or READ not in names]


def allowed_tools(scopes: Iterable[str], offered: Iterable[str]) -> frozenset[str]:
    """Return the tools that the scopes allow, out of those that an endpoint offers."""
    names = set(scopes)
    if READ in names:
        return frozenset(offered)
    return _STATUS_TOOLS & frozenset(offered) if STATUS in names else frozenset()
