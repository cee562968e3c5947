"""Which subscriptions to make, to renew and to end: pure, from what Oura lists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from annulet.contract.collections import COLLECTIONS
from annulet.hosted.webhooks.subscription_settings import Report
from annulet.hosted.webhooks.subscriptions import Subscription

__all__ = ["KINDS", "Plan", "plan", "report"]

KINDS: Final = tuple(
    (collection.webhook, event)
    for collection in COLLECTIONS.values()
    if collection.webhook
    for event in ("create", "update", "delete")
)
"""Everything annulet can read and Oura tells of; ``meal`` cannot be read."""
_RENEW_SECONDS: Final = 7 * 86_400


@dataclass(frozen=True, slots=True)
class Plan:
    """What is left to do.

    Attributes:
        create: Kinds that nobody is told of.
        renew: Ours that end within a week, or do not say when.
        end: Those that shall not be.
    """

    create: tuple[tuple[str, str], ...] = ()
    renew: tuple[Subscription, ...] = ()
    end: tuple[Subscription, ...] = ()


def plan(
    listed: Iterable[Subscription], *, on: bool, callback: str, now: int, before: str = ""
) -> Plan:
    """What to do so that Oura tells this address, or no longer does.

    Subscriptions of other addresses are left alone: they belong to whoever made them.

    Args:
        listed: What Oura lists.
        on: Whether Oura shall tell.
        callback: Our address.
        now: Seconds since 1970.
        before: An address that was ours; what leads there moves.
    """
    everything = list(listed)
    ours = [one for one in everything if one.callback_url == callback]
    if not on:
        return Plan(end=tuple(ours))
    old = [one for one in everything if before and one.callback_url == before]
    there = {one.kind for one in everything if one not in old}
    return Plan(
        create=tuple(kind for kind in KINDS if kind not in there),
        renew=tuple(
            one for one in ours if one.expires_at is None or one.expires_at - now < _RENEW_SECONDS
        ),
        end=tuple(old),
    )


def report(listed: Iterable[Subscription], *, callback: str, now: int) -> Report:
    """How things stand, from what Oura lists."""
    everything = list(listed)
    ours = [one for one in everything if one.callback_url == callback]
    others = [one for one in everything if one.callback_url != callback and one.kind in KINDS]
    ends = [one.expires_at for one in ours if one.expires_at is not None]
    return Report(
        done_at=now,
        active=len(ours),
        expires_at=min(ends, default=None),
        elsewhere=len(others),
        elsewhere_host=_host(others[0].callback_url) if others else "",
    )


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
