"""How each job's last run ended, kept in the database so that every replica can show it."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from sqlalchemy import select

from annulet.errors import AnnuletError
from annulet.hosted.clock import Clock, to_epoch_s
from annulet.hosted.database import tables
from annulet.hosted.database.engine import ServiceDatabase
from annulet.hosted.jobs.job import Job, JobAbandonedError, JobHandler
from annulet.hosted.observability.recorder import NoRecorder, Recorder
from annulet.hosted.observability.work_record import working
from annulet.hosted.web.json_log import LOGGER

_j = tables.job_runs.c


class JobRun(NamedTuple):
    """The last run of a job.

    Attributes:
        name: Of the job.
        started_at: Epoch seconds.
        ended_at: Epoch seconds.
        failures: How many runs in a row have failed.
        problem: The code of the last failure; empty after a success.
    """

    name: str
    started_at: int
    ended_at: int
    failures: int
    problem: str


class JobRuns:
    """Runs jobs and records how they ended, in the database, in the log and in the metrics."""

    def __init__(
        self, database: ServiceDatabase, clock: Clock, recorder: Recorder | None = None
    ) -> None:
        self._recorder: Final = recorder or NoRecorder()
        self._database: Final = database
        self._clock: Final = clock

    async def run(self, job: Job) -> int:
        """Run a job once and record the outcome.

        Returns:
            How many runs in a row have failed.

        Raises:
            DatabaseUnavailable: The outcome cannot be recorded.
        """
        started_at, started = to_epoch_s(self._clock()), time.perf_counter()
        with working(job=job.name):
            problem = await self._run(job)
            outcome, elapsed_s = problem or "ok", time.perf_counter() - started
            self._recorder.count_job(job.name, outcome, elapsed_s)
            facts = {"outcome": outcome, "ms": round(elapsed_s * 1000)}
            logging.getLogger(LOGGER).info("job", extra={"facts": facts})
            return await self._record(job.name, started_at, problem)

    async def read_all(self) -> Sequence[JobRun]:
        """Read the last run of every job that has run, by name."""
        query = select(_j.name, _j.started_at, _j.ended_at, _j.failures, _j.problem)
        rows = await self._database.fetch_all(query.order_by(_j.name))
        return [JobRun(*row) for row in rows]

    def count(self, kind: str, handle: JobHandler) -> JobHandler:
        """Build a handler of queued jobs that counts how they end."""

        async def handle_counted(arguments: Mapping[str, str]) -> None:
            started, outcome = time.perf_counter(), AnnuletError.code
            try:
                await handle(arguments)
                outcome = "ok"
            except JobAbandonedError:
                outcome = "abandoned"
                raise
            except AnnuletError as error:
                outcome = error.code
                raise
            finally:
                self._recorder.count_job(kind, outcome, time.perf_counter() - started)

        return handle_counted

    async def _run(self, job: Job) -> str:
        """Run a job; return the code of its failure, which is logged, or an empty text."""
        try:
            await job.run()
        except AnnuletError as error:
            logging.getLogger(LOGGER).warning("job %s has failed: %s", job.name, error)
            return error.code
        except Exception:  # whatever it was, the job has to run again
            logging.getLogger(LOGGER).exception("job %s has failed", job.name)
            return AnnuletError.code
        return ""

    async def _record(self, name: str, started_at: int, problem: str) -> int:
        ended_at = to_epoch_s(self._clock())
        times = {"started_at": started_at, "ended_at": ended_at, "problem": problem}
        row = self._database.insert(tables.job_runs).values(
            name=name, failures=1 if problem else 0, **times
        )
        failures = _j.failures + 1 if problem else 0
        upsert = row.on_conflict_do_update(
            index_elements=[_j.name], set_={"failures": failures, **times}
        ).returning(_j.failures)
        async with self._database.write() as connection:
            return int((await connection.execute(upsert)).scalar_one())
