"""The job that deletes what has expired."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from annulet.hosted.service import Service

__all__ = ["delete_expired"]


async def delete_expired(service: Service) -> None:
    """Delete expired audit entries, tokens, grants, clients and digests of events."""
    await service.audit.delete_old()
    await service.authorization.tokens.delete_expired()
    await service.authorization.clients.delete_unused()
    await service.webhooks.inbox.delete_old()
    await service.accounts.limits.delete_old()
