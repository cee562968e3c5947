"""More connections at once than the service may have open files."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from ports import free_port

FILES = 256
CONNECTIONS = 700


def probe(port: int, path: str = "/healthz") -> bool:
    """Whether the service answers."""
    try:
        address = f"http://127.0.0.1:{port}{path}"
        with urllib.request.urlopen(address, timeout=30) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def connect_at_once(port: int, count: int, begun: bytes) -> list[socket.socket]:
    """Begin many connections without waiting for any, each with half a request."""
    clients = []
    for _ in range(count):
        client = socket.socket()
        client.settimeout(0)
        client.connect_ex(("127.0.0.1", port))
        clients.append(client)
    for client in clients:
        try:
            client.send(begun)
        except OSError:
            continue  # refused, or closed already
    return clients


HALF_A_HEAD = b"GET /metrics HTTP/1.1\r\n"
HALF_A_BODY = b"POST /metrics HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 9\r\n\r\nab"


@pytest.mark.skipif(sys.platform == "win32", reason="there is no limit of open files")
@pytest.mark.parametrize("begun", [HALF_A_HEAD, HALF_A_BODY], ids=["head", "body"])
@pytest.mark.parametrize("attacked", ["service", "metrics"])
def test_a_burst_uses_up_no_files(tmp_path: Path, attacked: str, begun: bytes) -> None:
    """Whichever port it is: both go on answering, and the log is JSON throughout."""
    ports, log = {"service": free_port(), "metrics": free_port()}, tmp_path / "log"
    command = [sys.executable, "-m", "annulet", "serve", "--port", str(ports["service"])]
    environment = {"ANNULET_METRICS_PORT": str(ports["metrics"]), "ANNULET_HOME": str(tmp_path)}
    with log.open("wb") as errors:
        service = subprocess.Popen(
            ["/bin/sh", "-c", f'ulimit -n {FILES} && exec "$@"', "sh", *command, "--offline"],
            env={**environment, "PATH": "/usr/bin:/bin"},
            stdout=errors,
            stderr=errors,
        )
    try:
        end = time.monotonic() + 120
        while not probe(ports["service"]):
            assert service.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.1)
        for _ in range(3):
            clients = connect_at_once(ports[attacked], CONNECTIONS, begun)
            assert probe(ports["service"]), "an honest client is served while the others hold on"
            assert probe(ports["metrics"], "/metrics"), "and so is a scraper"
            for client in clients:
                client.close()
    finally:
        service.terminate()
        service.wait(60)
    text = log.read_text("utf-8")
    assert "system resource" not in text
    assert "Traceback" not in text
    lines = [line for line in text.splitlines() if line.startswith("{")]
    assert any(json.loads(line).get("path") == "/healthz" for line in lines)
