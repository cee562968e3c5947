"""Ports of loopback for programs that have to be told theirs before they start."""

from __future__ import annotations

import random
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

__all__ = ["default_ports", "free_port"]

# Below the ports that systems hand out to outgoing connections: no program takes one by chance.
_RANGE = range(20_000, 32_000)


def free_port() -> int:
    """A port on which nothing listens."""
    drawn = random.SystemRandom()
    for _ in range(100):
        port = drawn.choice(_RANGE)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port was found")


@contextmanager
def default_ports() -> Iterator[None]:
    """The ports that are registered with Oura by default, for one test on this machine."""
    with FileLock(Path(tempfile.gettempdir()) / "annulet-test-default-ports.lock"):
        yield
