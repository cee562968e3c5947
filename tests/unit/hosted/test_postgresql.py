"""The same service on PostgreSQL, where one can be had from wheels."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from annulet.errors import VaultError
from annulet.hosted.accounts.people import ADMIN, People
from annulet.hosted.database import tables
from annulet.hosted.database.engine import ServiceDatabase, database_url
from annulet.hosted.migrations.upgrade import upgrade
from annulet.hosted.webhooks.events import OuraEvent

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from postgresql import running_postgresql
from tests.unit.hosted.conftest import FrozenClock
from tests.unit.hosted.test_hostile_requests import check_every_route

pytestmark = pytest.mark.full


@pytest.fixture
def address() -> Iterator[str]:
    """A PostgreSQL server of this test's own."""
    with running_postgresql() as running:
        yield running


async def test_the_service_on_postgresql(address: str, make_hosted) -> None:
    """Upgrade, queue, connection, one renewal for twenty questions, an event, disconnect."""
    hosted = make_hosted(database_url=address, capacity=1)
    with pytest.raises(VaultError, match="is empty"):
        async with hosted.running():
            pass
    database = ServiceDatabase(database_url(address, Path()))
    assert await upgrade(database) == (0, tables.FORMAT)
    await database.close()
    async with hosted.running():
        anna, ben = hosted.browser(), hosted.browser()
        await anna.sign_up("anna@example.org")
        await ben.sign_up("ben@example.org")
        await asyncio.gather(anna.register(), ben.register())
        states = {
            (await hosted.service.toolkit.queue.read_registration(p.id))
            for p in await everybody(hosted)
        }
        assert states == {"approved", "pending"}, "of two at once one got the place"
        first = anna if "You have a place" in anna.text else ben
        await first.connect()
        assert "Successful connection" in first.text
        endpoint, key = await first.new_key()
        hosted.clock.advance(hours=25)
        hosted.oura.requests.clear()
        asked = (first.ask(key, f"/mcp/{endpoint}") for _ in range(20))
        answers = await asyncio.gather(*asked)
        assert all('"isError":true' not in answer.text for answer in answers)
        assert len(hosted.oura.requests.matching("oauth-token")) == 1
        await check_events(hosted)
        await first.get("/dashboard")
        await first.submit("/toolkits/oura/disconnect")
        assert [row["sealed"] for row in await hosted.rows(tables.connections)] == [None]


async def test_no_request_makes_the_service_fail_on_postgresql(address: str, make_hosted) -> None:
    """PostgreSQL refuses texts that SQLite stores."""
    # a query that is cancelled would try TLS first, and asyncpg reports that it was refused
    address = f"{address}?ssl=disable"
    database = ServiceDatabase(database_url(address, Path()))
    await upgrade(database)
    await database.close()
    async with make_hosted(
        database_url=address, client_id="", client_secret=None
    ).running() as hosted:
        await check_every_route(hosted)


async def test_admins_who_disable_each_other_at_once_leave_one(address: str) -> None:
    """Two connections, ten times: the second one waits and then sees what the first has done."""
    database = ServiceDatabase(database_url(address, Path()))
    await upgrade(database)
    people = People(database, FrozenClock())
    admins = [
        await people.create(f"{name}@example.org", name, None, role=ADMIN, timezone="UTC")
        for name in ("one", "two")
    ]
    for _ in range(10):
        done = await asyncio.gather(*(people.disable(admin.id) for admin in admins))
        assert sorted(done) == [False, True]
        enabled = [person for person in await people.list_all() if not person.disabled_at]
        assert len(enabled) == 1
        for admin in admins:
            await people.change(admin.id, disabled_at=None)
    await database.close()


async def check_events(hosted) -> None:
    """An event counts once, and the decision of the admin is stored."""
    webhooks = hosted.service.webhooks
    await webhooks.settings.decide(on=True)
    await webhooks.settings.decide(on=True)
    assert await webhooks.settings.is_listening()
    event = OuraEvent("sleep", "o-1", "2026-05-20", hosted.oura.people["plain"].id)
    for _ in range(2):
        await webhooks.inbox.accept(event)
    assert len(await hosted.rows(tables.oura_events)) == 1
    (connection,) = [row for row in await hosted.rows(tables.connections) if row["sealed"]]
    assert connection["data_at"] is not None


async def everybody(hosted):
    return await hosted.service.accounts.people.list_all()
