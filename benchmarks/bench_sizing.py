"""What one replica on PostgreSQL costs: the inputs of `sizing.py` that can be measured.

One `annulet serve --no-jobs` on one core, PostgreSQL and the client on the other one. Processor
time counts, of the replica and of the database; elapsed time would count other programs as well.
Twenty people ask `oura_daily_summary` in three ways: the same again, something not asked before
of documents in memory, and after everything was forgotten, so that Oura is asked. Memory and disk
are what a thousand connected people add.
"""

from __future__ import annotations

import asyncio
import os
import re
import statistics
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import asyncpg

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent / "load"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from load_client import ERAS, EndpointCall, ask, ask_many
from people import RING
from processes import TICKS, OneCore, cores

from annulet.cli import run
from annulet.simulator import SimulatedOura
from bench_hosted import PEOPLE, endpoint_calls, environment
from postgresql import DebianServer, has_debian_server

CALLS = 1_000
ROUNDS = 3


class Database:
    """A PostgreSQL server that notes every statement.

    Args:
        folder: Empty, and open to the user that databases run as.
    """

    def __init__(self, folder: Path) -> None:
        self._server = DebianServer(folder)
        self._log = folder / "log"
        with (self._server.data / "postgresql.conf").open("a") as config:
            config.write("log_statement = 'all'\n")
        self._server.start()
        self.address = self._server.address

    @property
    def seconds(self) -> float:
        """Processor time so far of the server and its processes."""
        assert self._server.process is not None
        parent = str(self._server.process.pid)
        total = 0
        for file in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = file.read_text().rpartition(")")[2].split()
            except OSError:  # it has ended
                continue
            if fields[1] == parent or file.parent.name == parent:
                total += int(fields[11]) + int(fields[12])
        return total / TICKS

    @property
    def statements(self) -> int:
        """How many statements there were so far, those that begin and end a transaction too."""
        text = self._log.read_text("utf-8", "replace")
        return len(re.findall(r"LOG:  (?:statement|execute [^:]*):", text))

    async def value(self, statement: str) -> int:
        """Fetch one number."""
        connection = await asyncpg.connect(self.address)
        try:
            return int(await connection.fetchval(statement) or 0)
        finally:
            await connection.close()

    async def forget(self) -> None:
        """Let every replica forget what it has read, as an event of Oura does."""
        await self.value("UPDATE connections SET data_at = coalesce(data_at, 0) + 1 RETURNING 1")

    def stop(self) -> None:
        """Stop the server."""
        self._server.stop()


def serving(settings: dict[str, str]) -> OneCore:
    """A replica without jobs."""
    log = Path(settings["ANNULET_HOME"]).with_suffix(".log")
    port = int(settings["ANNULET_PORT"])
    return OneCore("-m", "annulet", "serve", "--no-jobs", port=port, environment=settings, log=log)


def show(name: str, value: float, unit: str) -> None:
    """Print one input of `sizing.py`."""
    print(f"{name:34}{value:10.3f} {unit}")


async def costs(
    service: OneCore, database: Database, calls: list[EndpointCall], count: int
) -> tuple[float, float, float]:
    """Milliseconds of the replica, of the database, and statements, for each call."""
    before = service.seconds, database.seconds, database.statements
    await ask_many(calls, ERAS[0], calls=count, at_once=8)
    await asyncio.sleep(1.5)  # the audit log is written within a second
    after = service.seconds, database.seconds, database.statements
    replica_s, database_s, statements = (b - a for a, b in zip(before, after, strict=True))
    return 1000 * replica_s / count, 1000 * database_s / count, statements / count


async def questions(folder: Path, database: Database, oura: SimulatedOura, url: str) -> None:
    """The costs of a question in the three ways."""
    settings = environment(folder / "questions", url) | {"ANNULET_DATABASE_URL": database.address}
    calls = await endpoint_calls(settings, oura, 20)
    anew = [replace(calls[n % 20], days=1 + n % 9) for n in range(180)]
    size = "SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('audit_entries')"
    entries = "SELECT count(*) FROM audit_entries"
    empty = await database.value(size)
    with serving(settings) as service:
        for call in (*calls, *anew):
            await ask(call)
        for name, asked in (("again", calls), ("anew", anew)):
            rounds = [await costs(service, database, asked, CALLS) for _ in range(ROUNDS)]
            replica, of_database, statements = (
                statistics.median(c) for c in zip(*rounds, strict=True)
            )
            show(f"{name}: replica", replica, "ms of a core")
            show(f"{name}: database", of_database, "ms of a core")
            show(f"{name}: statements", statements, "")
        rounds, requests = [], []
        for _ in range(10):
            await database.forget()
            before = len(oura.requests.matching("usercollection"))
            rounds.append(await costs(service, database, calls, len(calls)))
            requests.append((len(oura.requests.matching("usercollection")) - before) / len(calls))
        show("from Oura: replica", statistics.median(r for r, *_ in rounds), "ms of a core")
        show("from Oura: requests", statistics.median(requests), "to Oura")
        audit = (await database.value(size) - empty) / await database.value(entries)
        show("an entry of the audit log", audit, "bytes on disk")


async def people(folder: Path, database: Database, oura: SimulatedOura, url: str) -> None:
    """What a thousand connected people add to memory and to the database."""
    settings = environment(folder / "people", url) | {"ANNULET_DATABASE_URL": database.address}
    size = "SELECT pg_database_size(current_database())"
    before = await database.value(size)
    calls = await endpoint_calls(settings, oura, PEOPLE)
    show("a person", (await database.value(size) - before) / PEOPLE / 1024, "kB on disk")
    with serving(settings) as service:
        await ask(calls[0])
        first = service.megabytes
        for call in calls:
            assert not (await ask(call)).get("isError")
        show("a replica with one person", first, "MB")
        show("a person who asks", (service.megabytes - first) / (PEOPLE - 1) * 1024, "kB of memory")


def open_to_others(name: str) -> Path:
    """The folder, open to the user that databases run as."""
    folder = Path(name)
    folder.chmod(0o755)
    return folder


async def main() -> int:
    """Print every figure; 0 also where there is nothing to measure with."""
    if not has_debian_server():
        print("needs Debian's PostgreSQL")
        return 0
    os.sched_setaffinity(0, {cores()[1]})
    oura = SimulatedOura([RING])
    with tempfile.TemporaryDirectory(prefix="annulet-sizing-") as name, oura.serve() as cloud:
        folder = open_to_others(name)
        for measure in (questions, people):
            place = folder / f"database-{measure.__name__}"
            place.mkdir()
            database = Database(place)
            try:
                os.environ["ANNULET_DATABASE_URL"] = database.address
                await asyncio.to_thread(run, ["admin", "migrate"])
                await measure(folder, database, oura, cloud.url)
            finally:
                database.stop()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
