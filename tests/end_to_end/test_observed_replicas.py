"""Two replicas and a worker as processes, each with a scraper: what an operator sees of them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from annulet.simulator import SimulatedOura
from annulet.toolkit.answers import TOOLS

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from test_hosted_serve import ARGUMENTS, canaries
from test_two_replicas import SUMMARY, Asker, Replicas, read_answer

from ports import free_port
from postgresql import DebianServer, has_debian_server
from scrape import Scrape

TOKEN = "a token that only the scraper has"
WAIT_S = 60


def scrape(port: str, token: str = TOKEN) -> httpx2.Response:
    headers = {"authorization": f"Bearer {token}"}
    url = f"http://127.0.0.1:{port}/metrics"
    return httpx2.get(url, headers=headers, trust_env=False, timeout=20)


class Observed:
    """Two replicas, a worker, their scraper and their database."""

    def __init__(self, folder: Path, database: DebianServer) -> None:
        self.database = database
        self.oura = SimulatedOura(["plain", "shift"])
        self._cloud = self.oura.serve()
        self.replicas = Replicas(folder, self.oura, self._cloud.__enter__().url, database.address)
        self._restart_with_metrics()
        environment = self.replicas.first.environment
        self.worker_port = str(free_port())
        self.log = folder / "worker.log"
        with self.log.open("ab") as log:
            self.worker = subprocess.Popen(
                [sys.executable, "-m", "annulet", "worker"],
                env={**environment, "ANNULET_METRICS_PORT": self.worker_port},
                stderr=log,
            )
        self.askers = [
            Asker(self.replicas, "anna.observed@example.net", "plain"),
            Asker(self.replicas, "ben.observed@example.net", "shift"),
        ]

    def _restart_with_metrics(self) -> None:
        token_file = self.replicas.first.folder / "token"
        token_file.write_text(TOKEN)
        for replica in (self.replicas.first, self.replicas.second):
            replica.stop()
            replica.environment |= {
                "ANNULET_METRICS_PORT": str(free_port()),
                "ANNULET_METRICS_TOKEN_FILE": str(token_file),
            }
            replica.start()

    @property
    def ports(self) -> list[str]:
        both = (self.replicas.first, self.replicas.second)
        return [replica.environment["ANNULET_METRICS_PORT"] for replica in both]

    def scrapes(self) -> list[Scrape]:
        return [Scrape(scrape(port).text) for port in self.ports]

    def stop(self) -> None:
        for asker in self.askers:
            asker.person.close()
        self.replicas.stop()
        self.worker.send_signal(signal.SIGTERM)
        self.worker.wait(60)
        self._cloud.__exit__(None, None, None)


@pytest.fixture(scope="module")
def watched(tmp_path_factory) -> Iterator[Observed]:
    if not has_debian_server():
        pytest.skip("needs Debian's PostgreSQL, which can be stopped")
    with tempfile.TemporaryDirectory() as folder:
        database = DebianServer(Path(folder))
        database.start()
        running = Observed(tmp_path_factory.mktemp("observed"), database)
        yield running
        running.stop()
        database.stop()


def wait_for(read: Any, is_right: Any) -> Any:
    """Read until it is right; the limit ends a run that never will."""
    end = time.monotonic() + WAIT_S
    while not is_right(value := read()):
        assert time.monotonic() < end, value
        time.sleep(0.2)
    return value


def test_each_replica_counts_its_own_and_both_know_what_they_share(watched) -> None:
    """The sum over replicas is what people asked; the budget and the jobs are the cluster's."""
    before = watched.scrapes()
    (anna, ben), both = watched.askers, (watched.replicas.first, watched.replicas.second)
    for replica, count in zip(both, (2, 3), strict=True):
        for _ in range(count):
            assert anna.send(replica).status_code == 200
        assert ben.send(replica, "oura_device").status_code == 200
    after = watched.scrapes()
    name = "mcp_server_operation_duration_seconds_count"
    for tool, counts in ((SUMMARY, [2, 3]), ("oura_device", [1, 1])):
        grown = [
            new.sum(name, gen_ai_tool_name=tool) - old.sum(name, gen_ai_tool_name=tool)
            for new, old in zip(after, before, strict=True)
        ]
        assert grown == counts
    levels = {read.value("annulet_oura_budget_left") for read in after}
    assert max(levels) - min(levels) < 50
    assert 0 < max(levels) <= after[0].value("annulet_oura_budget_limit")
    for read in after:
        assert read.value("annulet_database_connections_limit") == 10


def test_the_worker_has_metrics_of_its_jobs(watched) -> None:
    """On its own port, with the same token."""

    def read_worker() -> Scrape | None:
        try:
            return Scrape(scrape(watched.worker_port).text)
        except httpx2.TransportError:
            return None

    read = wait_for(read_worker, lambda read: read is not None)
    assert read.value("annulet_background_task_failing", task="jobs") == 0
    assert read.sum("annulet_http_requests_total") == 0


def test_a_wrong_token_reads_nothing(watched) -> None:
    """On every process."""
    for port in watched.ports:
        assert scrape(port, "another").status_code == 401
        bare = httpx2.get(f"http://127.0.0.1:{port}/metrics", trust_env=False, timeout=20)
        assert bare.status_code == 401
        assert "annulet_" not in bare.text


