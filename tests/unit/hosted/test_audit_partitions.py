"""The audit log on PostgreSQL: months that come and go, and the way there from one table."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from annulet.hosted.accounts.people import MEMBER, People
from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.audit.audit_log import AuditLog
from annulet.hosted.audit.audit_partitions import AuditPartitions, Month
from annulet.hosted.audit.audit_search import AuditFilter, AuditPlace, AuditSearch
from annulet.hosted.database import tables
from annulet.hosted.database.engine import ServiceDatabase, database_url
from annulet.hosted.migrations import upgrade as upgrading

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from postgresql import running_postgresql

pytestmark = pytest.mark.full
NOW = datetime(2026, 5, 20, 9, tzinfo=UTC)
DAY_S = 86_400


class SteppedClock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def address() -> Iterator[str]:
    with running_postgresql() as running:
        yield database_url(running, Path())


@pytest.fixture
async def database(address: str) -> AsyncIterator[ServiceDatabase]:
    opened = ServiceDatabase(address)
    yield opened
    await opened.close()


def entry(at: datetime, person_id: str | None, action: AuditAction = AuditAction.SIGNED_IN):
    """A row of the log."""
    texts = dict.fromkeys(("actor", "client", "endpoint_id", "tool"), "")
    numbers = dict.fromkeys(("bytes", "milliseconds"), 0)
    row = {"at": int(at.timestamp()), "person_id": person_id, "action": action, "status": "ok"}
    return row | texts | numbers


async def make_person(database: ServiceDatabase, clock: SteppedClock, name: str) -> str:
    people = People(database, clock)
    login = f"{name}@example.org"
    return (await people.create(login, login, None, role=MEMBER, timezone="UTC")).id


async def add(database: ServiceDatabase, *rows: dict[str, object]) -> None:
    async with database.write() as connection:
        await connection.execute(insert(tables.audit), list(rows))


async def read_partitions(database: ServiceDatabase) -> dict[str, int]:
    """How many entries each partition holds."""
    query = "SELECT tableoid::regclass::text, count(*) FROM audit_entries GROUP BY 1"
    return dict(map(tuple, await database.fetch_all(text(query))))


async def list_partitions(database: ServiceDatabase) -> set[str]:
    query = (
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent='audit_entries'::regclass"
    )
    return {row[0] for row in await database.fetch_all(text(query))}


async def test_entries_find_their_month_whatever_there_is(database) -> None:
    """An entry of a month without a partition is written, found, and moved when the job runs."""
    await upgrading.upgrade(database)
    clock = SteppedClock()
    partitions = AuditPartitions(database, clock, retention_days=400)
    await partitions.run()
    assert {"audit_entries_2026_05", "audit_entries_2026_08"} <= await list_partitions(database)
    clock.now = datetime(2040, 1, 31, 23, 59, tzinfo=UTC)
    log = AuditLog(database, clock)
    await log.record(AuditAction.SIGNED_IN, None)
    assert await read_partitions(database) == {"audit_entries_default": 1}
    search = AuditSearch(database, log)
    assert len(await search.read(AuditFilter(), limit=5)) == 1
    await asyncio.gather(*(partitions.run() for _ in range(3)))
    assert await read_partitions(database) == {"audit_entries_2040_01": 1}
    clock.now += timedelta(minutes=2)
    await log.record(AuditAction.SIGNED_OUT, None)
    assert await read_partitions(database) == {
        "audit_entries_2040_01": 1,
        "audit_entries_2040_02": 1,
    }


async def test_no_entry_fails_while_its_month_is_made(address, database) -> None:
    """Replicas write entries of a month without a partition while the job makes it."""
    await upgrading.upgrade(database)
    clock, writers = SteppedClock(), [ServiceDatabase(address) for _ in range(3)]
    written = 0

    async def write(writer: ServiceDatabase) -> None:
        nonlocal written
        while not is_over.is_set():
            await add(writer, entry(clock.now, None))
            written += 1

    for year in range(2041, 2047):
        clock.now, is_over = datetime(year, 6, 1, tzinfo=UTC), asyncio.Event()
        tasks = [asyncio.create_task(write(writer)) for writer in writers]
        begun = written
        while written < begun + 20:
            await read_partitions(database)
        await AuditPartitions(database, clock, retention_days=10_000).run()
        is_over.set()
        await asyncio.gather(*tasks)
    for writer in writers:
        await writer.close()
    partitions = await read_partitions(database)
    assert "audit_entries_default" not in partitions
    assert sum(partitions.values()) == written


async def test_retention_drops_months_and_the_rest_to_the_day(database) -> None:
    """What is older than 60 days is gone; months that are over for so long have no table."""
    await upgrading.upgrade(database)
    clock = SteppedClock()
    days = [NOW - timedelta(days=number) for number in range(200)]
    await AuditPartitions(database, clock, retention_days=400).make_months(
        int(days[-1].timestamp())
    )
    await add(database, *(entry(day, None) for day in days))
    await AuditPartitions(database, clock, retention_days=60).run()
    rows = await database.fetch_all(select(tables.audit.c.at))
    assert {at for (at,) in rows} == {int(day.timestamp()) for day in days[:61]}
    assert "audit_entries_2026_02" not in await list_partitions(database)
    assert "audit_entries_2026_03" in await list_partitions(database)


async def test_pages_and_filters_over_the_months(database) -> None:
    """Every entry is on one page, the newest first, across months and within one second."""
    await upgrading.upgrade(database)
    clock = SteppedClock()
    anna, ben = [await make_person(database, clock, name) for name in ("anna", "ben")]
    rows = [
        entry(NOW - timedelta(days=number // 3), (anna, ben)[number % 2], action)
        for number, action in enumerate([AuditAction.SIGNED_IN, AuditAction.ADMIN_ROLE] * 90)
    ]
    await AuditPartitions(database, clock, retention_days=400).make_months(rows[-1]["at"])
    await add(database, *rows)
    search = AuditSearch(database, AuditLog(database, clock))
    for looked_for, count in (
        (AuditFilter(), 180),
        (AuditFilter(source="admin"), 90),
        (AuditFilter(login="anna@example.org"), 90),
        (AuditFilter(person_id=ben), 90),
        (AuditFilter(since="2026-05-01", until="2026-05-02"), 6),
        (AuditFilter(login="anna@example.org", source="admin"), 0),
    ):
        places, before = [], None
        while page := await search.read(looked_for, limit=7, before=before):
            places += [AuditPlace.of(row) for row in page]
            before = places[-1]
        assert len(places) == len(set(places)) == count, looked_for
        assert places == sorted(places, reverse=True)
        exported = "".join([part async for part in await search.export(looked_for, as_json=True)])
        assert exported.count("\n") == count


async def test_the_entries_of_a_deleted_person_go(database) -> None:
    """In every month, also in one that was made later."""
    await upgrading.upgrade(database)
    clock = SteppedClock()
    anna, ben = [await make_person(database, clock, name) for name in ("anna", "ben")]
    await add(
        database, *(entry(NOW - timedelta(days=40 * n), (anna, ben)[n % 2]) for n in range(6))
    )
    await AuditPartitions(database, clock, retention_days=400).run()
    await People(database, clock).delete(anna)
    assert {row[0] for row in await database.fetch_all(select(tables.audit.c.person_id))} == {ben}


async def test_the_table_of_format_2_becomes_months(database, monkeypatch) -> None:
    """Every entry keeps its identifier, and a person may be deleted during the copy."""
    monkeypatch.setattr(upgrading, "FORMAT", 2)
    await upgrading.upgrade(database)
    monkeypatch.undo()
    clock = SteppedClock()
    anna, ben = [await make_person(database, clock, name) for name in ("anna", "ben")]
    await database.execute(
        text(
            "INSERT INTO audit (at, person_id, action, actor, client, endpoint_id, tool, status, "
            "bytes, milliseconds) SELECT 1779267600 - n * 2000, CASE n % 2 WHEN 0 THEN :anna "
            "ELSE :ben END, 'person:session:create', '', '', '', '', 'ok', 0, 0 "
            "FROM generate_series(1, 12000) n"
        ).bindparams(anna=anna, ben=ben)
    )
    query = text("SELECT id, at FROM audit ORDER BY id")
    before = await database.fetch_all(query)
    upgrades, deletion = asyncio.gather(*(upgrading.upgrade(database) for _ in range(2))), None
    await asyncio.sleep(0.2)
    deletion = asyncio.create_task(People(database, clock).delete(anna))
    await upgrades
    await deletion
    assert await database.fetch_all(query) == [row for row in before if row.id % 2]
    partitions = await read_partitions(database)
    assert "audit_entries_default" not in partitions
    assert sum(partitions.values()) == 6_000
    assert Month.at(1779267600).partition in partitions
    await AuditLog(database, clock).record(AuditAction.SIGNED_IN, ben)
    (newest,) = await database.fetch_all(text("SELECT max(id) FROM audit_entries"))
    assert newest[0] == 12_001


async def test_identifiers_go_beyond_32_bits(database) -> None:
    """The log of a busy service does not end at two thousand million entries."""
    await upgrading.upgrade(database)
    await database.fetch_all(text("SELECT setval('audit_id_seq', 3000000000)"))
    clock = SteppedClock()
    log = AuditLog(database, clock)
    await log.record(AuditAction.SIGNED_IN, None)
    (row,) = await AuditSearch(database, log).read(AuditFilter(), limit=1)
    assert row.id == 3_000_000_001
