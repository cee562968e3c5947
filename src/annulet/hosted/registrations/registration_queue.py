"""Registrations in the database: instant approval while there is capacity, else a queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.database import tables
from annulet.hosted.database.engine import Database
from annulet.hosted.registrations.stages import Registration

__all__ = ["QueuedRegistration", "RegistrationQueue"]

_r = tables.registrations.c


@dataclass(frozen=True, slots=True)
class QueuedRegistration:
    """One person in the queue, for the admin."""

    person_id: str
    login: str
    registered_at: int
    position: int


class RegistrationQueue:
    """Who is registered, who waits and where.

    Args:
        capacity: How many people may be approved until an admin says otherwise.
    """

    def __init__(self, database: Database, clock: Clock, *, capacity: int) -> None:
        self._database = database
        self._clock = clock
        self._default = capacity

    async def state(self, person_id: str) -> Registration:
        """Whether a person is registered and approved."""
        query = select(_r.state).where(_r.person_id == person_id)
        async with self._database.read() as connection:
            found = (await connection.execute(query)).scalar()
        return Registration(found) if found else Registration.NONE

    async def position(self, person_id: str) -> int:
        """The place in the queue, counted from 1; 0 for who does not wait."""
        async with self._database.read() as connection:
            query = select(_r.place).where(
                _r.person_id == person_id, _r.state == Registration.PENDING
            )
            place = (await connection.execute(query)).scalar()
            if place is None:
                return 0
            ahead = select(func.count()).where(_r.state == Registration.PENDING, _r.place <= place)
            return int((await connection.execute(ahead)).scalar_one())

    async def register(self, person_id: str) -> Registration:
        """Register a person; registering twice changes nothing."""
        async with self._database.write() as connection:
            await _lock(connection)
            query = select(_r.state).where(_r.person_id == person_id)
            found = (await connection.execute(query)).scalar()
            if found:
                return Registration(found)
            free = await self._free(connection) > 0 and not await _waiting(connection)
            state = Registration.APPROVED if free else Registration.PENDING
            now = to_epoch_s(self._clock())
            highest = (await connection.execute(select(func.max(_r.place)))).scalar() or 0
            await connection.execute(
                insert(tables.registrations).values(
                    person_id=person_id,
                    place=highest + 1,
                    state=state,
                    registered_at=now,
                    approved_at=now if free else None,
                )
            )
            return state

    async def withdraw(self, person_id: str) -> list[str]:
        """Remove a registration; a freed place goes to who waits longest.

        Returns:
            Who was approved by that.
        """
        async with self._database.write() as connection:
            await _lock(connection)
            await connection.execute(delete(tables.registrations).where(_r.person_id == person_id))
            return await self._fill(connection)

    async def approve(self, person_id: str) -> bool:
        """Approve a person who waits, also beyond the capacity: the admin decides."""
        async with self._database.write() as connection:
            return await self._approve(connection, person_id)

    async def fill(self) -> list[str]:
        """Approve who waits longest while there is capacity.

        Returns:
            Who was approved.
        """
        async with self._database.write() as connection:
            await _lock(connection)
            return await self._fill(connection)

    async def waiting(self) -> Sequence[QueuedRegistration]:
        """The queue, for the admin."""
        query = (
            select(_r.person_id, tables.people.c.login, _r.registered_at)
            .select_from(tables.registrations.join(tables.people))
            .where(_r.state == Registration.PENDING)
            .order_by(_r.place)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [QueuedRegistration(*row, position=place) for place, row in enumerate(rows, start=1)]

    async def approved(self) -> int:
        """How many places are taken."""
        async with self._database.read() as connection:
            return await _approved(connection)

    async def capacity(self) -> int:
        """How many people may be approved without an admin."""
        async with self._database.read() as connection:
            return await self._capacity(connection)

    async def set_capacity(self, capacity: int) -> list[str]:
        """Change the capacity; new places go to who waits longest.

        Returns:
            Who was approved by that.
        """
        async with self._database.write() as connection:
            await _lock(connection)
            o = tables.options
            await connection.execute(delete(o).where(o.c.name == "capacity"))
            await connection.execute(insert(o).values(name="capacity", value=str(capacity)))
            return await self._fill(connection)

    async def _fill(self, connection: Any) -> list[str]:
        next_ones = (await _waiting(connection))[: max(0, await self._free(connection))]
        return [person_id for person_id in next_ones if await self._approve(connection, person_id)]

    async def _approve(self, connection: Any, person_id: str) -> bool:
        done = await connection.execute(
            update(tables.registrations)
            .where(_r.person_id == person_id, _r.state == Registration.PENDING)
            .values(state=Registration.APPROVED, approved_at=to_epoch_s(self._clock()))
        )
        return bool(done.rowcount)

    async def _free(self, connection: Any) -> int:
        return await self._capacity(connection) - await _approved(connection)

    async def _capacity(self, connection: Any) -> int:
        o = tables.options.c
        query = select(o.value).where(o.name == "capacity")
        kept = (await connection.execute(query)).scalar()
        return int(kept) if kept else self._default


async def _lock(connection: Any) -> None:
    """One change of the queue at a time, on engines that lock rows and not the database."""
    await connection.execute(select(tables.format_version).with_for_update())


async def _approved(connection: Any) -> int:
    query = select(func.count()).where(_r.state == Registration.APPROVED)
    return int((await connection.execute(query)).scalar_one())


async def _waiting(connection: Any) -> list[str]:
    query = select(_r.person_id).where(_r.state == Registration.PENDING).order_by(_r.place)
    return list((await connection.execute(query)).scalars())
