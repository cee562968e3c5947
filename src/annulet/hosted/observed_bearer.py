"""Writes the requests of one bearer to the audit log and the log, as the server observes them."""

from __future__ import annotations

from typing import Final

from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.audit.audit_log import AuditLog
from annulet.hosted.authorization.access_grant import AccessGrant
from annulet.hosted.observability.recorder import Recorder
from annulet.hosted.observability.work_record import current_record
from annulet.mcp_server.request_observer import (
    INSUFFICIENT_SCOPE,
    ObservedMethod,
    ObservedRequest,
)

_ACTIONS: Final = {
    ObservedMethod.TOOL_CALL: AuditAction.TOOL_CALLED,
    ObservedMethod.RESOURCE_READ: AuditAction.RESOURCE_READ,
    ObservedMethod.PROMPT_GET: AuditAction.PROMPT_FETCHED,
    ObservedMethod.COMPLETION: AuditAction.COMPLETION_ASKED,
}


class ObservedBearer:
    """Observes the requests that come with one bearer.

    Attributes:
        needs_scope: Whether a request needed a scope that the bearer lacks.

    Args:
        bearer: Who asks, and whose data.
        audit: The audit log.
        recorder: Counts the requests.
    """

    def __init__(self, bearer: AccessGrant, audit: AuditLog, recorder: Recorder) -> None:
        self.needs_scope = False
        self._bearer = bearer
        self._audit = audit
        self._recorder = recorder
        # the server may observe in a task of its own, so the record is that of the bearer's request
        self._record = current_record()
        self._read_health: list[str] = []

    def observe(self, request: ObservedRequest) -> None:
        """Add the entry of one request to the audit log, and its name to the line of the log."""
        self._audit.add(
            _ACTIONS[request.target.method],
            self._bearer.person.id,
            client=self._bearer.client_name,
            endpoint_id=self._bearer.endpoint.id,
            tool=request.target.name,
            status=request.outcome,
            bytes=request.answer_bytes,
            milliseconds=request.milliseconds,
        )
        self._recorder.count_question(request)
        if self._record is not None:
            self._record.facts |= {
                "mcp_method": str(request.target.method),
                "tool": request.target.name,
                "outcome": request.outcome,
            }
        self.needs_scope |= request.outcome == INSUFFICIENT_SCOPE
        if request.read_health is not None:
            self._read_health.append(request.read_health)

    def take_read_health(self) -> list[str]:
        """Return what the requests found out about reading from Oura, once."""
        outcomes, self._read_health = self._read_health, []
        return outcomes
