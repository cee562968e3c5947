"""The lease of one person's grant: the right to renew it, with an end by the database's clock.

The holder extends its lease while it lives. A lease that ran out may be taken, but not within ten
seconds of an outage of the database, during which a living holder could not extend it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy import select, update

from annulet.errors import DatabaseUnavailable
from annulet.hosted.database import tables
from annulet.hosted.database.engine import ServiceDatabase
from annulet.hosted.opaque_tokens import new_id

_LEASE_S: Final = 20
_EXTENSION_INTERVAL_S: Final = 5.0
_WATCHED_S: Final = 7.0
"""So long a waiter must see the same ended lease: a living holder extends it within 5 s."""
_FIRST_POLL_S: Final = 0.1
_SLOWEST_POLL_S: Final = 1.0
_c = tables.connections.c


@asynccontextmanager
async def hold_lease(
    database: ServiceDatabase, person_id: str, *, wait_s: float
) -> AsyncIterator[str | None]:
    """Hold the lease of a person's grant, and extend it until the block is left.

    Args:
        database: Where the lease stands.
        person_id: Whose grant.
        wait_s: For how long to wait for the lease; 0 does not wait.

    Yields:
        The owner's name in the row, or ``None`` where another owner has the lease.
    """
    owner = new_id()
    if not await _wait_for_lease(database, person_id, owner, wait_s):
        yield None
        return
    is_over = asyncio.Event()
    extending = asyncio.create_task(_extend(database, person_id, owner, is_over))
    try:
        yield owner
    finally:
        is_over.set()
        await asyncio.shield(_return_lease(database, person_id, owner, extending))


async def _wait_for_lease(
    database: ServiceDatabase, person_id: str, owner: str, wait_s: float
) -> bool:
    loop = asyncio.get_running_loop()
    deadline, pause_s = loop.time() + wait_s, _FIRST_POLL_S
    ended_lease, watched_since = None, loop.time()
    query = select(_c.lease_until, _c.lease_until < database.now_s).where(_c.person_id == person_id)
    while True:
        row = await database.fetch_one(query)
        if row is None:
            return True  # a grant that is not there needs no lease
        lease_until, has_ended = row
        if lease_until != ended_lease or not has_ended:
            ended_lease, watched_since = lease_until, loop.time()
        is_abandoned = has_ended and loop.time() - watched_since >= _WATCHED_S
        may_take = lease_until is None or is_abandoned
        if may_take and await _take_lease(database, person_id, owner, lease_until):
            return True
        left_s = deadline - loop.time()
        if left_s <= 0:
            return False
        await asyncio.sleep(min(pause_s, left_s))
        pause_s = min(_SLOWEST_POLL_S, 2 * pause_s)
        query = select(_c.lease_until, _c.lease_until < database.now_s).where(
            _c.person_id == person_id
        )


async def _take_lease(
    database: ServiceDatabase, person_id: str, owner: str, lease_until: int | None
) -> bool:
    taken = await database.execute(
        update(tables.connections)
        .where(_c.person_id == person_id, _c.lease_until.is_not_distinct_from(lease_until))
        .values(lease_owner=owner, lease_until=database.now_s + _LEASE_S)
    )
    return taken > 0


async def _extend(
    database: ServiceDatabase, person_id: str, owner: str, is_over: asyncio.Event
) -> None:
    while True:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(is_over.wait(), _EXTENSION_INTERVAL_S)
        if is_over.is_set():
            return
        with contextlib.suppress(DatabaseUnavailable):
            await database.execute(
                update(tables.connections)
                .where(_c.person_id == person_id, _c.lease_owner == owner)
                .values(lease_until=database.now_s + _LEASE_S)
            )


async def _return_lease(
    database: ServiceDatabase, person_id: str, owner: str, extending: asyncio.Task[None]
) -> None:
    await extending
    # without a database the lease runs out by itself
    with contextlib.suppress(DatabaseUnavailable):
        await database.execute(
            update(tables.connections)
            .where(_c.person_id == person_id, _c.lease_owner == owner)
            .values(lease_owner=None, lease_until=None)
        )
