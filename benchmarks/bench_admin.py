"""The admin pages with many people: bytes, statements and time of each page.

100,000 people, of whom some stages have half and some have a few, and two million entries of the
audit log over thirteen months; on SQLite, and on PostgreSQL where Debian's server is installed.
The floor of a page is the same page of a service with a hundred people, in the same run.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
from argon2 import PasswordHasher
from sqlalchemy import event, insert, text

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from annulet.hosted.accounts.passwords import Passwords
from annulet.hosted.app import create_app
from annulet.hosted.audit.audit_partitions import AuditPartitions
from annulet.hosted.database import tables
from annulet.hosted.database.engine import ServiceDatabase, database_url
from annulet.hosted.migrations.upgrade import upgrade
from annulet.hosted.service import Service
from annulet.settings import Settings
from postgresql import DebianServer, has_debian_server

FEW, MANY, QUICK = 100, 100_000, 20_000
ENTRIES_PER_PERSON = 20
RUNS = 9
BUDGET = {"bytes": 100_000, "statements": 6, "ms": 200.0}
URL = "http://127.0.0.1:8080"
STATES = (
    *("not_registered", "pending", "approved", "connected", "membership_inactive", "expired"),
    *("disabled", "member", "support", "admin"),
)
PAGES = (
    "/admin",
    "/admin?q=77",
    "/admin?q=person0777",
    "/admin?q=nobody",
    *(f"/admin?state={state}" for state in STATES),
    "/admin?state=expired&q=00",
    "/admin?state=connected&q=9999",
    "/admin?after=person050000@example.org",
    "/admin/queue",
    "/admin/queue?after=90000",
    "/admin/invitations",
    "/admin/keys",
    "/admin/audit",
    "/admin/audit?before=1764000000-9",
    *(f"/admin/audit?source={source}" for source in ("assistant", "person", "oura", "admin")),
    "/admin/audit?login=person000042@example.org",
    "/admin/audit?login=person000042@example.org&source=admin",
    "/admin/audit?since=2026-05-20&until=2026-05-20",
    "/admin/audit?since=2025-08-01&until=2025-08-01&source=person",
    "/admin/audit?since=2020-01-01&until=2020-01-02",
)
NOW = datetime(2026, 5, 20, 9, tzinfo=UTC)
_SPAN_S = 395 * 86_400
_ACTIONS = (
    "CASE WHEN n % 4001 = 0 THEN 'admin:role:change' WHEN n % 97 = 0 THEN 'oura:connection:lose' "
    "WHEN n % 10 = 0 THEN 'person:session:create' ELSE 'assistant:tool:call' END"
)
_SERIES = {
    "sqlite": "WITH RECURSIVE series(n) AS "
    "(SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < {count}) ",
    "postgresql": "WITH series AS "
    "(SELECT n FROM generate_series(CAST(1 AS bigint), {count}) AS n) ",
}


def rows(count: int) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    """The rows of a service with so many people: half connected, a quarter waiting."""
    at = int(NOW.timestamp())
    ids = [f"{number:032d}" for number in range(count)]
    usual = {"name": "P", "timezone": "UTC", "created_at": at}
    yield (
        tables.people,
        [
            {
                "id": i,
                "login": f"person{i[-6:]}@example.org",
                "role": "support" if number % 30_000 == 29_999 else "member",
                "disabled_at": at if number % 15_000 == 14_999 else None,
                **usual,
            }
            for number, i in enumerate(ids)
        ],
    )
    yield (
        tables.registrations,
        [
            {
                "person_id": i,
                "place": place,
                "state": "pending" if place % 4 == 3 else "approved",
                "registered_at": at,
            }
            for place, i in enumerate(ids)
            if place % 40_000 != 39_999
        ],
    )
    yield (
        tables.connections,
        [
            {
                "person_id": i,
                "generation": 1,
                "sealed": b"x" * 600,
                "needs_reconnect": "revoked" if place % 10_000 == 9_000 else None,
                "membership_lost_at": at if place % 20_000 == 16_000 else None,
            }
            for place, i in enumerate(ids)
            if place % 4 < 2
        ],
    )


async def fill(database: ServiceDatabase, count: int) -> None:
    """Write the people, and their entries over thirteen months."""
    oldest = int(NOW.timestamp()) - _SPAN_S
    if not database.is_sqlite:
        await AuditPartitions(database, lambda: NOW, retention_days=400).make_months(oldest)
    entries = count * ENTRIES_PER_PERSON
    series = _SERIES["sqlite" if database.is_sqlite else "postgresql"].format(count=entries)
    person = f"n * 7919 % {count}"
    padded = f"substr('{'0' * 32}' || ({person}), -32)"
    if not database.is_sqlite:
        padded = f"lpad(({person})::text, 32, '0')"
    at = f"CAST({oldest} + n * {_SPAN_S / entries} AS bigint)"
    audit = (
        "INSERT INTO audit_entries (at, person_id, action, actor, client, endpoint_id, tool, "  # noqa: S608 - texts of this file
        f"status, bytes, milliseconds) {series} SELECT {at}, {padded}, {_ACTIONS}, '', 'Claude', "
        "'', 'oura_daily_summary', 'ok', 900, 12 FROM series"
    )
    async with database.write() as connection:
        for table, values in rows(count):
            await connection.execute(insert(table), values)
        await connection.execute(text(audit))
    if not database.is_sqlite:  # PostgreSQL does it by itself in the background
        async with database.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("VACUUM ANALYZE"))


async def measure(home: Path, address: str, count: int) -> dict[str, dict[str, float]]:
    """Open each page of a service with so many people."""
    settings = Settings(home=home, database_url=address, statement_timeout_s=0)
    if address:
        database = ServiceDatabase(database_url(address, home))
        await upgrade(database)
        await database.close()
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    build = partial(Service, settings, clock=lambda: NOW, passwords=Passwords(hasher))
    app = create_app(settings, build, runs_jobs=False)
    transport = httpx2.ASGITransport(app, client=("127.0.0.1", 40_000))
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(
            transport=transport, base_url=URL, follow_redirects=True, timeout=60
        ) as http,
    ):
        page = await http.get("/sign-up")
        token = re.search(r'name="form_token" value="(\w+)"', page.text).group(1)
        fields = {"form_token": token, "login": "boss@example.org", "password": "a b c d e f g"}
        assert (await http.post("/sign-up", data=fields)).is_success
        database = app.state.service.database
        await fill(database, count)
        statements: list[str] = []
        event.listen(
            database.engine.sync_engine,
            "before_cursor_execute",
            lambda *call: statements.append(call[2]),
        )
        return {path: await measure_page(http, path, statements) for path in PAGES}


async def measure_page(
    http: httpx2.AsyncClient, path: str, statements: list[str]
) -> dict[str, float]:
    """Open a page several times."""
    times = []
    for _ in range(RUNS):
        statements.clear()
        begun = time.perf_counter()
        answer = await http.get(path)
        times.append((time.perf_counter() - begun) * 1000)
        assert answer.is_success, path
    return {
        "bytes": len(answer.content),
        "statements": len(statements),
        "ms": sorted(times)[RUNS // 2],
    }


@contextmanager
def running_engine(name: str, folder: Path) -> Iterator[str]:
    """The address of an empty database."""
    if name == "SQLite":
        yield ""
        return
    folder.mkdir()
    server = DebianServer(folder)
    server.start()
    try:
        yield server.address
    finally:
        server.stop()


def main() -> None:
    """Print a line a page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    many = QUICK if parser.parse_args().quick else MANY
    engines = ["SQLite", *(["PostgreSQL"] if has_debian_server() else [])]
    for name in engines:
        measured = []
        with tempfile.TemporaryDirectory() as opened:
            folder = Path(opened)
            folder.chmod(0o755)
            for count in (FEW, many):
                with running_engine(name, folder / f"server-{count}") as address:
                    measured.append(asyncio.run(measure(folder / f"{count}", address, count)))
        few_people, many_people = measured
        print(f"{name}: {many} people, {many * ENTRIES_PER_PERSON} entries; ratio to {FEW} people")
        for path, figures in many_people.items():
            over = [limit for limit, most in BUDGET.items() if figures[limit] > most]
            ratio = figures["ms"] / few_people[path]["ms"]
            verdict = f"OVER: {', '.join(over)}" if over else ""
            kilobytes, statements = figures["bytes"] / 1000, figures["statements"]
            print(
                f"{path:64} {kilobytes:4.0f} kB {statements:2.0f} statements "
                f"{figures['ms']:6.1f} ms {ratio:5.1f} x  {verdict}"
            )


if __name__ == "__main__":
    main()
