"""Where one person stands with the toolkit: registration and connection put together."""

from __future__ import annotations

from dataclasses import dataclass

from annulet.hosted.connections.connection_status import ConnectionStatus, ConnectionStatuses
from annulet.hosted.registrations.registration_queue import RegistrationQueue
from annulet.hosted.registrations.stages import Journey, Stage, stage

__all__ = ["Standing", "ToolkitStatuses"]


@dataclass(frozen=True, slots=True)
class Standing:
    """One person's toolkit row.

    Attributes:
        journey: The state.
        position: The place in the queue; 0 for who does not wait.
        status: The facts about the connection.
    """

    journey: Journey
    position: int
    status: ConnectionStatus

    @property
    def stage(self) -> Stage:
        """What the person sees."""
        return stage(self.journey)


class ToolkitStatuses:
    """Reads where people stand."""

    def __init__(self, queue: RegistrationQueue, statuses: ConnectionStatuses) -> None:
        self._queue = queue
        self._statuses = statuses

    async def of(self, person_id: str) -> Standing:
        """Where one person stands now."""
        status = await self._statuses.of(person_id)
        registration = await self._queue.state(person_id)
        return Standing(
            journey=Journey(registration, status.health, bool(status.missing)),
            position=await self._queue.position(person_id),
            status=status,
        )
