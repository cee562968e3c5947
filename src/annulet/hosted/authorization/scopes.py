"""What an assistant can be allowed, in plain words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

__all__ = ["READ", "SCOPES", "STATUS", "chosen", "tools", "words"]

READ: Final = "oura:read"
STATUS: Final = "oura:status"

SCOPES: Final[dict[str, str]] = {
    READ: "Ask all questions about your ring data: sleep, readiness, activity, heart, trends.",
    STATUS: "Only see whether your ring is connected, and its model and battery.",
}
_STATUS_TOOLS: Final = frozenset({"oura_permissions", "oura_device"})


def chosen(asked: str) -> tuple[str, ...] | None:
    """The scopes of a request: reading when nothing is asked; ``None`` when nothing is known.

    >>> chosen(""), chosen("oura:status offline_access"), chosen("admin")
    (('oura:read',), ('oura:status',), None)
    """
    names = asked.split()
    known = tuple(name for name in SCOPES if name in names)
    if not names:
        return (READ,)
    return known or None


def words(scopes: Iterable[str]) -> list[str]:
    """The scopes as a person reads them."""
    return [SCOPES[name] for name in scopes if name in SCOPES]


def tools(scopes: Iterable[str], offered: Iterable[str]) -> frozenset[str]:
    """The tools these scopes open, out of those that an endpoint offers."""
    names = set(scopes)
    if READ in names:
        return frozenset(offered)
    return _STATUS_TOOLS & frozenset(offered) if STATUS in names else frozenset()
