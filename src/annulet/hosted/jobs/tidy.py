"""The job that deletes what has expired."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from annulet.hosted.service import Service


async def delete_expired(service: Service) -> None:
    """Delete what has expired, unused registrations of clients, and accounts never confirmed."""
    await service.audit.delete_old()
    await service.authorization.tokens.delete_expired()
    await service.authorization.clients.delete_unused()
    await service.webhooks.inbox.delete_old()
    await service.accounts.limits.delete_old()
    await service.accounts.links.delete_expired()
    await service.accounts.people.delete_unconfirmed()
