"""Replicas on one PostgreSQL that do a thing at once: one winner, no error, no long wait."""

from __future__ import annotations

import asyncio
import secrets
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.exc import DBAPIError

from annulet.errors import DatabaseUnavailable
from annulet.hosted.accounts.people import ADMIN, MEMBER, People
from annulet.hosted.accounts.rate_limits import Budget, RateLimits
from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.audit.audit_log import AuditLog
from annulet.hosted.connections.grant_store import HostedGrantStore
from annulet.hosted.connections.sealing_keys import SealingKeys, key_source
from annulet.hosted.connections.stored_keys import CHAT_STATE_KEY, StoredKeys
from annulet.hosted.database import tables
from annulet.hosted.database.engine import AnyRow, ServiceDatabase, database_url
from annulet.hosted.migrations.upgrade import upgrade
from annulet.oauth.grant import Grant
from annulet.vault.secret import Secret

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from schedules import PlainKeys

from postgresql import running_postgresql

_p = tables.people.c


def clock() -> datetime:
    return datetime(2026, 5, 20, tzinfo=UTC)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with running_postgresql() as running:
        yield database_url(running, Path())


@asynccontextmanager
async def open_replicas(
    address: str, count: int, **limits: int
) -> AsyncIterator[list[ServiceDatabase]]:
    databases = [ServiceDatabase(address, **limits) for _ in range(count)]
    try:
        yield databases
    finally:
        for database in databases:
            await database.close()


@pytest.fixture
async def replicas(address) -> AsyncIterator[list[ServiceDatabase]]:
    """Three replicas, which find an empty database at once the first time."""
    async with open_replicas(address, 3, statement_timeout_s=0) as databases:
        upgraded = await asyncio.gather(*(upgrade(database) for database in databases))
        assert {after for _, after in upgraded} == {tables.FORMAT}
    async with open_replicas(address, 3, statement_timeout_s=2) as databases:
        yield databases


async def make_person(database: ServiceDatabase, role: str = MEMBER) -> str:
    login = f"{secrets.token_hex(8)}@example.org"
    people = People(database, clock)
    return (await people.create(login, login, None, role=role, timezone="UTC")).id


async def test_a_key_of_the_service_is_made_once(replicas, tmp_path) -> None:
    """Replicas that start together seal and digest with one key."""
    sealing_keys = SealingKeys(key_source(tmp_path, Secret(secrets.token_hex(32)), None))
    stored = [StoredKeys(database, sealing_keys) for database in replicas]
    keys = await asyncio.gather(*(each.get(CHAT_STATE_KEY) for each in stored for _ in range(3)))
    assert len(set(keys)) == 1


async def test_a_connection_is_made_once(replicas) -> None:
    """Two consents of one person at once are two generations of one connection."""
    person_id = await make_person(replicas[0])
    grant = Grant(
        client_id="c",
        token_url="",
        revoke_url="",
        access_token=Secret("a"),
        refresh_token=None,
        issued_at=0,
        expires_at=1,
        scopes=None,
        requested=(),
    )
    stores = [HostedGrantStore(each, PlainKeys(), clock, person_id) for each in replicas]
    written = await asyncio.gather(*(store.replace(grant) for store in stores))
    assert sorted(row.generation for row in written) == [1, 2, 3]


async def test_attempts_at_once_are_counted_one_by_one(replicas) -> None:
    """Of sixty first attempts at once as many pass as the budget has, whatever is given back."""
    limits = [RateLimits(database, clock) for database in replicas]
    shared = Budget("address", 10, 900)

    async def attempt(number: int) -> int:
        budgets = [Budget(f"account-{number}", 10, 900), shared]
        # in either order: the rows are locked in one order all the same
        return await limits[number % 3].reserve(budgets[:: 1 if number % 2 else -1])

    waits = await asyncio.gather(*(attempt(number) for number in range(60)))
    assert waits.count(0) == 10

    async def refund(number: int) -> None:
        budgets = [Budget(f"account-{n}", 10, 900) for n in range(60)]
        await limits[number % 3].refund(budgets[:: 1 if number % 2 else -1])

    await asyncio.gather(*(refund(number) for number in range(20)), attempt(60), attempt(61))
    await asyncio.gather(*(each.clear([shared.subject]) for each in limits))
    assert await attempt(62) == 0


