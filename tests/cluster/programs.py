"""Programs of the cluster: each is started, stopped, killed and paused, and ends with the run."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path

_HAPROXY = """\
defaults
    mode http
    timeout connect 2s
    timeout client 120s
    timeout server 120s
    timeout check 2s
frontend ring
    bind 127.0.0.1:{port}
    http-request set-header X-Forwarded-For %[src]
    default_backend annulet
{backend}"""


class Program:
    """A process that listens on loopback.

    Args:
        name: For its log.
        command: How it is started; it stays in the foreground.
        folder: Where its log stands.
        port: Where it listens.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        folder: Path,
        port: int,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name, self.port = name, port
        self.url = f"http://127.0.0.1:{port}"
        self.log = folder / f"{name}.log"
        self._command, self._environment = list(command), environment
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, env=self._environment, stdout=log, stderr=log
            )
        end = time.monotonic() + 240
        while not self.is_ready():
            assert self._process.poll() is None, self.log.read_text()[-4_000:]
            assert time.monotonic() < end, f"{self.name} does not become ready"
            time.sleep(0.2)

    def is_ready(self) -> bool:
        """Whether it accepts connections."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    @property
    def is_running(self) -> bool:
        """Whether it was started and not stopped."""
        return self._process is not None

    def send(self, number: signal.Signals) -> None:
        """Send a signal: ``SIGSTOP`` pauses it, ``SIGCONT`` lets it go on."""
        assert self._process is not None
        self._process.send_signal(number)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it with a signal, and wait until it has ended."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(number)
            self._process.send_signal(signal.SIGCONT)
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(60)
        self._process = None


class Replica(Program):
    """One process of ``annulet serve``; its clock can be set where faketime is installed.

    Args:
        name: For its log.
        command: How the service is started.
        folder: Where its log and its clock stand.
        port: Where it listens.
        environment: The settings.
        has_clock: Whether its clock will be set.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        folder: Path,
        port: int,
        environment: Mapping[str, str],
        has_clock: bool = False,
    ) -> None:
        environment = {**environment, "ANNULET_PORT": str(port)}
        self._clock = folder / f"{name}.clock"
        if has_clock:
            environment |= {
                "LD_PRELOAD": str(faketime_library()),
                "FAKETIME_TIMESTAMP_FILE": str(self._clock),
                "FAKETIME_CACHE_DURATION": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            }
        super().__init__(name, command, folder=folder, port=port, environment=environment)
        self.set_clock(0)

    def set_clock(self, error_s: int) -> None:
        """Step the clock so far away from the right time."""
        self._clock.write_text(f"{error_s:+d}\n")

    def is_ready(self) -> bool:
        """Whether it says so itself."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()


class Balancer(Program):
    """haproxy in front of the replicas, with the backend that the documents show.

    Args:
        backend: The text of the backend.
        folder: Where its configuration stands.
        port: Where it listens.
    """

    def __init__(self, backend: str, *, folder: Path, port: int) -> None:
        config = folder / "haproxy.cfg"
        config.write_text(_HAPROXY.format(port=port, backend=backend))
        super().__init__("haproxy", [haproxy(), "-db", "-f", str(config)], folder=folder, port=port)


def haproxy() -> str:
    """The path of haproxy, which Debian keeps out of the way of users; empty without one."""
    return shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or ""


def has_haproxy() -> bool:
    """Whether haproxy is installed."""
    return bool(haproxy())


def faketime_library() -> Path | None:
    """The library that makes clocks wrong, where it is installed."""
    return next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
