"""What reads find out about a connection, written to the database only when it changes."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.audit.audit_log import AuditLog
from annulet.hosted.connections.connection_status import ConnectionStatuses

__all__ = ["ReadHealth"]

_CODES_ABOUT_OURA: Final = frozenset(
    {
        "needs_reconnect",
        "membership_inactive",
        "app_update_needed",
        "oura_unavailable",
        "rate_limited",
        "missing_scope",
    }
)
_MAX_PEOPLE: Final = 10_000


class ReadHealth:
    """Records the outcome of each read."""

    def __init__(self, statuses: ConnectionStatuses, audit: AuditLog) -> None:
        self._statuses = statuses
        self._audit = audit
        self._last_outcomes: OrderedDict[str, str] = OrderedDict()

    async def record(self, person_id: str, outcome: str) -> None:
        """Record how a read ended.

        Args:
            person_id: Whose data was read.
            outcome: ``ok`` or the code of a failure.
        """
        if outcome != "ok" and outcome not in _CODES_ABOUT_OURA:
            return
        if self._last_outcomes.get(person_id) == outcome:
            return
        self._last_outcomes[person_id] = outcome
        while len(self._last_outcomes) > _MAX_PEOPLE:
            self._last_outcomes.popitem(last=False)
        if outcome == "ok":
            await self._statuses.record_success(person_id)
            return
        await self._statuses.record_failure(person_id, outcome)
        if outcome == "needs_reconnect":
            self._audit.add(AuditAction.GRANT_LOST, person_id, status=outcome)

    def forget(self, person_id: str) -> None:
        """Forget the last outcome, so that the next one is written in any case."""
        self._last_outcomes.pop(person_id, None)
