"""Servers as processes on one core: how much of it they use, and how much memory they hold."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

TICKS = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cores() -> tuple[int, int]:
    """One core for the server and another for the client, where there are two."""
    mine = sorted(os.sched_getaffinity(0))
    return mine[0], mine[-1]


class OneCore:
    """A Python process that may use one core only.

    Args:
        arguments: After the interpreter.
        port: Where it will listen.
        log: Where its output goes.
    """

    def __init__(self, *arguments: str, port: int, environment: dict[str, str], log: Path) -> None:
        self._command = [sys.executable, *arguments]
        self._environment = environment
        self._log = log
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command, env=self._environment, stdout=log, stderr=log
            )
        os.sched_setaffinity(self._process.pid, {cores()[0]})
        while self._process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    break
            time.sleep(0.05)
        assert self._process.poll() is None, self._log.read_text()
        time.sleep(0.5)  # it listens before it is ready
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait(30)

    @property
    def seconds(self) -> float:
        """Processor time so far, its threads included."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    @property
    def megabytes(self) -> float:
        """Resident memory now."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024
