"""Registrations in the database: approved at once while there is capacity, else in a queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.database import tables
from annulet.hosted.database.engine import ServiceDatabase
from annulet.hosted.registrations.stages import Registration

_r = tables.registrations.c
_o = tables.options.c


@dataclass(frozen=True, slots=True)
class QueuedRegistration:
    """One person in the queue, as the admin sees it."""

    person_id: str
    login: str
    registered_at: int
    position: int
    place: int


class RegistrationQueue:
    """Registers and approves people.

    Args:
        capacity: How many people are approved without an admin, until an admin changes it.
    """

    def __init__(self, database: ServiceDatabase, clock: Clock, *, capacity: int) -> None:
        self._database = database
        self._clock = clock
        self._initial_capacity = capacity

    async def read_registration(self, person_id: str) -> Registration:
        """Read whether a person is registered and approved."""
        query = select(_r.state).where(_r.person_id == person_id)
        state = await self._database.fetch_value(query)
        return Registration(state) if state else Registration.NONE

    async def read_position(self, person_id: str) -> int | None:
        """Read the position in the queue, counted from 1; ``None`` for a person outside of it."""
        place = (
            select(_r.place)
            .where(_r.person_id == person_id, _r.state == Registration.PENDING)
            .scalar_subquery()
        )
        count = select(func.count()).where(_r.state == Registration.PENDING, _r.place <= place)
        return await self._database.fetch_value(count) or None

    async def register(self, person_id: str) -> Registration:
        """Register a person; registering twice changes nothing."""
        async with self._database.write() as connection:
            await _lock(connection)
            query = select(_r.state).where(_r.person_id == person_id)
            state = (await connection.execute(query)).scalar()
            if state is not None:
                return Registration(state)
            is_free = await self._count_free(connection) > 0 and not await _list_pending(connection)
            registration = Registration.APPROVED if is_free else Registration.PENDING
            now = to_epoch_s(self._clock())
            last_place = (await connection.execute(select(func.max(_r.place)))).scalar() or 0
            await connection.execute(
                insert(tables.registrations).values(
                    person_id=person_id,
                    place=last_place + 1,
                    state=registration,
                    registered_at=now,
                    approved_at=now if is_free else None,
                )
            )
            return registration

    async def remove(self, person_id: str) -> list[str]:
        """Remove a registration; its place goes to the person who waits longest.

        Returns:
            The people who were approved by that.
        """
        async with self._database.write() as connection:
            await _lock(connection)
            await connection.execute(delete(tables.registrations).where(_r.person_id == person_id))
            return await self._approve_next(connection)

    async def approve(self, person_id: str) -> bool:
        """Approve a person who waits, also beyond the capacity; ``False`` if none waits."""
        async with self._database.write() as connection:
            return await self._approve(connection, person_id)

    async def approve_many(self, person_ids: Sequence[str]) -> list[str]:
        """Approve people who wait, also beyond the capacity.

        Returns:
            Those who had not been approved before.
        """
        approved = (
            update(tables.registrations)
            .where(_r.person_id.in_(person_ids), _r.state == Registration.PENDING)
            .values(state=Registration.APPROVED, approved_at=to_epoch_s(self._clock()))
            .returning(_r.person_id)
        )
        async with self._database.write() as connection:
            return list((await connection.execute(approved)).scalars())

    async def list_pending(
        self, *, after: int = 0, limit: int | None = None
    ) -> Sequence[QueuedRegistration]:
        """List the queue.

        Args:
            after: The place behind which the list begins.
            limit: How many people at most; all of them when left out.
        """
        before = select(func.count()).where(_r.state == Registration.PENDING, _r.place <= after)
        query = (
            select(
                _r.person_id,
                tables.people.c.login,
                _r.registered_at,
                _r.place,
                before.correlate(None).scalar_subquery(),
            )
            .select_from(tables.registrations.join(tables.people))
            .where(_r.state == Registration.PENDING, _r.place > after)
            .order_by(_r.place)
            .limit(limit)
        )
        rows = await self._database.fetch_all(query)
        return [
            QueuedRegistration(person_id, login, registered_at, count_before + number, place)
            for number, (person_id, login, registered_at, place, count_before) in enumerate(rows, 1)
        ]

    async def count_approved(self) -> int:
        """Count the approved people."""
        async with self._database.read() as connection:
            return await _count_approved(connection)

    async def read_capacity(self) -> int:
        """Read how many people are approved without an admin."""
        async with self._database.read() as connection:
            return await self._read_capacity(connection)

    async def set_capacity(self, capacity: int) -> list[str]:
        """Change the capacity; new places go to the people who wait longest.

        Returns:
            The people who were approved by that.
        """
        async with self._database.write() as connection:
            await _lock(connection)
            await connection.execute(delete(tables.options).where(_o.name == "capacity"))
            await connection.execute(
                insert(tables.options).values(name="capacity", value=str(capacity))
            )
            return await self._approve_next(connection)

    async def _approve_next(self, connection: AsyncConnection) -> list[str]:
        free = max(0, await self._count_free(connection))
        candidates = (await _list_pending(connection))[:free]
        return [person_id for person_id in candidates if await self._approve(connection, person_id)]

    async def _approve(self, connection: AsyncConnection, person_id: str) -> bool:
        result = await connection.execute(
            update(tables.registrations)
            .where(_r.person_id == person_id, _r.state == Registration.PENDING)
            .values(state=Registration.APPROVED, approved_at=to_epoch_s(self._clock()))
        )
        return bool(result.rowcount)

    async def _count_free(self, connection: AsyncConnection) -> int:
        return await self._read_capacity(connection) - await _count_approved(connection)

    async def _read_capacity(self, connection: AsyncConnection) -> int:
        query = select(_o.value).where(_o.name == "capacity")
        value = (await connection.execute(query)).scalar()
        return int(value) if value else self._initial_capacity


async def _lock(connection: AsyncConnection) -> None:
    # engines that lock rows and not the whole database: one change of the queue at a time
    await connection.execute(select(tables.format_version).with_for_update())


async def _count_approved(connection: AsyncConnection) -> int:
    query = select(func.count()).where(_r.state == Registration.APPROVED)
    return int((await connection.execute(query)).scalar_one())


async def _list_pending(connection: AsyncConnection) -> list[str]:
    query = select(_r.person_id).where(_r.state == Registration.PENDING).order_by(_r.place)
    return list((await connection.execute(query)).scalars())
