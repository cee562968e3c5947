"""One, two and three replicas beside a bare server of the SDK, in one run; writes a table.

PostgreSQL, haproxy, the replicas and the bare server share one core, and the client and the
simulated Oura have the other one. So replicas do not add up here: a call costs processor time
wherever it is answered, and a second core would answer as many again. The figures say whether
replicas cost more together than alone, and what they ask of the database and of Oura.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import asyncpg

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent / "load"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from load_client import ERAS, EndpointCall, ask, open_asker
from people import RING, connect
from processes import OneCore, cores, free_port

from annulet.hosted.database.engine import ServiceDatabase, database_url
from annulet.hosted.migrations.upgrade import upgrade
from annulet.simulator import SimulatedOura
from bench_hosted import environment
from cluster.programs import Program, haproxy
from postgresql import DebianServer, has_debian_server

PAGE: Final = Path(__file__).resolve().parents[1] / "docs/explanation/measurements.md"
MARKS: Final = ("<!-- replicas: begin -->", "<!-- replicas: end -->")
ASSISTANTS, PEOPLE, MORE_PEOPLE, SECONDS, ROUNDS = 32, 32, 300, 6.0, 3
MOST_STATEMENTS: Final = 2.0
_LOAD: Final = Path(__file__).parent / "load"
_HAPROXY: Final = """\
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
frontend ring
    bind 127.0.0.1:{port}
    default_backend annulet
backend annulet
    balance {balance}
    hash-type consistent
{servers}
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What one setting answered.

    Attributes:
        calls: How many calls.
        seconds: Processor time of the servers that answer.
        elapsed: Seconds on the clock.
        latencies: Seconds of each call.
        statements: Statements of the database.
    """

    calls: int
    seconds: float
    elapsed: float
    latencies: Sequence[float]
    statements: int = 0

    @property
    def rate(self) -> float:
        """Calls a second of one core, by processor time."""
        return self.calls / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds within which this share of the calls was answered."""
        return 1000 * statistics.quantiles(self.latencies, n=100)[round(share * 100) - 1]


