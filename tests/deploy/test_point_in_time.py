"""The how-to page about going back to a minute, done with a real PostgreSQL and real people."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import pytest

from annulet.simulator import SimulatedOura

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "end_to_end" / "hosted"))
from service import PASSWORD, Person, Service

from postgresql import DebianServer, hand_over, has_debian_server

PAGE = Path(__file__).parents[2] / "docs/how-to/back-up-and-restore.md"
RINGS = ("quiet", "renewed", "early", "late", "left", "erased")


class Drill:
    """The database, the service, people, and the commands of the page."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "postgresql").mkdir()
        (folder / "service").mkdir()
        self.server = DebianServer(folder / "postgresql")
        self._as_user = hand_over(folder / "postgresql")
        self.run("mkdir -p /backups/archive")
        self.oura = SimulatedOura(["plain"])
        for number, ring in enumerate(RINGS):
            self.oura.add_person(ring, days=40, seed=number)
        self.people: dict[str, tuple[Person, str, str]] = {}

    def place(self, text: str) -> str:
        """The page's places, in the folder of this drill."""
        home = str(self.folder / "postgresql")
        return text.replace("/backups", f"{home}/backups").replace("/var/lib/postgresql", home)

    def run(self, command: str) -> None:
        """Run a command of the page as the user of the database."""
        programs = max(Path("/usr/lib/postgresql").glob("*/bin"))
        variables = f"PATH={programs}:/usr/bin:/bin PGHOST=127.0.0.1 PGUSER=postgres"
        script = f"export {variables} PGPORT={self.server.port}; {self.place(command)}"
        subprocess.run([*self._as_user, "bash", "-ec", script], cwd="/", check=True)

    def configure(self, text: str) -> None:
        """Add lines to the configuration of the database."""
        with (self.server.data / "postgresql.conf").open("a") as file:
            file.write(self.place(text))

    def join(self, ring: str) -> None:
        """Let a person sign up, connect a ring and make a key for an assistant."""
        person = Person(self.service.url)
        person.get("/sign-up")
        person.submit("/sign-up", login=f"{ring}@example.net", password=PASSWORD, timezone="UTC")
        assert "Successful connection" in person.connect(ring), person.page.text
        person.get("/endpoints/new")
        person.submit("/endpoints", kind="other", auth="key", name="Shell")
        endpoint = str(person.page.url).rsplit("/", 1)[1]
        person.submit(f"/endpoints/{endpoint}/keys", lifetime="90", scope="oura:read")
        key = re.search(r"annulet_[\w-]{43}", person.page.text)
        assert key is not None
        self.people[ring] = (person, endpoint, key.group(0))

    def ask(self, ring: str) -> str:
        """Ask a question; ``answer``, or the code of the error, or the status of HTTP."""
        _, endpoint, key = self.people[ring]
        call = {"name": "oura_daily_summary", "arguments": {}}
        response = httpx2.post(
            f"{self.service.url}/mcp/{endpoint}",
            json={"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call},
            headers={
                "authorization": f"Bearer {key}",
                "accept": "application/json, text/event-stream",
            },
            timeout=60,
            trust_env=False,
        )
        if response.status_code != 200:
            return str(response.status_code)
        code = re.search(r'"code": ?\\?"(\w+)', response.text)
        return code.group(1) if '"isError":true' in response.text and code else "answer"

    def annulet(self, *words: str) -> str:
        """Run a command of annulet with the settings of the service."""
        return subprocess.run(
            [sys.executable, "-m", "annulet", *words],
            env=self.service.environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    def sql(self, statement: str) -> Any:
        """Fetch the first value that a statement gives."""

        async def fetch() -> Any:
            connection = await asyncpg.connect(self.server.address)
            try:
                return await connection.fetchval(statement)
            finally:
                await connection.close()

        return asyncio.run(fetch())


def commands(page: str, heading: str) -> list[str]:
    """The commands of a section, without those of annulet itself."""
    section = page.split(f"# {heading}\n", 1)[1].split("\n#", 1)[0]
    lines = re.findall(r"^\$ (.+)$", section, re.MULTILINE)
    return [line for line in lines if not line.startswith("annulet")]


def configuration(page: str, heading: str) -> str:
    """The lines of configuration of a section."""
    section = page.split(f"# {heading}\n", 1)[1].split("\n#", 1)[0]
    (text,) = re.findall(r"```ini\n(.*?)```", section, re.DOTALL)
    return text


@pytest.fixture
def drill() -> Iterator[Drill]:
    if not has_debian_server():
        pytest.skip("needs PostgreSQL of Debian")
    folder = Path(tempfile.mkdtemp(prefix="annulet-drill-"))
    folder.chmod(0o755)
    stage = Drill(folder)
    try:
        with stage.oura.serve() as cloud:
            stage.service = Service(folder / "service", cloud.url, stage.oura)
            stage.service.environment["ANNULET_DATABASE_URL"] = stage.server.address
            yield stage
    finally:
        for person, *_ in stage.people.values():
            person.close()
        process = stage.service.process
        if process is not None and process.poll() is None:
            stage.service.stop()
        stage.server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.full
def test_going_back_to_a_minute(drill: Drill) -> None:
    """What was before is there, what came after is not, and each person reads what to do."""
    page = PAGE.read_text("utf-8")
    archive = "PostgreSQL: a base backup and an archive"
    drill.configure(configuration(page, archive))
    drill.server.start()
    drill.annulet("admin", "migrate")
    drill.service.start()
    for ring in ("quiet", "renewed", "left", "erased"):
        drill.join(ring)
    for command in commands(page, archive):
        drill.run(command)
    drill.join("early")
    assert {drill.ask(ring) for ring in drill.people} == {"answer"}

    moment = drill.sql("SELECT clock_timestamp()::text")
    time.sleep(1.5)  # what follows is after that second, by the clock of the database
    drill.join("late")
    drill.oura.expire_tokens("renewed")
    drill.sql("UPDATE connections SET data_at = coalesce(data_at, 0) + 1 RETURNING 1")
    assert drill.ask("renewed") == "answer"
    *_, key = drill.people["quiet"]
    drill.annulet("admin", "revoke-key", key[: len("annulet_") + 6])
    assert drill.ask("quiet") == "401"
    drill.annulet("admin", "delete", "erased@example.net", "--yes")
    left, *_ = drill.people["left"]
    left.get("/dashboard")
    left.submit("/toolkits/oura/disconnect")
    drill.sql("SELECT pg_switch_wal()")

    drill.service.stop()
    drill.server.stop()
    for command in commands(page, "Go back to a minute"):
        drill.run(command)
    drill.configure(
        configuration(page, "Go back to a minute").replace("2026-11-21 14:03:00+00", moment)
    )
    drill.server.start()
    while drill.sql("SELECT pg_is_in_recovery()"):
        time.sleep(0.2)
    drill.annulet("admin", "migrate")
    shown = drill.annulet("admin", "show")
    logins = {login.partition("@")[0] for login in re.findall(r"\S+@example.net", shown)}
    assert logins == {"quiet", "renewed", "left", "erased", "early"}

    drill.service.start()
    assert drill.ask("quiet") == "answer", "its key was revoked after the minute"
    assert drill.ask("early") == "answer"
    assert drill.ask("late") == "404"
    # deleted, disconnected or renewed since: what is stored was spent or ended at Oura
    for ring in ("erased", "left", "renewed"):
        assert drill.ask(ring) == "needs_reconnect", ring
    renewed, *_ = drill.people["renewed"]
    assert "Reconnect" in renewed.get("/dashboard")
