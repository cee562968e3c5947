"""The balancer samples of `deploy/`: one endpoint's questions go to one process."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from annulet.simulator.server import ThreadedServer

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).parent))
from test_reverse_proxies import COMMANDS, ENDINGS, HOST, PROXIES, SAMPLES, make_certificate

from ports import free_port

ADDRESSES = tuple(f"10.0.0.1{n}:8080" for n in (1, 2, 3))
ENDPOINTS = tuple(f"{n:016x}" for n in range(1, 25))


class Process:
    """Stands for one process of the service, and says which one it is."""

    def __init__(self, name: str) -> None:
        self.name = name
        app = Starlette(
            routes=[Route("/{path:path}", self.answer, methods=["GET", "POST"])],
        )
        self.server = ThreadedServer(app, free_port()).start()

    async def answer(self, request: Request) -> Response:
        await request.body()  # an unread body would end the connection under the balancer
        return PlainTextResponse(self.name)


class Balanced:
    """Three processes behind one balancer."""

    def __init__(self, processes: list[Process], port: int) -> None:
        self.processes = processes
        self.http = httpx2.Client(
            base_url=f"https://127.0.0.1:{port}", verify=False, headers={"host": HOST}, timeout=30
        )

    def ask(self, endpoint: str) -> str:
        """Return which process answers a question to this endpoint; empty for none.

        A balancer may cut an answer over a connection that was just closed; a client asks again.
        """
        for _ in range(3):
            with contextlib.suppress(httpx2.TransportError):
                answer = self.http.post(f"/mcp/{endpoint}", json={})
                if answer.status_code == 200:
                    return answer.text
        return ""

    def is_ready(self) -> bool:
        return {self.ask(endpoint) for endpoint in ENDPOINTS} == {"a", "b", "c"}


@pytest.fixture(params=sorted(COMMANDS))
def balanced(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Balanced]:
    if shutil.which(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    make_certificate(tmp_path)
    processes = [Process(name) for name in "abc"]
    text = (PROXIES / f"replicas.{ENDINGS[request.param]}").read_text("utf-8")
    for address, process in zip(ADDRESSES, processes, strict=True):
        text = text.replace(address, f"127.0.0.1:{process.server.port}")
    sample = tmp_path / "sample"
    sample.write_text(text)
    monkeypatch.setitem(SAMPLES, request.param, sample)
    port = free_port()
    with (tmp_path / "balancer.log").open("wb") as log:
        command = COMMANDS[request.param](tmp_path, port, processes[0].server.port)
        program = subprocess.Popen(command, stdout=log, stderr=log)
    stage = Balanced(processes, port)
    try:
        for _ in range(300):
            assert program.poll() is None, (tmp_path / "balancer.log").read_text()
            if stage.is_ready():
                break
            time.sleep(0.1)
        yield stage
    finally:
        stage.http.close()
        program.terminate()
        program.wait(30)
        for process in processes:
            process.server.stop()


def test_an_endpoint_stays_with_its_process(balanced: Balanced) -> None:
    """Every process has its share, pages go round, and only a stopped one's share moves."""
    before = {endpoint: balanced.ask(endpoint) for endpoint in ENDPOINTS}
    assert set(before.values()) == {"a", "b", "c"}
    for _ in range(5):
        assert {endpoint: balanced.ask(endpoint) for endpoint in ENDPOINTS} == before
    assert {balanced.http.get("/dashboard").text for _ in range(12)} == {"a", "b", "c"}
    balanced.processes[2].server.stop()
    after: dict[str, str] = {}
    for _ in range(100):
        after = {endpoint: balanced.ask(endpoint) for endpoint in ENDPOINTS}
        if "" not in after.values():
            break
        time.sleep(0.1)
    stayed = {endpoint for endpoint, name in before.items() if name != "c"}
    assert {endpoint: after[endpoint] for endpoint in stayed} == {
        endpoint: before[endpoint] for endpoint in stayed
    }
    assert set(after.values()) == {"a", "b"}