async def test_audit_entries_wait_for_no_locked_account(replicas) -> None:
    """While one account is locked, everybody's entries are written; its own come afterwards."""
    first, second, _ = replicas
    anna, ben = await make_person(first), await make_person(first)
    log = AuditLog(second, clock)
    for person_id in (anna, ben):
        log.add(AuditAction.TODAY_VIEWED, person_id)
    async with first.write() as connection:
        await connection.execute(select(_p.id).where(_p.id == anna).with_for_update())
        await log.flush()
        assert [row.person_id for row in await read_audit(second, anna, ben)] == [ben]
    await log.flush()
    assert {row.person_id for row in await read_audit(second, anna, ben)} == {anna, ben}


async def test_entries_of_a_deleted_account_stop_nothing(replicas) -> None:
    """Entries of an account that is deleted at the same moment go with it."""
    first, second, _ = replicas
    anna, ben = await make_person(first), await make_person(first)
    log = AuditLog(second, clock)
    for person_id in (anna, ben):
        log.add(AuditAction.TODAY_VIEWED, person_id)
    async with first.write() as connection:
        await connection.execute(delete(tables.people).where(_p.id == anna))
        await log.flush()
    await log.flush()
    assert [row.person_id for row in await read_audit(second, anna, ben)] == [ben]


async def test_two_admins_who_disable_each_other_wait_for_no_entry(replicas) -> None:
    """On two replicas at once, with entries of both being written, one admin stays."""
    first, second, third = replicas
    admins = [await make_person(first, ADMIN) for _ in range(2)]
    log = AuditLog(third, clock)
    for person_id in admins * 10:
        log.add(AuditAction.TODAY_VIEWED, person_id)
    disabled = await asyncio.gather(
        People(first, clock).disable(admins[0]),
        People(second, clock).disable(admins[1]),
        log.flush(),
    )
    assert sorted(disabled[:2]) == [False, True]


async def test_a_statement_has_a_time_limit(replicas) -> None:
    """A row that another transaction keeps locked is an outage for its own asker, soon."""
    first, second, third = replicas
    anna, ben = await make_person(first), await make_person(first)
    async with first.write() as connection:
        await connection.execute(select(_p.id).where(_p.id == anna).with_for_update())
        changing = asyncio.create_task(People(second, clock).change(anna, name="Anna"))
        await People(third, clock).change(ben, name="Ben")
        assert (await People(third, clock).get(ben)).name == "Ben"
        with pytest.raises(DatabaseUnavailable):
            await changing
    await People(second, clock).change(anna, name="Anna")


async def test_a_full_pool_is_an_outage_soon(address, replicas, monkeypatch) -> None:
    """Where every connection is in use, the next question is told so instead of waiting long."""
    monkeypatch.setattr("annulet.hosted.database.engine._POOL_TIMEOUT_S", 0.1)
    async with open_replicas(address, 1, pool_size=1) as (database,):
        async with database.write():
            with pytest.raises(DatabaseUnavailable):
                await People(database, clock).count()
        await People(database, clock).count()


async def test_a_deadlock_is_an_outage_and_no_bug(replicas) -> None:
    """The transaction that PostgreSQL ends is told to try again."""
    first, second, _ = replicas
    ids = [await make_person(first) for _ in range(2)]
    met = asyncio.Barrier(2)

    async def lock_both(database: ServiceDatabase, order: list[str]) -> None:
        async with database.write() as connection:
            for position, person_id in enumerate(order):
                await connection.execute(select(_p.id).where(_p.id == person_id).with_for_update())
                if position == 0:
                    await met.wait()

    outcomes = await asyncio.gather(
        lock_both(first, ids), lock_both(second, ids[::-1]), return_exceptions=True
    )
    assert sorted(type(outcome) for outcome in outcomes if outcome) == [DatabaseUnavailable]


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        ("SELECT 1 / 0", {}),
        ("SELECT * FROM no_such_table", {}),
        ("SELECT chr(0)", {}),
        ("SELECT CAST(:value AS integer)", {"value": 2**40}),
        ("SELECT CAST(:value AS text)", {"value": "half a pair \ud800"}),
        ("SELECT CAST(:value AS text)", {"value": "\0"}),
    ],
)
async def test_a_statement_that_fails_is_no_outage(replicas, statement, values) -> None:
    """Whether the server or the driver refuses it: it is a bug, and nothing is down."""
    with pytest.raises(DBAPIError):
        await replicas[0].fetch_all(text(statement), values)


async def read_audit(database: ServiceDatabase, *people: str) -> Sequence[AnyRow]:
    query = select(tables.audit).where(tables.audit.c.person_id.in_(people))
    return await database.fetch_all(query)
