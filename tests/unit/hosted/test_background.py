"""Background tasks outlive their failures, and what waits for the database is bounded."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from annulet.errors import DatabaseUnavailable
from annulet.hosted import supervisor as supervisor_module
from annulet.hosted.audit import audit_log
from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.database import tables
from annulet.hosted.supervisor import Supervisor


@pytest.mark.parametrize("failure", [OSError("no route"), DatabaseUnavailable(), KeyError("bug")])
async def test_a_task_that_fails_goes_on(monkeypatch, failure) -> None:
    """Whatever a task raises, it runs again, and until it has run for a while it is named."""
    monkeypatch.setattr(supervisor_module, "_FIRST_PAUSE_S", 0.0)
    runs = 0
    is_running = asyncio.Event()

    async def run() -> None:
        nonlocal runs
        runs += 1
        if runs <= 3:
            raise failure
        is_running.set()
        await asyncio.Event().wait()

    supervisor = Supervisor()
    supervisor.start("task", run)
    await is_running.wait()
    code = "database_unavailable" if isinstance(failure, DatabaseUnavailable) else "internal"
    assert supervisor.read_problems() == {"task": code}
    await supervisor.stop()


async def test_a_task_that_fails_while_it_is_cancelled_does_not_start_again() -> None:
    """What is under way may turn a cancellation into a failure of its own."""
    is_running = asyncio.Event()

    async def run() -> None:
        is_running.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise DatabaseUnavailable from None

    supervisor = Supervisor()
    supervisor.start("jobs", run)
    await is_running.wait()
    await asyncio.wait_for(supervisor.stop(), 10)


class AbsentDatabase:
    """A database that does not answer."""

    @asynccontextmanager
    async def write(self):
        raise DatabaseUnavailable
        yield


async def test_entries_wait_for_the_database_and_are_bounded(hosted, monkeypatch) -> None:
    """In an outage entries are kept up to a limit; the rest is counted, and no page fails."""
    monkeypatch.setattr(audit_log, "_MAX_PENDING", 5)
    log = audit_log.AuditLog(AbsentDatabase(), lambda: datetime(2026, 5, 20, tzinfo=UTC))
    for _ in range(8):
        await log.record(AuditAction.TODAY_VIEWED, None)
    assert log.lost_entries == 3
    with pytest.raises(DatabaseUnavailable):
        await log.flush()
    log._database = hosted.service.database
    await log.flush()
    rows = [
        row for row in await hosted.rows(tables.audit) if row["action"] == AuditAction.TODAY_VIEWED
    ]
    assert len(rows) == 5
