"""What calls find out about a connection, written down only when it changes."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.audit.audit_log import AuditLog
from annulet.hosted.connections.connection_status import ConnectionStatuses

__all__ = ["ReadHealth"]

_ABOUT_OURA: Final = frozenset(
    {"needs_reconnect", "membership_inactive", "oura_unavailable", "rate_limited", "missing_scope"}
)
_MOST: Final = 10_000


class ReadHealth:
    """Learns from the outcome of each call how the connection fares."""

    def __init__(self, statuses: ConnectionStatuses, audit: AuditLog) -> None:
        self._statuses = statuses
        self._audit = audit
        self._last: OrderedDict[str, str] = OrderedDict()

    async def learn(self, person_id: str, outcome: str) -> None:
        """A call ended like this: ``ok`` or the code of a failure."""
        if outcome != "ok" and outcome not in _ABOUT_OURA:
            return
        if self._last.get(person_id) == outcome:
            return
        self._last[person_id] = outcome
        while len(self._last) > _MOST:
            self._last.popitem(last=False)
        if outcome == "ok":
            await self._statuses.note_success(person_id)
            return
        await self._statuses.note_failure(person_id, outcome)
        if outcome == "needs_reconnect":
            self._audit.add(AuditAction.GRANT_LOST, person_id, status=outcome)

    def forget(self, person_id: str) -> None:
        """The connection was made or removed: the next outcome is news."""
        self._last.pop(person_id, None)
