"""The admin pages with many people: bytes, statements and time of each page.

The floor of a page is the same page of a service with a hundred people, in the same run.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
from argon2 import PasswordHasher
from sqlalchemy import event, insert

from annulet.hosted.accounts.passwords import Passwords
from annulet.hosted.app import create_app
from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.database import tables
from annulet.settings import Settings

FEW, MANY, QUICK = 100, 100_000, 20_000
ENTRIES_PER_PERSON = 3
RUNS = 9
BUDGET = {"bytes": 100_000, "statements": 6, "ms": 200.0}
URL = "http://127.0.0.1:8080"
PAGES = (
    "/admin",
    "/admin?q=7777",
    "/admin?state=expired",
    "/admin?after=person050000@example.org",
    "/admin/queue",
    "/admin/queue?after=90000",
    "/admin/invitations",
    "/admin/keys",
    "/admin/audit",
    "/admin/audit?source=admin",
    "/admin/audit?login=person000042@example.org",
    "/admin/audit?since=2026-05-20&until=2026-05-20",
)
NOW = datetime(2026, 5, 20, 9, tzinfo=UTC)


def rows(count: int) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    """The rows of a service with so many people: half connected, a quarter waiting."""
    at = int(NOW.timestamp())
    ids = [f"{number:032d}" for number in range(count)]
    usual = {"name": "P", "role": "member", "timezone": "UTC", "created_at": at}
    people = [{"id": i, "login": f"person{i[-6:]}@example.org", **usual} for i in ids]
    yield tables.people, people
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
        ],
    )
    connected = [i for place, i in enumerate(ids) if place % 4 < 2]
    yield tables.connections, [{"person_id": i, "generation": 1, "sealed": b"x"} for i in connected]
    yield (
        tables.audit,
        [
            {
                "at": at - 3600 * 24 * number,
                "person_id": i,
                "action": AuditAction.SIGNED_IN,
                "status": "ok",
                **dict.fromkeys(("actor", "client", "endpoint_id", "tool"), ""),
                **dict.fromkeys(("bytes", "milliseconds"), 0),
            }
            for number in range(ENTRIES_PER_PERSON)
            for i in ids
        ],
    )


async def measure(home: Path, count: int) -> dict[str, dict[str, float]]:
    """Open each page of a service with so many people."""
    app = create_app(
        Settings(home=home),
        clock=lambda: NOW,
        passwords=Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)),
    )
    transport = httpx2.ASGITransport(app, client=("127.0.0.1", 40_000))
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url=URL, follow_redirects=True) as http,
    ):
        page = await http.get("/sign-up")
        token = re.search(r'name="form_token" value="(\w+)"', page.text).group(1)
        fields = {"form_token": token, "login": "boss@example.org", "password": "a b c d e f g"}
        assert (await http.post("/sign-up", data=fields)).is_success
        database = app.state.service.database
        async with database.write() as connection:
            for table, values in rows(count):
                await connection.execute(insert(table), values)
        statements: list[str] = []
        event.listen(
            database.engine.sync_engine,
            "before_cursor_execute",
            lambda *call: statements.append(call[2]),
        )
        measured = {}
        for path in PAGES:
            times = []
            for _ in range(RUNS):
                statements.clear()
                begun = time.perf_counter()
                answer = await http.get(path)
                times.append((time.perf_counter() - begun) * 1000)
                assert answer.is_success, path
            measured[path] = {
                "bytes": len(answer.content),
                "statements": len(statements),
                "ms": sorted(times)[RUNS // 2],
            }
        return measured


def main() -> None:
    """Print a line a page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    many = QUICK if parser.parse_args().quick else MANY
    with tempfile.TemporaryDirectory() as folder:
        few_people = asyncio.run(measure(Path(folder) / "few", FEW))
        many_people = asyncio.run(measure(Path(folder) / "many", many))
    print(f"{many} people, {many * ENTRIES_PER_PERSON} entries; ratio to {FEW} people")
    for path, figures in many_people.items():
        over = [name for name, limit in BUDGET.items() if figures[name] > limit]
        ratio = figures["ms"] / few_people[path]["ms"]
        print(
            f"{path:48} {figures['bytes'] / 1000:5.0f} kB {figures['statements']:2.0f} statements "
            f"{figures['ms']:6.1f} ms {ratio:5.1f} x{'  OVER: ' + ', '.join(over) if over else ''}"
        )


if __name__ == "__main__":
    main()
