"""The service while its PostgreSQL is away, and afterwards."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from annulet.simulator import SimulatedOura

sys.path.insert(0, str(Path(__file__).with_name("hosted")))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from service import PASSWORD, Person, Service

from ports import free_port
from postgresql import DebianServer, has_debian_server

pytestmark = pytest.mark.skipif(not has_debian_server(), reason="needs Debian's PostgreSQL")


@pytest.fixture
def database() -> Iterator[DebianServer]:
    with tempfile.TemporaryDirectory() as folder:
        server = DebianServer(Path(folder))
        server.start()
        yield server
        server.stop()


@pytest.fixture
def service(tmp_path, database) -> Iterator[Service]:
    oura = SimulatedOura(["plain"])
    with oura.serve() as cloud:
        running = Service(tmp_path, cloud.url, oura)
        running.environment["ANNULET_DATABASE_URL"] = database.address
        # a home that does not exist yet, as in a fresh container
        running.environment["ANNULET_HOME"] = str(tmp_path / "fresh" / "home")
        assert annulet(running, "admin", "migrate").returncode == 0
        running.start()
        yield running
        if running.process is not None and running.process.poll() is None:
            running.stop()


def annulet(service: Service, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "annulet", *words]
    environment = service.environment
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


def test_an_outage_is_said_and_outlived(service, database) -> None:
    """Pages are pages with 503, commands exit with 5, and afterwards everything goes on."""
    person = Person(service.url)
    person.get("/sign-up")
    person.submit("/sign-up", login="anna@example.net", password=PASSWORD, timezone="UTC")
    assert "Successful connection" in person.connect("plain")
    person.get("/endpoints/new")
    person.submit("/endpoints", kind="other", auth="key", name="Shell")
    endpoint = str(person.page.url).rsplit("/", 1)[1]
    path = f"/mcp/{endpoint}"
    person.submit(f"/endpoints/{endpoint}/keys", scope="oura:read", lifetime="90")
    key = re.search(r"annulet_[\w-]{43}", person.page.text).group(0)
    assert ask(service, path, key).status_code == 200
    database.stop()
    for page in ("/dashboard", "/today", "/audit", "/sign-in"):
        person.get(page)
        assert person.page.status_code == 503, page
        assert person.page.headers["content-type"].startswith("text/html")
        assert person.page.headers["retry-after"]
    refused = ask(service, path, key)
    assert (refused.status_code, refused.json()["error"]) == (503, "database_unavailable")
    assert refused.headers["retry-after"]
    ready = httpx2.get(f"{service.url}/readyz", trust_env=False)
    assert ready.status_code == 503
    assert ready.json()["problems"]["database"] == "database_unavailable"
    assert httpx2.get(f"{service.url}/healthz", trust_env=False).status_code == 200
    for words in (["serve", "--port", str(free_port())], ["admin", "migrate"]):
        finished = annulet(service, *words)
        assert finished.returncode == 5, finished.stderr
        assert "does not answer" in finished.stderr
        assert "Traceback" not in finished.stderr
    database.start()
    end = time.monotonic() + 60
    while httpx2.get(f"{service.url}/readyz", trust_env=False).status_code != 200:
        assert time.monotonic() < end
        time.sleep(0.2)
    assert ask(service, path, key).status_code == 200
    person.get("/audit")
    assert person.page.text.count("oura_device") >= 2, "before the outage and after it"
    person.close()


def ask(service: Service, path: str, key: str) -> httpx2.Response:
    call = {"name": "oura_device", "arguments": {}}
    return httpx2.post(
        f"{service.url}{path}",
        json={"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call},
        headers={
            "authorization": f"Bearer {key}",
            "accept": "application/json, text/event-stream",
        },
        trust_env=False,
        timeout=60,
    )
