"""What reads find out about a connection, written to the database only when it changes."""

from __future__ import annotations

from typing import Final

from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.audit.audit_log import AuditLog
from annulet.hosted.connections.connection_state import ConnectionState
from annulet.hosted.connections.connection_status import ConnectionStatuses
from annulet.hosted.mail.mail_texts import MailKind
from annulet.hosted.mail.outbox import Outbox

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


class ReadHealth:
    """Records the outcome of each read.

    A process remembers nothing about it: the state that was read before the question decides, so a
    success on one replica ends the failure that another replica has found.
    """

    def __init__(self, statuses: ConnectionStatuses, audit: AuditLog, outbox: Outbox) -> None:
        self._statuses = statuses
        self._audit = audit
        self._outbox = outbox

    async def record(self, person_id: str, outcome: str, before: ConnectionState) -> None:
        """Record how a read ended.

        Args:
            person_id: Whose data was read.
            outcome: ``ok`` or the code of a failure.
            before: The state of the connection before the read.
        """
        if outcome == "ok":
            if before.last_error:
                await self._statuses.record_success(person_id, before)
            return
        if outcome not in _CODES_ABOUT_OURA or outcome == before.last_error:
            return
        is_new = await self._statuses.record_failure(person_id, outcome)
        if is_new and outcome == "needs_reconnect":
            self._audit.add(AuditAction.GRANT_LOST, person_id, status=outcome)
            await self._outbox.post(MailKind.RECONNECT, person_id)