def test_nothing_of_a_person_is_in_metrics_or_log(watched) -> None:
    """After every tool, every page and a few failures, of two people on both replicas."""
    replicas = (watched.replicas.first, watched.replicas.second)
    secrets: set[bytes] = set()
    for asker, ring in zip(watched.askers, ("plain", "shift"), strict=True):
        for tool in TOOLS:
            for replica in replicas:
                ask(watched, asker, replica.url, tool)
        ask(watched, asker, replicas[1].url, "a tool of anna.observed@example.net")
        for path in ("/today", "/dashboard", "/audit", "/account", "/nowhere/anna.observed"):
            asker.person.get(path)
        secrets |= {asker.login.encode(), asker.endpoint.encode(), asker.key.encode()}
        secrets |= {asker.login.split("@")[0].encode(), ring_email(watched, ring)}
    planted = canaries(watched.oura, watched.replicas.oura_url) | secrets
    assert len(planted) > 200
    logs = [replica.folder / "log" for replica in replicas]
    written = {path.name: path.read_bytes() for path in (*logs, watched.log)}
    written |= {port: scrape(port).content for port in (*watched.ports, watched.worker_port)}
    assert all(len(content) > 100 for content in written.values())
    for name, content in written.items():
        assert [value for value in planted if value in content] == [], name
    lines = [json.loads(line) for line in logs[1].read_text().splitlines() if line[0] == "{"]
    people = {line["person"] for line in lines if "person" in line}
    assert len(people) == 2
    assert all(re.fullmatch("[0-9a-f]{16}", person) for person in people)
    assert people >= {
        line["person"]
        for line in map(json.loads, filter(is_json, logs[0].read_text().splitlines()))
        if "person" in line
    }, "both replicas name a person alike"


def is_json(line: str) -> bool:
    return line.startswith("{")


def ring_email(watched: Observed, ring: str) -> bytes:
    """The e-mail address of a person's account at Oura."""
    headers = {"authorization": f"Bearer {watched.oura.issue_token(ring)}"}
    url = f"{watched.replicas.oura_url}/v2/usercollection/personal_info"
    return str(httpx2.get(url, headers=headers, trust_env=False).json()["email"]).encode()


def ask(watched: Observed, asker: Asker, url: str, tool: str) -> httpx2.Response:
    call = {"name": tool, "arguments": ARGUMENTS.get(tool, {})}
    return watched.replicas.http.post(
        f"{url}/mcp/{asker.endpoint}",
        json={"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call},
        headers={
            "authorization": f"Bearer {asker.key}",
            "accept": "application/json, text/event-stream",
            "host": watched.replicas.first.url.removeprefix("http://"),
        },
    )


def test_without_the_database_the_metrics_still_tell(watched) -> None:
    """What only the database knows is missing and not zero; afterwards it is there again."""
    anna = watched.askers[0]
    watched.database.stop(signal.SIGQUIT)
    try:
        assert anna.send(watched.replicas.first).status_code == 503

        def sees_it(reads: list[Scrape]) -> bool:
            return all(
                read.value("annulet_oura_budget_left") is None
                and read.value("annulet_background_task_failing", task="jobs") is not None
                for read in reads
            )

        reads = wait_for(watched.scrapes, sees_it)
        assert reads[0].sum("annulet_database_errors_total", kind="outage") > 0
        assert reads[0].value("annulet_refusals_total", status=503, reason="database") > 0
        assert not reads[0].labels("annulet_job_last_run_timestamp_seconds", "job")
    finally:
        watched.database.start()
    wait_for(lambda: anna.send(watched.replicas.first), lambda answer: answer.status_code == 200)
    reads = wait_for(
        watched.scrapes,
        lambda reads: all(read.value("annulet_oura_budget_left") is not None for read in reads),
    )
    assert "summary" in read_answer(anna.send(watched.replicas.second))


def test_off_is_off(tmp_path: Path) -> None:
    """Without the settings neither extra is imported, and there is no second port."""
    code = (
        "import asyncio, json, sys\n"
        "from annulet.cli.commands import serve, worker\n"
        "from annulet.hosted.app import create_app\n"
        "from annulet.hosted.web.metrics_server import open_metrics_listener\n"
        "from annulet.hosted.observability.observers import build_observers\n"
        "from annulet.hosted.service import Service\n"
        "from annulet.settings import Settings\n"
        "from annulet.wiring import utc_now\n"
        "settings = Settings.from_environ()\n"
        "observers = build_observers(settings.observability)\n"
        "assert open_metrics_listener(settings.observability) is None\n"
        "def build(): return Service(settings, clock=utc_now, observers=observers)\n"
        "app = create_app(settings, build)\n"
        "async def start():\n"
        "    async with app.router.lifespan_context(app): pass\n"
        "asyncio.run(start())\n"
        "print(json.dumps(sorted(sys.modules)))\n"
    )
    clean = {n: v for n, v in os.environ.items() if not n.startswith(("ANNULET_", "OTEL_"))}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**clean, "ANNULET_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    loaded = json.loads(done.stdout)
    assert "annulet.hosted.gateway" in loaded
    extras = ("prometheus_client", "opentelemetry.sdk", "opentelemetry.exporter")
    assert [name for name in loaded if name.startswith(extras)] == []
