"""The jobs of the service: due once, repeated after a failure, and visible; on both databases."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from annulet.errors import OuraUnavailable
from annulet.hosted.admin.key_rotation import reseal
from annulet.hosted.database import tables
from annulet.hosted.database.engine import ServiceDatabase, database_url, native_address
from annulet.hosted.jobs import in_process_runner
from annulet.hosted.jobs.in_process_runner import InProcessRunner
from annulet.hosted.jobs.job import Job
from annulet.hosted.jobs.job_queue import JobQueue
from annulet.hosted.jobs.job_runs import JobRuns
from annulet.hosted.jobs.queue_worker import QueueWorker
from annulet.hosted.migrations.upgrade import upgrade

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from postgresql import running_postgresql


def now() -> datetime:
    return datetime(2026, 5, 20, 9, 0, tzinfo=UTC)


def new_runner(hosted, jobs: tuple[Job, ...], runs: JobRuns) -> InProcessRunner:
    queue = JobQueue(hosted.service.database)
    return InProcessRunner(jobs, runs, queue, QueueWorker(queue, {}))


def job(hosted, name: str) -> Job:
    return next(job for job in hosted.service.list_jobs() if job.name == name)


async def connected(hosted):
    """A person whose ring is connected."""
    anna = hosted.browser()
    await anna.sign_up("anna@example.org")
    await anna.register()
    await anna.connect()
    return anna


def test_intervals_are_checked() -> None:
    """An interval that no cron expression says is refused when the table is written."""

    async def nothing() -> None:
        """Do nothing."""

    assert Job("a", nothing, every_min=10).cron == "*/10 * * * *"
    assert Job("a", nothing, every_min=1440).cron == "0 0 * * *"
    for every_min in (7, 90, 300):
        with pytest.raises(ValueError, match="do not divide"):
            _ = Job("a", nothing, every_min=every_min).cron


async def test_a_job_that_fails_runs_again_and_is_shown(hosted, monkeypatch) -> None:
    """Other jobs go on, the failure is named, and a success clears it."""
    monkeypatch.setattr(in_process_runner, "_FIRST_PAUSE_S", 0.0)
    outcomes = [OuraUnavailable("away"), KeyError("bug"), None, None]
    succeeded, ended, seen = asyncio.Event(), asyncio.Event(), []

    async def fail_twice() -> None:
        seen.extend([run for run in await runs.read_all() if run.name == "fails"])
        if (outcome := outcomes.pop(0)) is not None:
            raise outcome
        (succeeded if outcomes else ended).set()

    async def other() -> None:
        """Have nothing to do."""

    runs = JobRuns(hosted.service.database, now)
    jobs = (Job("fails", fail_twice, every_min=10), Job("other", other, every_min=10))
    runner = new_runner(hosted, jobs, runs)
    task = asyncio.create_task(runner.run())
    await succeeded.wait()
    await runner.request("fails")
    await ended.wait()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    problems = [(run.failures, run.problem) for run in seen]
    assert problems == [(1, "oura_unavailable"), (2, "internal"), (0, "")]
    assert all(not run.problem for run in await runs.read_all() if run.name == "other")


async def test_a_request_runs_a_job_before_it_is_due(hosted) -> None:
    """Requests that come while it is running are one more run."""
    started, release = asyncio.Queue(), asyncio.Event()

    async def work() -> None:
        started.put_nowait(None)
        await release.wait()

    runs = JobRuns(hosted.service.database, now)
    runner = new_runner(hosted, (Job("work", work, every_min=60),), runs)
    task = asyncio.create_task(runner.run())
    await started.get()
    for _ in range(3):
        await runner.request("work")
    release.set()
    await started.get()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert started.empty()


async def test_the_grants_of_idle_people_are_renewed(hosted) -> None:
    """Shortly before its token ends, an unused connection is renewed, without reading data."""
    await connected(hosted)
    hosted.oura.requests.clear()
    await job(hosted, "renewals").run()
    assert not hosted.oura.requests.matching("oauth-token"), "it is not due yet"
    (before,) = await hosted.rows(tables.connections)
    hosted.clock.now = datetime.fromtimestamp(before["expires_at"] - 600, UTC)
    await job(hosted, "renewals").run()
    (after,) = await hosted.rows(tables.connections)
    assert after["expires_at"] > before["expires_at"]
    assert len(hosted.oura.requests.matching("oauth-token")) == 1
    assert not hosted.oura.requests.matching("usercollection")


async def test_a_process_that_stops_begins_no_renewal(hosted) -> None:
    """Hundreds may be due, and a renewal that is killed midway costs a person the connection."""
    await connected(hosted)
    (before,) = await hosted.rows(tables.connections)
    hosted.clock.now = datetime.fromtimestamp(before["expires_at"] - 600, UTC)
    hosted.oura.requests.clear()
    await hosted.service.background.stop()
    await job(hosted, "renewals").run()
    assert not hosted.oura.requests.matching("oauth-token")


async def test_an_idle_grant_that_ended_at_oura_is_marked(hosted) -> None:
    """The person sees it on the next visit, and the job asks no second time."""
    await connected(hosted)
    hosted.oura.revoke_grants()
    hosted.clock.advance(days=40)
    for _ in range(2):
        await job(hosted, "renewals").run()
    (row,) = await hosted.rows(tables.connections)
    assert row["needs_reconnect"] == "revoked"


@pytest.mark.parametrize("comes_back", [True, False])
async def test_a_grant_that_could_not_be_revoked_is_revoked_later(hosted, comes_back) -> None:
    """Disconnected at once here; Oura is told when it answers again, or forgotten after a week."""
    anna = await connected(hosted)
    hosted.oura.faults.add("status", 503, path="revoke")
    await anna.get("/dashboard")
    await anna.submit("/toolkits/oura/disconnect")
    assert [row["sealed"] for row in await hosted.rows(tables.connections)] == [None]
    (orphan,) = await hosted.rows(tables.orphans)
    assert await reseal(hosted.service) >= 0
    await job(hosted, "revocations").run()
    assert len(await hosted.rows(tables.orphans)) == 1, "it is not due yet"
    hosted.clock.advance(minutes=11)
    await job(hosted, "revocations").run()
    (again,) = await hosted.rows(tables.orphans)
    assert (again["attempts"], again["due_at"] > orphan["due_at"]) == (1, True)
    if comes_back:
        hosted.oura.faults.clear()
    hosted.clock.advance(days=1 if comes_back else 8)
    await job(hosted, "revocations").run()
    assert await hosted.rows(tables.orphans) == []


async def test_a_new_consent_keeps_its_grant(hosted) -> None:
    """The old grant is forgotten, because revoking it might end the new one at Oura."""
    anna = await connected(hosted)
    hosted.oura.faults.add("status", 503, path="revoke")
    await anna.get("/dashboard")
    await anna.submit("/toolkits/oura/disconnect")
    assert len(await hosted.rows(tables.orphans)) == 1
    await anna.connect()
    assert await hosted.rows(tables.orphans) == []


@pytest.mark.full
async def test_two_workers_run_each_job_once(tmp_path, make_hosted) -> None:
    """On PostgreSQL a requested job runs once among two workers, and again after a failure."""
    with running_postgresql() as address:
        database = ServiceDatabase(database_url(address, tmp_path))
        await upgrade(database)
        assert await upgrade(database) == (tables.FORMAT, tables.FORMAT)
        from annulet.hosted.jobs import procrastinate_runner as module

        count, done, mailed, mails = 0, asyncio.Event(), asyncio.Event(), []

        async def work() -> None:
            nonlocal count
            count += 1
            if count == 1:
                raise KeyError("first")
            done.set()

        async def deliver(arguments) -> None:
            mails.append(arguments["person"])
            if len(mails) == 1:
                raise OSError("anna@example.org is unknown")
            mailed.set()

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "_POLL_S", 0.1)
            patch.setattr(module, "_WAIT_BASE_S", 0)
            jobs, runs = (Job("work", work, every_min=1440),), JobRuns(database, now)
            runners = [
                module.ProcrastinateRunner(native_address(database), jobs, runs, {"mail": deliver})
                for _ in range(2)
            ]
            await runners[0].enqueue("mail", {"person": "p1"})
            for _ in range(3):
                await runners[0].request("work")
            tasks = [asyncio.create_task(runner.run()) for runner in runners]
            await asyncio.wait_for(done.wait(), 60)
            await asyncio.wait_for(mailed.wait(), 60)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        assert (count, [run.problem for run in await runs.read_all()]) == (2, [""])
        assert mails == ["p1", "p1"]
        for runner in runners:
            await runner.close()
        await database.close()


_WORKER_THAT_HANGS = """
import asyncio, sys
from pathlib import Path
from annulet.hosted.database.engine import ServiceDatabase, database_url, native_address
from annulet.hosted.jobs.job_runs import JobRuns
from annulet.hosted.jobs.procrastinate_runner import ProcrastinateRunner
from annulet.wiring import utc_now

