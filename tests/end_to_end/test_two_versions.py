"""The version before and this one on one PostgreSQL, while `annulet admin migrate` runs."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from annulet.hosted.database.tables import FORMAT
from annulet.simulator import SimulatedOura
from cluster.members import PASSWORD, Member, Person, keep_asking, wait_until
from cluster.programs import Balancer, Replica, has_haproxy
from cluster.round_robin import RoundRobin
from cluster.tally import ANSWER, CUT
from cluster.three_replicas import read_backend
from ports import free_port
from postgresql import running_postgresql

ROOT = Path(__file__).resolve().parents[2]
BEFORE = "c336bf65c59abaaaee0d245023d4bc6213e7c4ed"
"""The last commit of the format before this one. Whoever raises the format names the new one."""
FILLED = 60_000
_FILL = """
INSERT INTO audit (at, person_id, action, actor, client, endpoint_id, tool, status, bytes,
    milliseconds)
SELECT extract(epoch FROM now())::bigint - n * 600, (SELECT id FROM people WHERE login = $1),
    'assistant:tool:call', '', 'Filled', '', 'oura_device', 'ok', 1, 1
FROM generate_series(1, $2::integer) n
"""


class TwoVersions:
    """Two replicas of the version before, one of this version, a balancer, and a simulated Oura.

    Attributes:
        replicas: The third one is of this version, and not started yet.
    """

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._stack, self.oura = stack, SimulatedOura(["plain"])
        cloud = stack.enter_context(self.oura.serve())
        self.address = stack.enter_context(running_postgresql())
        port = free_port()
        self.url, self.host = f"http://127.0.0.1:{port}", f"127.0.0.1:{port}"
        callback = f"{self.url}/connect/oura/callback"
        application = self.oura.register_application(redirect_uris=[callback])
        self.environment = {
            **{n: v for n, v in os.environ.items() if not n.startswith("ANNULET_")},
            "ANNULET_HOME": str(folder / "home"),
            "ANNULET_PUBLIC_URL": self.url,
            "ANNULET_TRUSTED_PROXIES": "127.0.0.1",
            "ANNULET_DATABASE_URL": self.address,
            "ANNULET_OURA_API_URL": cloud.url,
            "ANNULET_CLIENT_ID": application.client_id,
            "ANNULET_CLIENT_SECRET": application.client_secret,
            "ANNULET_QUESTIONS_BURST": "100000",
        }
        self.before = self.environment | {"PYTHONPATH": str(check_out(folder / "before"))}
        command = [sys.executable, "-m", "annulet", "serve"]
        self.replicas = [
            Replica(name, command, folder=folder, port=free_port(), environment=environment)
            for name, environment in (
                *(("r1", self.before), ("r2", self.before)),
                ("r3", self.environment),
            )
        ]
        for replica in self.replicas:
            stack.callback(replica.stop)
        if has_haproxy():
            balancer = Balancer(read_backend(self.replicas), folder=folder, port=port)
            stack.callback(balancer.stop)
            balancer.start()
        else:
            stack.enter_context(RoundRobin([each.url for each in self.replicas], port))

    def add_member(self, number: int) -> Member:
        """A person who is there until the two versions are gone."""
        return self._stack.enter_context(contextlib.closing(Member(self, number)))

    def migrate(self, environment: dict[str, str]) -> str:
        """Run `annulet admin migrate` of one version."""
        command = [sys.executable, "-m", "annulet", "admin", "migrate"]
        run = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=300
        )
        assert run.returncode == 0, run.stderr
        return run.stderr

    def sql(self, statement: str, *values: Any) -> list[Any]:
        """Fetch the rows of a statement, straight from PostgreSQL."""

        async def fetch() -> list[Any]:
            connection = await asyncpg.connect(self.address)
            try:
                return list(await connection.fetch(statement, *values))
            finally:
                await connection.close()

        return asyncio.run(fetch())


def check_out(folder: Path) -> Path:
    """Write the source of the version before; the test is skipped without the history."""
    folder.mkdir()
    archive = folder / "src.tar"
    command = ["git", "-C", str(ROOT), "archive", "-o", str(archive), BEFORE, "src"]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("needs the history of the repository")
    subprocess.run(["tar", "-xf", str(archive), "-C", str(folder)], check=True)
    return folder / "src"


def look_once(person: Person, member: Member, seen: Counter[str]) -> None:
    """Sign in, open pages, and sign out."""
    person.get("/sign-in")
    person.submit("/sign-in", login=member.login, password=PASSWORD)
    seen[f"{person.page.status_code} at sign-in"] += 1
    for path in ("/dashboard", "/audit?source=person", "/account", "/audit"):
        person.get(path)
        seen[f"{person.page.status_code} at {path}"] += 1
    seen["entries shown"] += "Question asked" in person.page.text
    person.submit("/sign-out")


@contextmanager
def keep_looking(url: str, members: Sequence[Member]) -> Iterator[Counter[str]]:
    """Let people sign in and open their pages while the block lasts; count what they see."""
    seen: Counter[str] = Counter()
    is_over = threading.Event()

    def look(member: Member, address: str) -> None:
        while not is_over.is_set():
            person = Person(url, address)
            # a balancer may cut an answer over a connection that was just closed; browsers repeat
            with contextlib.suppress(httpx2.TransportError):
                look_once(person, member, seen)
            person.close()
            is_over.wait(0.5)

    threads = [
        threading.Thread(target=look, args=(member, f"127.0.2.{number}"))
        for number, member in enumerate(members, 1)
    ]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        is_over.set()
        for thread in threads:
            thread.join()


@pytest.fixture
def versions() -> Iterator[TwoVersions]:
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        yield TwoVersions(folder, stack)


def read_format_of(source: Path) -> int:
    """The format of a version, by its source."""
    code = "from annulet.hosted.database.tables import FORMAT; print(FORMAT)"
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
        check=True,
    )
    return int(run.stdout)


def test_the_version_before_is_the_one_before(tmp_path: Path) -> None:
    """The test below is about the step to this format and no older one."""
    assert read_format_of(check_out(tmp_path / "before")) == FORMAT - 1


@pytest.mark.full
@pytest.mark.timeout(900)  # nine processes, and passwords that are slow to hash
def test_two_versions_serve_one_database_while_it_is_migrated(versions: TwoVersions) -> None:
    """Questions, sign-in and the log go on; every entry is there, and both versions see it."""
    first, second, newer = versions.replicas
    versions.migrate(versions.before)
    for replica in (first, second):
        replica.start()
    members = [versions.add_member(number) for number in range(1, 4)]
    leaver = versions.add_member(4)
    for member in (*members, leaver):
        versions.sql(_FILL, member.login, FILLED // 4)
    with keep_asking(members, pause_s=0.05) as tally, keep_looking(versions.url, members) as seen:
        assert f"format {FORMAT}" in versions.migrate(versions.environment)
        newer.start()
        asked = tally.count()
        wait_until(lambda: tally.count() > asked + 30)
        see_the_same_entries(versions, members[0])
        second.stop()
        second.start()  # the version before starts on the database of this one
        leave(versions, leaver, second)
        assert versions.migrate(versions.before), "its own migrate has nothing to do"
        first.stop()
        second.stop()
        asked = tally.count()
        wait_until(lambda: tally.count() > asked + 30)
    logged = [line for each in versions.replicas for line in each.log.read_text().splitlines()]
    errors = [line for line in logged if '"level": "error"' in line]
    assert not errors, errors[0]
    tally.require(CUT)
    assert all(words.startswith("200") for words in seen if words[0].isdigit()), seen
    assert seen["entries shown"] == seen["200 at /audit"], "the log is never empty for a moment"
    versions.replicas[2].stop()  # writes what waits
    for member in members:
        ((written, filled),) = versions.sql(
            "SELECT count(*) FILTER (WHERE client <> 'Filled'), "
            "count(*) FILTER (WHERE client = 'Filled') "
            "FROM audit_entries JOIN people ON people.id = person_id "
            "WHERE login = $1 AND action = 'assistant:tool:call'",
            member.login,
        )
        assert written >= member.answers
        assert filled == FILLED // 4
    ((left,),) = versions.sql("SELECT count(*) FROM audit_entries WHERE client = 'Filled'")
    assert left == 3 * FILLED // 4, "the entries of the person who left are gone, and no others"


def see_the_same_entries(versions: TwoVersions, member: Member) -> None:
    """What is done at a replica of one version stands in the log at one of the other."""
    for here, there in ((0, 2), (2, 1)):
        browser = member.browser_at(versions.replicas[here])
        browser.get(f"/endpoints/{member.endpoint}")
        browser.submit(f"/endpoints/{member.endpoint}/rename", name=f"Renamed {here}")
        browser.close()
        browser = member.browser_at(versions.replicas[there])
        assert "Endpoint changed" in browser.get("/audit?source=person")
        browser.close()
        assert member.ask(versions.replicas[there]).outcome == ANSWER


def leave(versions: TwoVersions, member: Member, replica: Replica) -> None:
    """Delete the account at a replica of the version before."""
    browser = member.browser_at(replica)
    browser.get("/account")
    browser.submit("/account/delete", login=member.login)
    assert "Your account is deleted" in browser.page.text, browser.page.text
    browser.close()
    assert versions.sql("SELECT 1 FROM people WHERE login = $1", member.login) == []
