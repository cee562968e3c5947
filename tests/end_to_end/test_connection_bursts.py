"""More connections at once than the service may have open files."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
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


def hold_half_bodies(port: int, count: int) -> list[socket.socket]:
    """Begin many forms one after the other, and send the rest of none."""
    clients = []
    for _ in range(count):
        client = socket.create_connection(("127.0.0.1", port), timeout=60)
        client.sendall(
            b"POST /token HTTP/1.1\r\nhost: 127.0.0.1:%d\r\ncontent-length: 9\r\n"
            b"content-type: application/x-www-form-urlencoded\r\n\r\na" % port
        )
        clients.append(client)
    return clients


@contextmanager
def running_service(folder: Path, files: int) -> Iterator[dict[str, int]]:
    """A service with few open files; the ports of itself and of its metrics."""
    ports, log = {"service": free_port(), "metrics": free_port()}, folder / "log"
    command = [sys.executable, "-m", "annulet", "serve", "--port", str(ports["service"])]
    environment = {"ANNULET_METRICS_PORT": str(ports["metrics"]), "ANNULET_HOME": str(folder)}
    with log.open("wb") as errors:
        service = subprocess.Popen(
            ["/bin/sh", "-c", f'ulimit -n {files} && exec "$@"', "sh", *command, "--offline"],
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
        yield ports
    finally:
        service.terminate()
        service.wait(60)


HALF_A_HEAD = b"GET /metrics HTTP/1.1\r\n"
HALF_A_BODY = b"POST /metrics HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 9\r\n\r\nab"


@pytest.mark.skipif(sys.platform == "win32", reason="there is no limit of open files")
@pytest.mark.parametrize("begun", [HALF_A_HEAD, HALF_A_BODY], ids=["head", "body"])
@pytest.mark.parametrize("attacked", ["service", "metrics"])
def test_a_burst_uses_up_no_files(tmp_path: Path, attacked: str, begun: bytes) -> None:
    """Whichever port it is: both go on answering, and the log is JSON throughout."""
    with running_service(tmp_path, FILES) as ports:
        for _ in range(3):
            clients = connect_at_once(ports[attacked], CONNECTIONS, begun)
            assert probe(ports["service"]), "an honest client is served while the others hold on"
            assert probe(ports["metrics"], "/metrics"), "and so is a scraper"
            for client in clients:
                client.close()
    text = (tmp_path / "log").read_text("utf-8")
    assert "system resource" not in text
    assert "Traceback" not in text
    lines = [line for line in text.splitlines() if line.startswith("{")]
    assert any(json.loads(line).get("path") == "/healthz" for line in lines)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no limit of open files")
@pytest.mark.parametrize(
    ("files", "clients"), [(FILES, 200), (2048, 600)], ids=["connections", "requests"]
)
def test_unfinished_bodies_keep_no_one_out(tmp_path: Path, files: int, clients: int) -> None:
    """More than may be connected, or answered, at once: a page is served at once."""
    with running_service(tmp_path, files) as ports:
        held = hold_half_bodies(ports["service"], clients)
        for _ in range(3):
            assert probe(ports["service"], "/sign-in")
        for client in held:
            client.close()
    log = (tmp_path / "log").read_text("utf-8")
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert not [line for line in lines if line["level"] == "error"]
    outcomes = {line["status"] for line in lines if line.get("path") == "/token"}
    assert outcomes <= {408, 499}