async def hang(arguments):
    print("begun", flush=True)
    await asyncio.Event().wait()

async def main():
    database = ServiceDatabase(database_url(sys.argv[1], Path()))
    runs = JobRuns(database, utc_now)
    await ProcrastinateRunner(native_address(database), (), runs, {"mail": hang}).run()

asyncio.run(main())
"""


@pytest.mark.full
async def test_the_job_of_a_worker_that_died_is_done_by_another(tmp_path) -> None:
    """A worker is killed in the middle of a mail; another one delivers it."""
    from annulet.hosted.jobs import procrastinate_runner as module

    delivered = asyncio.Event()

    async def deliver(arguments) -> None:
        delivered.set()

    with running_postgresql() as address, pytest.MonkeyPatch.context() as patch:
        for name in ("_POLL_S", "_RESCUE_S"):
            patch.setattr(module, name, 0.2)
        patch.setattr(module, "_STALLED_S", 2.0)
        database = ServiceDatabase(database_url(address, tmp_path))
        await upgrade(database)
        runner = module.ProcrastinateRunner(
            native_address(database), (), JobRuns(database, now), {"mail": deliver}
        )
        await runner.enqueue("mail", {"person": "p1"})
        dying = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _WORKER_THAT_HANGS, address, stdout=asyncio.subprocess.PIPE
        )
        assert await asyncio.wait_for(dying.stdout.readline(), 60) == b"begun\n"
        dying.kill()
        await dying.wait()
        task = asyncio.create_task(runner.run())
        await asyncio.wait_for(delivered.wait(), 60)
        task.cancel()
        await asyncio.wait({task})
        await runner.close()
        await database.close()
