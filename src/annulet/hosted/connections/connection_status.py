"""What the pages say about a connection: facts beside the sealed grant, never the grant."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import select, update

from annulet.contract.scopes import SCOPES
from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.database import tables
from annulet.hosted.database.engine import Database
from annulet.hosted.registrations.stages import Health

__all__ = ["NOT_CONNECTED", "ConnectionStatus", "ConnectionStatuses"]

_c = tables.connections.c


@dataclass(frozen=True, slots=True)
class ConnectionStatus:
    """How one connection fares.

    Attributes:
        health: In the words of the state machine.
        reason: Why only a new consent helps, if so.
        granted: Bare names of the granted permissions; ``None`` where Oura did not say.
        requested: Bare names of what was asked for.
        connected_at: When consent was given.
        renewed_at: When the tokens were renewed last.
        expires_at: When the access token ends.
        last_error: The code of the last failure towards Oura.
        last_error_at: When that was.
        data_at: When Oura last told of new data by itself.
        recognised: Whether it is known whose events are this person's.
    """

    health: Health
    reason: str = ""
    granted: tuple[str, ...] | None = None
    requested: tuple[str, ...] = ()
    connected_at: int | None = None
    renewed_at: int | None = None
    expires_at: int | None = None
    last_error: str = ""
    last_error_at: int | None = None
    data_at: int | None = None
    recognised: bool = False

    @property
    def missing(self) -> tuple[str, ...]:
        """Permissions of the nine groups that were asked for and not granted."""
        if self.granted is None or self.health is Health.NONE:
            return ()
        return tuple(
            name
            for name in self.requested
            if name not in self.granted and name in SCOPES and SCOPES[name].group
        )


NOT_CONNECTED = ConnectionStatus(Health.NONE)


class ConnectionStatuses:
    """Reads the facts and notes what calls found out."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def of(self, person_id: str) -> ConnectionStatus:
        """The connection of one person."""
        columns = (
            _c.needs_reconnect,
            _c.membership_lost_at,
            _c.granted,
            _c.requested,
            _c.connected_at,
            _c.renewed_at,
            _c.expires_at,
            _c.last_error,
            _c.last_error_at,
            _c.data_at,
            _c.account_digest,
        )
        query = select(*columns).where(_c.person_id == person_id, _c.sealed.is_not(None))
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            return NOT_CONNECTED
        status = ConnectionStatus(
            health=Health.WORKING,
            reason=row.needs_reconnect or "",
            granted=None if row.granted is None else tuple(row.granted.split()),
            requested=tuple((row.requested or "").split()),
            connected_at=row.connected_at,
            renewed_at=row.renewed_at,
            expires_at=row.expires_at,
            last_error=row.last_error or "",
            last_error_at=row.last_error_at,
            data_at=row.data_at,
            recognised=row.account_digest is not None,
        )
        if row.needs_reconnect:
            return replace(status, health=Health.EXPIRED)
        if row.membership_lost_at is not None:
            return replace(status, health=Health.MEMBERSHIP_INACTIVE)
        return status

    async def note_failure(self, person_id: str, code: str) -> None:
        """A call failed at Oura; an inactive membership is a state of the connection."""
        now = to_epoch_s(self._clock())
        values: dict[str, object] = {"last_error": code[:40], "last_error_at": now}
        if code == "membership_inactive":
            values["membership_lost_at"] = now
        await self._change(person_id, values)

    async def note_success(self, person_id: str) -> None:
        """A call worked: whatever was wrong before is over."""
        await self._change(
            person_id, {"last_error": None, "last_error_at": None, "membership_lost_at": None}
        )

    async def _change(self, person_id: str, values: dict[str, object]) -> None:
        async with self._database.write() as connection:
            await connection.execute(
                update(tables.connections)
                .where(_c.person_id == person_id, _c.sealed.is_not(None))
                .values(**values)
            )
