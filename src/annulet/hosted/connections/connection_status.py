"""The facts about a connection that stand beside the sealed grant and never reveal it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select, update

from annulet.contract.scopes import SCOPES
from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.connections.connection_state import (
    CONNECTION_COLUMNS,
    ConnectionState,
    read_connection,
)
from annulet.hosted.database import tables
from annulet.hosted.database.engine import AnyRow, ServiceDatabase
from annulet.hosted.registrations.stages import ConnectionHealth

_c = tables.connections.c
_MAX_ERROR = 40
_COLUMNS = (
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


@dataclass(frozen=True, slots=True)
class ConnectionStatus:
    """How one connection fares.

    Attributes:
        health: Whether reads work, and if not, why.
        reconnect_reason: Why only a new consent helps; empty while it is not needed.
        granted: Bare names of the granted permissions; ``None`` where Oura did not say.
        requested: Bare names of the permissions that were asked for.
        connected_at: When consent was given.
        renewed_at: When the tokens were last renewed.
        expires_at: When the access token ends.
        last_error: The code of the last failure towards Oura.
        last_error_at: When that was.
        data_at: When Oura last sent an event about new data.
        is_identified: Whether events of Oura can be matched to this person.
    """

    health: ConnectionHealth
    reconnect_reason: str = ""
    granted: tuple[str, ...] | None = None
    requested: tuple[str, ...] = ()
    connected_at: int | None = None
    renewed_at: int | None = None
    expires_at: int | None = None
    last_error: str = ""
    last_error_at: int | None = None
    data_at: int | None = None
    is_identified: bool = False

    @property
    def missing(self) -> tuple[str, ...]:
        """Permissions of the nine groups that were asked for and not granted."""
        if self.granted is None or self.health is ConnectionHealth.NONE:
            return ()
        return tuple(
            name
            for name in self.requested
            if name not in self.granted and name in SCOPES and SCOPES[name].group
        )


class ConnectionStatuses:
    """Reads the facts, and records what reads have found out."""

    def __init__(self, database: ServiceDatabase, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def read(self, person_id: str) -> ConnectionStatus:
        """Read the status of one person's connection."""
        query = select(*_COLUMNS).where(_c.person_id == person_id, _c.sealed.is_not(None))
        row = await self._database.fetch_one(query)
        return ConnectionStatus(ConnectionHealth.NONE) if row is None else _to_status(row)

    async def read_state(self, person_id: str) -> ConnectionState:
        """Read what a request has to know about the connection of its person."""
        query = select(*CONNECTION_COLUMNS).where(_c.person_id == person_id)
        row = await self._database.fetch_one(query)
        return ConnectionState() if row is None else read_connection(row)

    async def list_connected(self) -> list[str]:
        """List the people who have a connection, also one that has to be renewed by them."""
        query = select(_c.person_id).where(_c.sealed.is_not(None)).order_by(_c.person_id)
        return [person_id for (person_id,) in await self._database.fetch_all(query)]

    async def record_failure(self, person_id: str, code: str) -> bool:
        """Record that a read failed at Oura; an inactive membership changes the health.

        Returns:
            Whether this failure is new; of replicas that find it at once, one is told so.
        """
        now = to_epoch_s(self._clock())
        values: dict[str, str | int | None] = {
            "last_error": code[:_MAX_ERROR],
            "last_error_at": now,
        }
        if code == "membership_inactive":
            values["membership_lost_at"] = now
        is_new = _c.last_error.is_distinct_from(values["last_error"])
        return await self._change(person_id, is_new, values) > 0

    async def record_success(self, person_id: str, before: ConnectionState) -> None:
        """Record that a read worked, which clears the failure that was there before the read.

        A failure that was found meanwhile stays: no clock of a replica decides which came last.
        """
        is_same = (_c.last_error == before.last_error) & (_c.last_error_at == before.last_error_at)
        values = dict.fromkeys(("last_error", "last_error_at", "membership_lost_at"))
        await self._change(person_id, is_same, values)

    async def _change(
        self,
        person_id: str,
        condition: ColumnElement[bool],
        values: Mapping[str, str | int | None],
    ) -> int:
        return await self._database.execute(
            update(tables.connections)
            .where(_c.person_id == person_id, _c.sealed.is_not(None), condition)
            .values(**values)
        )


def _to_status(row: AnyRow) -> ConnectionStatus:
    health = ConnectionHealth.WORKING
    if row.needs_reconnect:
        health = ConnectionHealth.EXPIRED
    elif row.membership_lost_at is not None:
        health = ConnectionHealth.MEMBERSHIP_INACTIVE
    return ConnectionStatus(
        health=health,
        reconnect_reason=row.needs_reconnect or "",
        granted=None if row.granted is None else tuple(row.granted.split()),
        requested=tuple((row.requested or "").split()),
        connected_at=row.connected_at,
        renewed_at=row.renewed_at,
        expires_at=row.expires_at,
        last_error=row.last_error or "",
        last_error_at=row.last_error_at,
        data_at=row.data_at,
        is_identified=row.account_digest is not None,
    )
