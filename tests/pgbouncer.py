"""Debian's pgbouncer in transaction mode, in front of a PostgreSQL server of a test's own."""

from __future__ import annotations

import shutil
import socket
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
from postgresql import hand_over, has_debian_server, running_postgresql

_CONFIG = """\
[databases]
postgres = host=127.0.0.1 port={server_port} dbname=postgres user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 5
max_client_conn = 400
"""


def has_pgbouncer() -> bool:
    """Whether pgbouncer is installed."""
    return shutil.which("pgbouncer") is not None


class Pgbouncer:
    """The pooler, run by a user that is not root.

    Args:
        folder: Empty, and open to that user.
        server_port: Where PostgreSQL listens on loopback.
    """

    def __init__(self, folder: Path, server_port: int) -> None:
        self.port = free_port()
        self.address = (
            f"postgresql://postgres@127.0.0.1:{self.port}/postgres?prepared_statement_cache_size=0"
        )
        self._as_user = hand_over(folder)
        self._config = folder / "pgbouncer.ini"
        self._config.write_text(_CONFIG.format(port=self.port, server_port=server_port))
        self._log = folder / "pgbouncer.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the pooler and wait until it accepts connections."""
        with self._log.open("ab") as log:
            command = [*self._as_user, "pgbouncer", str(self._config)]
            self.process = subprocess.Popen(command, cwd="/", stdout=log, stderr=log)
        end = time.monotonic() + 30
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert self.process.poll() is None, self._log.read_text()
            assert time.monotonic() < end, self._log.read_text()
            time.sleep(0.05)

    @property
    def is_running(self) -> bool:
        """Whether it was started and not stopped."""
        return self.process is not None

    def stop(self) -> None:
        """Stop the pooler; connections are closed at once."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)
            self.process = None


@contextmanager
def running_pooled_postgresql() -> Iterator[str]:
    """The address of a running pooler; the test is skipped where none can be had."""
    if not (has_pgbouncer() and has_debian_server()):
        pytest.skip("needs PostgreSQL and pgbouncer of Debian")
    with running_postgresql() as address, tempfile.TemporaryDirectory() as folder:
        pooler = Pgbouncer(Path(folder), int(address.rpartition(":")[2].partition("/")[0]))
        pooler.start()
        try:
            yield pooler.address
        finally:
            pooler.stop()
