"""Housekeeping: deletes what has expired, every six hours."""

from __future__ import annotations

import asyncio
from typing import Final

from annulet.hosted.service import Service
from annulet.oauth.cancellation import run_to_completion

_INTERVAL_S: Final = 6 * 3600


async def run_housekeeping(service: Service) -> None:
    """Delete expired rows until cancelled."""
    while True:
        # a write that is cancelled half-way would keep the database locked for other writers
        await run_to_completion(delete_expired(service))
        await asyncio.sleep(_INTERVAL_S)


async def delete_expired(service: Service) -> None:
    """Delete what has expired, unused registrations of clients, and accounts never confirmed."""
    await service.audit.delete_old()
    await service.authorization.tokens.delete_expired()
    await service.authorization.clients.delete_unused()
    await service.webhooks.inbox.delete_old()
    await service.accounts.limits.delete_old()
    await service.accounts.links.delete_expired()
    await service.accounts.people.delete_unconfirmed()
