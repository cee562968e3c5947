"""Three replicas on one PostgreSQL, a balancer and the simulated Oura, all on loopback."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import asyncpg

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from annulet.simulator import SimulatedOura
from cluster.members import Member
from cluster.programs import Balancer, Program, Replica, faketime_library, has_haproxy
from cluster.round_robin import RoundRobin
from pgbouncer import Pgbouncer, has_pgbouncer
from ports import free_port
from postgresql import DebianServer, has_debian_server, running_postgresql

REPLICAS = 3
_PAGE = Path(__file__).resolve().parents[2] / "docs/how-to/run-the-service.md"


class Cluster:
    """The running programs and the people who use them.

    Attributes:
        oura: The simulated Oura; its faults can be set.
        replicas: Straight to PostgreSQL the first, with a clock that can be set the second, through
            pgbouncer the third, where those programs are installed.
        server: PostgreSQL, where it can be stopped.
        pooler: pgbouncer, where it is installed.
        balancer: haproxy, where it is installed.
        parts: Which of the programs there are, by name.
    """

    def __init__(
        self, folder: Path, stack: ExitStack, settings: Mapping[str, str] | None = None
    ) -> None:
        self._stack, self._members = stack, 0
        self._regulars: list[Member] = []
        self._log_lengths: dict[str, int] = {}
        self.oura = SimulatedOura(["plain"])
        cloud = stack.enter_context(self.oura.serve())
        self.oura_url = cloud.url
        self.server, address = _start_database(folder, stack)
        self.pooler = _start_pooler(folder, stack, self.server)
        self.address = address
        port = free_port()
        self.url, self.host = f"http://127.0.0.1:{port}", f"127.0.0.1:{port}"
        self.environment = self._build_environment(folder) | dict(settings or {})
        self._migrate_at_once()
        self.replicas = [self._build_replica(folder, number) for number in range(REPLICAS)]
        for replica in self.replicas:
            stack.callback(replica.stop)
        with ThreadPoolExecutor(REPLICAS) as pool:
            list(pool.map(Replica.start, self.replicas))
        self.balancer = self._start_balancer(folder, port)
        self.parts = {
            "PostgreSQL": self.server is not None,
            "pgbouncer": self.pooler is not None,
            "haproxy": has_haproxy(),
            "faketime": faketime_library() is not None,
        }
        self.admin = self.new_member()

    def new_member(self) -> Member:
        """Let another person sign up; the first one is the admin."""
        self._members += 1
        member = Member(self, self._members)
        self._stack.callback(member.close)
        return member

    def regulars(self, count: int) -> list[Member]:
        """Return people whom the faults before have left as they were."""
        while len(self._regulars) < count:
            self._regulars.append(self.new_member())
        return self._regulars[:count]

    def annulet(self, *words: str, text: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command of annulet with the settings of the replicas."""
        return subprocess.run(
            [*_ANNULET, *words],
            env=self.environment,
            input=text,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def sql(self, statement: str, *values: Any) -> list[Any]:
        """Fetch the rows of a statement, straight from PostgreSQL."""

        async def fetch() -> list[Any]:
            connection = await asyncpg.connect(self.address)
            try:
                return list(await connection.fetch(statement, *values))
            finally:
                await connection.close()

        return asyncio.run(fetch())

    def read_new_logs(self) -> str:
        """Read what the replicas have logged since this was called before."""
        text = ""
        for replica in self.replicas:
            logged = replica.log.read_text("utf-8", "replace")
            text += logged[self._log_lengths.get(replica.name, 0) :]
            self._log_lengths[replica.name] = len(logged)
        return text

    def mend(self) -> None:
        """Start what a fault has left stopped, after one that did not end as it should."""
        self.oura.faults.clear()
        for program in (self.server, self.pooler, self.balancer, *self.replicas):
            if program is not None and not program.is_running:
                program.start()
        self.read_new_logs()

    def _build_environment(self, folder: Path) -> dict[str, str]:
        callback = f"{self.url}/connect/oura/callback"
        application = self.oura.register_application(redirect_uris=[callback])
        clean = {
            name: value for name, value in os.environ.items() if not name.startswith("ANNULET")
        }
        return clean | {
            "ANNULET_HOME": str(folder / "home"),
            "ANNULET_PUBLIC_URL": self.url,
            "ANNULET_TRUSTED_PROXIES": "127.0.0.1",
            "ANNULET_DATABASE_URL": self.address,
            "ANNULET_OURA_API_URL": self.oura_url,
            "ANNULET_CLIENT_ID": application.client_id,
            "ANNULET_CLIENT_SECRET": application.client_secret,
            "ANNULET_CAPACITY": "1000",
            # simulated people ask without a pause; that a person may not is a test of its own
            "ANNULET_QUESTIONS_BURST": "10000",
            "HOME": str(folder),
        }

    def _migrate_at_once(self) -> None:
        """Make the tables, from as many processes at once as there are replicas."""
        with ThreadPoolExecutor(REPLICAS) as pool:
            runs = list(pool.map(lambda _: self.annulet("admin", "migrate"), range(REPLICAS)))
        assert [run.returncode for run in runs] == [0] * REPLICAS, [run.stderr for run in runs]

    def _build_replica(self, folder: Path, number: int) -> Replica:
        environment = dict(self.environment)
        if number == REPLICAS - 1 and self.pooler is not None:
            environment["ANNULET_DATABASE_URL"] = self.pooler.address
        return Replica(
            f"r{number + 1}",
            [*_ANNULET, "serve"],
            folder=folder,
            port=free_port(),
            environment=environment,
            has_clock=number == 1 and faketime_library() is not None,
        )

    def _start_balancer(self, folder: Path, port: int) -> Program | None:
        if not has_haproxy():
            self._stack.enter_context(RoundRobin([each.url for each in self.replicas], port))
            return None
        balancer = Balancer(read_backend(self.replicas), folder=folder, port=port)
        self._stack.callback(balancer.stop)
        balancer.start()
        return balancer


_ANNULET = [sys.executable, "-m", "annulet"]


def _start_database(folder: Path, stack: ExitStack) -> tuple[DebianServer | None, str]:
    if not has_debian_server():
        return None, stack.enter_context(running_postgresql())
    (folder / "postgresql").mkdir()
    server = DebianServer(folder / "postgresql")
    stack.callback(server.stop)
    server.start()
    return server, server.address


def _start_pooler(folder: Path, stack: ExitStack, server: DebianServer | None) -> Pgbouncer | None:
    if server is None or not has_pgbouncer():
        return None
    (folder / "pgbouncer").mkdir()
    pooler = Pgbouncer(folder / "pgbouncer", server.port)
    stack.callback(pooler.stop)
    pooler.start()
    return pooler


def read_backend(replicas: Sequence[Program]) -> str:
    """Read the backend that the page shows, with the addresses of these replicas."""
    (text,) = re.findall(r"```haproxy\n(.*?)```", _PAGE.read_text("utf-8"), re.DOTALL)
    for number, replica in enumerate(replicas, start=1):
        text, count = re.subn(
            rf"annulet{number} [\d.]+:8080", f"{replica.name} 127.0.0.1:{replica.port}", text
        )
        assert count == 1, f"no server annulet{number} in {_PAGE}"
    return text


@contextmanager
def running_cluster(**settings: str) -> Iterator[Cluster]:
    """Start everything; at the end nothing is left, also after a failure.

    Args:
        settings: More of them, by the names of their variables.
    """
    # open to the user that databases run as, who may not be the one who runs this
    folder = Path(tempfile.mkdtemp(prefix="annulet-cluster-"))
    folder.chmod(0o755)
    try:
        with ExitStack() as stack:
            yield Cluster(folder, stack, settings)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
