"""What is counted while the service works; without metrics, nothing."""

from __future__ import annotations

from typing import Protocol

from starlette.types import Scope

from annulet.mcp_server.request_observer import ObservedRequest


class Recorder(Protocol):
    """Counts what happens; no method may take the name or an id of a person."""

    def count_request(self, scope: Scope, status: int, elapsed_s: float) -> None:
        """Count a request by the template of its route."""

    def count_refusal(self, status: int, reason: str) -> None:
        """Count a request that was refused for want of room or of time."""

    def count_question(self, request: ObservedRequest) -> None:
        """Count a request of MCP that was dispatched."""

    def count_oura_request(self, collection: str, status: str, elapsed_s: float) -> None:
        """Count a request to Oura's data."""

    def count_held_request(self, reason: str) -> None:
        """Count a request that was answered in place of Oura."""

    def count_renewal(self, outcome: str) -> None:
        """Count a renewal of a grant."""

    def count_job(self, job: str, outcome: str, elapsed_s: float) -> None:
        """Count a run of a job."""

    def count_database_error(self, kind: str) -> None:
        """Count a failure of the database or of a statement."""


class NoRecorder:
    """Counts nothing: metrics are off."""

    def count_request(self, scope: Scope, status: int, elapsed_s: float) -> None:
        """Ignore a request."""

    def count_refusal(self, status: int, reason: str) -> None:
        """Ignore a refusal."""

    def count_question(self, request: ObservedRequest) -> None:
        """Ignore a question."""

    def count_oura_request(self, collection: str, status: str, elapsed_s: float) -> None:
        """Ignore a request to Oura."""

    def count_held_request(self, reason: str) -> None:
        """Ignore a request that was held back."""

    def count_renewal(self, outcome: str) -> None:
        """Ignore a renewal."""

    def count_job(self, job: str, outcome: str, elapsed_s: float) -> None:
        """Ignore a job."""

    def count_database_error(self, kind: str) -> None:
        """Ignore an error."""