class Site:
    """PostgreSQL, up to three replicas and a balancer on one core, and people who ask.

    Attributes:
        people: A call to the endpoint of each.
    """

    def __init__(self, folder: Path, stack: ExitStack, oura: SimulatedOura, oura_url: str) -> None:
        (folder / "server").mkdir()
        preload = "shared_preload_libraries=pg_stat_statements"
        server = DebianServer(folder / "server", preload)
        server.start()
        stack.callback(server.stop)
        assert server.process is not None
        os.sched_setaffinity(server.process.pid, {cores()[0]})
        self._folder, self._oura = folder, oura
        self.address, self.port = server.address, free_port()
        self._settings = environment(folder / "home", oura_url) | {
            "ANNULET_DATABASE_URL": server.address,
            "ANNULET_PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "ANNULET_TRUSTED_PROXIES": "127.0.0.1",
            "ANNULET_OURA_REQUESTS": "0",
        }
        self._stack = stack
        self.replicas: list[OneCore] = []
        self.people: list[EndpointCall] = []

    async def prepare(self, count: int) -> None:
        """Make the tables and connect people."""
        database = ServiceDatabase(database_url(self.address, self._folder))
        await upgrade(database)
        await database.close()
        await self.sql("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        pairs = [line.split() for line in await connect(self._settings, self._oura, count)]
        base = f"http://127.0.0.1:{self.port}"
        self.people = [EndpointCall(base + path, key) for path, key in pairs]

    def start_replicas(self, count: int) -> None:
        """Start as many as are missing."""
        while len(self.replicas) < count:
            port, number = free_port(), len(self.replicas) + 1
            settings = self._settings | {"ANNULET_PORT": str(port)}
            log = self._folder / f"r{number}.log"
            program = ("-m", "annulet", "serve")
            replica = OneCore(*program, port=port, environment=settings, log=log)
            self.replicas.append(self._stack.enter_context(replica))

    @contextmanager
    def balanced(self, servers: Sequence[OneCore], balance: str = "roundrobin") -> Iterator[None]:
        """Run haproxy in front of these while the block lasts."""
        config = self._folder / "haproxy.cfg"
        lines = [f"    server s{n} 127.0.0.1:{each.port}" for n, each in enumerate(servers)]
        config.write_text(
            _HAPROXY.format(port=self.port, balance=balance, servers="\n".join(lines))
        )
        command = ["taskset", "-c", str(cores()[0]), haproxy(), "-db", "-f", str(config)]
        program = Program("haproxy", command, folder=self._folder, port=self.port)
        program.start()
        try:
            yield
        finally:
            program.stop()

    async def sql(self, statement: str) -> int:
        """Run a statement; return its only number, if it has one."""
        connection = await asyncpg.connect(self.address)
        try:
            return int(await connection.fetchval(statement) or 0)
        finally:
            await connection.close()

    async def count_statements(self) -> int:
        """Count what was executed so far, without the beginnings and ends of transactions."""
        return await self.sql(
            "SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_statements "
            "WHERE query !~* '^(begin|commit|rollback|deallocate)'"
        )

    async def forget(self) -> None:
        """Let every replica forget what it has read."""
        await self.sql("UPDATE connections SET data_at = coalesce(data_at, 0) + 1")

    async def count_requests(self, balance: str, count: int) -> int:
        """Count the requests to Oura of people who ask six questions each."""
        await self.forget()
        before = len(self._oura.requests.matching("usercollection"))
        with self.balanced(self.replicas[:count], balance):
            for days in range(1, 7):
                for call in self.people[:PEOPLE]:
                    answer = await ask(replace(call, days=days))
                    assert not answer.get("isError"), answer
        return len(self._oura.requests.matching("usercollection")) - before


async def load(servers: Sequence[OneCore], targets: Sequence[EndpointCall]) -> Load:
    """Let 32 assistants ask, each again and again."""
    latencies: list[float] = []
    before, begun = sum(each.seconds for each in servers), time.perf_counter()
    until = begun + SECONDS

    async def keep_asking(call: EndpointCall) -> None:
        async with open_asker(call, ERAS[0]) as ask_again:
            while (sent := time.perf_counter()) < until:
                await ask_again()
                latencies.append(time.perf_counter() - sent)

    await asyncio.gather(*(keep_asking(targets[n % len(targets)]) for n in range(ASSISTANTS)))
    elapsed = time.perf_counter() - begun
    seconds = sum(each.seconds for each in servers) - before
    return Load(len(latencies), seconds, elapsed, latencies)


async def measure_calls(site: Site, bare: OneCore) -> dict[str, Load]:
    """Measure the bare server and one to three replicas in turn; the middle round of each."""
    rounds: dict[str, list[Load]] = {}
    theirs = [EndpointCall(f"http://127.0.0.1:{site.port}/mcp")]
    settings = [("bare SDK server", [bare], theirs, "roundrobin")]
    settings += [
        (f"{n} replica{'s' * (n > 1)}", site.replicas[:n], site.people[:PEOPLE], "hash path")
        for n in (1, 2, 3)
    ]
    for number in range(ROUNDS + 1):
        for name, servers, targets, balance in settings:
            with site.balanced(servers, balance):
                for call in targets:
                    await ask(call)  # what is measured is answered from memory
                before = await site.count_statements()
                measured = await load(servers, targets)
                made = await site.count_statements() - before
            if number:  # the first round does not count
                rounds.setdefault(name, []).append(replace(measured, statements=made))
    middle = ROUNDS // 2
    return {n: sorted(each, key=lambda load: load.rate)[middle] for n, each in rounds.items()}


async def measure_memory(site: Site) -> float:
    """Measure the kilobytes that a person adds to a replica."""
    replica, more = site.replicas[0], site.people[PEOPLE:]
    with site.balanced([replica]):
        for call in site.people[:PEOPLE]:
            await ask(call)
        before = replica.megabytes
        for call in more:
            assert not (await ask(call)).get("isError")
    return 1024 * (replica.megabytes - before) / len(more)


def write_table(loads: dict[str, Load], requests: dict[str, int], kilobytes: float) -> str:
    """Build the table of the page."""
    floor = loads["bare SDK server"]
    head = ("behind haproxy, on one core", "calls a second of a core", "of bare", "on the clock")
    head += ("p50", "p99", "statements a call")
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    for name, measured in loads.items():
        statements = "" if measured is floor else f"{measured.statements / measured.calls:.2f}"
        lines.append(
            f"| {name} | {measured.rate:,.0f} | {measured.rate / floor.rate:.2f} | "
            f"{measured.calls / measured.elapsed:,.0f} | {measured.percentile(0.5):.0f} ms | "
            f"{measured.percentile(0.99):.0f} ms | {statements} |"
        )
    asked = ", ".join(f"{count} {words}" for words, count in requests.items())
    lines += ["", f"{PEOPLE} people who ask six questions each: {asked} requests to Oura."]
    lines += [f"A person whose days are in memory takes {kilobytes:.0f} KB of it."]
    return "\n".join(lines)


async def measure(folder: Path) -> tuple[dict[str, Load], dict[str, int], float]:
    """Measure everything in one run."""
    os.sched_setaffinity(0, {cores()[1]})
    oura = SimulatedOura([RING])
    with ExitStack() as stack:
        cloud = stack.enter_context(oura.serve())
        site = Site(folder, stack, oura, cloud.url)
        await site.prepare(PEOPLE + MORE_PEOPLE)
        site.start_replicas(3)
        with site.balanced(site.replicas[:1]):
            answer = await ask(site.people[0])
        (folder / "answer.json").write_text(json.dumps(answer["structuredContent"]))
        port = free_port()
        command = (str(_LOAD / "bare.py"), str(port), str(folder / "answer.json"))
        bare = OneCore(*command, port=port, environment=dict(os.environ), log=folder / "bare.log")
        stack.enter_context(bare)
        loads = await measure_calls(site, bare)
        requests = {
            "behind one replica": await site.count_requests("roundrobin", 1),
            "behind three in turn": await site.count_requests("roundrobin", 3),
            "behind three by the hash of the path": await site.count_requests("hash path", 3),
        }
        return loads, requests, await measure_memory(site)


def main() -> int:
    """Print the table and, when told so, write it into the page; 1 where a budget is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="ignored: it takes two minutes")
    parser.add_argument("--write", action="store_true", help="into the page")
    chosen = parser.parse_args()
    if not (haproxy() and has_debian_server()):
        print("needs haproxy and PostgreSQL of Debian")
        return 0
    with tempfile.TemporaryDirectory(prefix="annulet-replicas-") as name:
        Path(name).chmod(0o755)  # the database runs as another user
        loads, requests, kilobytes = asyncio.run(measure(Path(name)))
    table = write_table(loads, requests, kilobytes)
    print(table)
    if chosen.write:
        begin, end = (re.escape(mark) for mark in MARKS)
        text = PAGE.read_text("utf-8")
        new = f"{MARKS[0]}\n{table}\n{MARKS[1]}"
        PAGE.write_text(re.sub(f"{begin}.*{end}", lambda _: new, text, flags=re.DOTALL), "utf-8")
    most = max(measured.statements / measured.calls for measured in loads.values())
    return 0 if most <= MOST_STATEMENTS else 1


if __name__ == "__main__":
    sys.exit(main())
