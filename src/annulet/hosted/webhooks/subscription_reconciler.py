"""The reconcile job: makes the subscriptions at Oura what the admin wants.

What Oura lists is the truth. The job can be stopped at any point, and two of them do no harm,
because an application has each kind of subscription only once.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field, replace
from typing import Final

from annulet.contract.collections import COLLECTIONS
from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.web.json_log import LOGGER
from annulet.hosted.webhooks.oura_webhook_api import OuraWebhookApi, Subscription, WebhookApiError
from annulet.hosted.webhooks.subscription_settings import (
    DesiredState,
    ObservedState,
    SubscriptionSettings,
)
from annulet.oauth.cancellation import run_to_completion

SUBSCRIPTIONS_JOB: Final = "subscriptions"
KINDS: Final = tuple(
    (collection.webhook, event_type)
    for collection in COLLECTIONS.values()
    if collection.webhook
    for event_type in ("create", "update", "delete")
)
"""Every kind that annulet can read and Oura sends events about; ``meal`` cannot be read."""
_CHECK_INTERVAL_S: Final = 6 * 3600
_RENEW_BEFORE_S: Final = 7 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionReconciler:
    """Compares the subscriptions with the desired state, and changes what differs."""

    clock: Clock
    settings: SubscriptionSettings
    api: OuraWebhookApi
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    async def reconcile_if_due(self) -> None:
        """Reconcile after a new decision, after a problem, and every six hours while on."""
        desired = await self.settings.read_desired()
        observed = await self.settings.read_observed()
        age_s = to_epoch_s(self.clock()) - (observed.checked_at or 0)
        is_settled = observed.revision == desired.revision and not observed.problem
        if not is_settled or (desired.on and age_s >= _CHECK_INTERVAL_S):
            await self.reconcile()

    async def reconcile(self) -> None:
        """Change the subscriptions as far as Oura lets it, and store what was found."""
        async with self._lock:
            desired = await self.settings.read_desired()
            if desired.callback != self.settings.callback:
                return  # decided at another address: this may be a copy of the database
            now = to_epoch_s(self.clock())
            try:
                await self._change_subscriptions(desired, now)
                observed = _summarise(await self.api.list_all(), desired, now)
            except WebhookApiError as error:
                facts = {"facts": {"problem": error.problem}}
                logging.getLogger(LOGGER).warning("subscriptions are not as wanted", extra=facts)
                before = await self.settings.read_observed()
                observed = replace(
                    before, revision=desired.revision, checked_at=now, problem=error.problem
                )
            await run_to_completion(self.settings.write_observed(observed))

    async def _change_subscriptions(self, desired: DesiredState, now: int) -> None:
        """Delete, renew and create what differs.

        Subscriptions of other addresses belong to other services and are not touched, but for an
        earlier address of this one.
        """
        listed = await self.api.list_all()
        unwanted_url = desired.previous_callback if desired.on else desired.callback
        unwanted = [s for s in listed if unwanted_url and s.callback_url == unwanted_url]
        for subscription in unwanted:
            await self.api.delete(subscription.id)
        if not desired.on:
            return
        taken = {s.kind for s in listed if s not in unwanted}
        for subscription in listed:
            is_ours = subscription.callback_url == desired.callback
            is_gone = (
                is_ours
                and _ends_soon(subscription, now)
                and not await self.api.renew(subscription.id)
            )
            if is_gone:
                taken.discard(subscription.kind)
        token = await self.settings.verification_token()
        for kind in KINDS:
            if kind not in taken:
                await self.api.create(kind, desired.callback, token)


def _ends_soon(subscription: Subscription, now: int) -> bool:
    expires_at = subscription.expires_at
    return expires_at is None or expires_at - now < _RENEW_BEFORE_S


def _summarise(listed: list[Subscription], desired: DesiredState, now: int) -> ObservedState:
    ours = [s for s in listed if s.callback_url == desired.callback]
    others = [s for s in listed if s.callback_url != desired.callback and s.kind in KINDS]
    return ObservedState(
        revision=desired.revision,
        checked_at=now,
        active=len(ours),
        expires_at=min((s.expires_at for s in ours if s.expires_at is not None), default=None),
        elsewhere=len(others),
        elsewhere_url=others[0].callback_url if others else "",
    )
