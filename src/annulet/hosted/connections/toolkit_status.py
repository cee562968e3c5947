"""The status of the toolkit for one person: registration and connection put together."""

from __future__ import annotations

from dataclasses import dataclass

from annulet.hosted.connections.connection_state import ConnectionState
from annulet.hosted.connections.connection_status import ConnectionStatus, ConnectionStatuses
from annulet.hosted.registrations.registration_queue import RegistrationQueue
from annulet.hosted.registrations.stages import Registration, Stage, find_stage


@dataclass(frozen=True, slots=True)
class ToolkitStatus:
    """The toolkit row of one person.

    Attributes:
        registration: Whether the person may connect.
        queue_position: The position in the queue; ``None`` for a person outside of it.
        connection: The facts about the connection.
    """

    registration: Registration
    queue_position: int | None
    connection: ConnectionStatus

    @property
    def stage(self) -> Stage:
        """What the person sees."""
        return find_stage(
            self.registration,
            self.connection.health,
            lacks_permissions=bool(self.connection.missing),
        )

    @property
    def is_connected(self) -> bool:
        """Whether reads work, with all permissions or with some."""
        return self.stage in {Stage.CONNECTED, Stage.MISSING_PERMISSIONS}


class ToolkitStatuses:
    """Reads the toolkit status of people."""

    def __init__(self, queue: RegistrationQueue, connections: ConnectionStatuses) -> None:
        self._queue = queue
        self._connections = connections

    async def read_state(self, person_id: str) -> ConnectionState:
        """Read the state of one person's connection."""
        return await self._connections.read_state(person_id)

    async def read(self, person_id: str) -> ToolkitStatus:
        """Read the status of one person."""
        return ToolkitStatus(
            registration=await self._queue.read_registration(person_id),
            queue_position=await self._queue.read_position(person_id),
            connection=await self._connections.read(person_id),
        )
