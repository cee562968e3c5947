"""The policy: what a capability allows of one request, without I/O and without a clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from annulet.contract.collections import Query
from annulet.proxy.capability import Capability
from annulet.proxy.request_refused import RequestRefused
from annulet.proxy.routes import Parameters, Route


def unknown_capability() -> RequestRefused:
    """Return the refusal of an unknown token."""
    return _unauthorized("capability_unknown", "This capability token is not known here.")


def check_capability(
    capability: Capability,
    *,
    now: datetime,
    account: str,
    may_use: Callable[[str], bool],
    declared_tool: str | None,
) -> None:
    """Check that the capability is alive and used by the tool it was minted for.

    Args:
        capability: What the token stands for.
        now: The present instant.
        account: Whose data this proxy reads.
        may_use: Whether a tool may use the person's credential.
        declared_tool: The tool that the request names, where it names one.

    Raises:
        RequestRefused: It is ended, spent, or used by another tool.
    """
    state = capability.state(now)
    if state == "revoked":
        raise _unauthorized("capability_revoked", "This capability has been revoked.")
    if state == "expired":
        raise _unauthorized("capability_expired", "This capability has expired.")
    if capability.account != account:
        raise _forbidden(
            "not_granted", "This capability was minted for another account of this machine."
        )
    is_other_tool = declared_tool is not None and declared_tool != capability.tool
    if is_other_tool or not may_use(capability.tool):
        raise _forbidden("wrong_tool", "This tool may not use the credential.")
    if state == "spent":
        raise budget_spent()


def budget_spent() -> RequestRefused:
    """Return the refusal after the last allowed request."""
    return _forbidden("budget_spent", "The request budget of this capability is spent.")


def check_route(
    capability: Capability, route: Route, parameters: Parameters, now: datetime
) -> None:
    """Check that the capability covers the route and its range.

    Raises:
        RequestRefused: It does not.
    """
    if route.sandbox != capability.sandbox:
        raise _forbidden(
            "not_granted",
            "Oura's sandbox and the person's own data are granted separately.",
            hint="Mint another capability, with or without --sandbox.",
        )
    if route.collection.name not in capability.collections:
        raise _forbidden("not_granted", "This capability does not cover this collection.")
    if capability.earliest or capability.latest:
        _check_bounds(capability, route, parameters)
    if capability.max_days is not None and parameters.start is not None:
        # A range without an end goes on until now, and the person's day may be ahead of UTC's.
        end = parameters.end or now.date() + timedelta(days=1)
        _check_length(capability.max_days, parameters.start, end)
    elif capability.max_days is not None and parameters.end is not None:
        raise _forbidden(
            "not_granted",
            "A range without a beginning could be longer than this capability allows.",
            hint="Give the beginning of the range too.",
        )


def _check_length(max_days: int, start: date, end: date) -> None:
    if (end - start).days + 1 > max_days:
        raise _forbidden(
            "not_granted",
            f"This capability reads at most {max_days} days in one request.",
            hint="Ask for a shorter range, or for several.",
        )


def _check_bounds(capability: Capability, route: Route, parameters: Parameters) -> None:
    if route.collection.query is Query.NONE and not route.document_id:
        return
    start, end = parameters.start, parameters.end
    if start is None or end is None or route.document_id or parameters.has("latest"):
        raise _forbidden(
            "not_granted",
            "This capability covers a range of days, and the request does not say its own.",
            hint="Ask for the range, with its beginning and its end.",
        )
    too_early = capability.earliest is not None and start < capability.earliest
    too_late = capability.latest is not None and end > capability.latest
    if too_early or too_late:
        raise _forbidden("not_granted", "The range lies outside the days this capability covers.")


def _unauthorized(code: str, message: str) -> RequestRefused:
    return RequestRefused(
        401, code, message, hint="Mint a new capability with: annulet grant --tool NAME."
    )


def _forbidden(
    code: str,
    message: str,
    *,
    hint: str = "Ask the person to mint a capability that covers this: annulet grant --tool NAME.",
) -> RequestRefused:
    return RequestRefused(403, code, message, hint=hint)
