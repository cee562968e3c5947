"""The program that listens on a port, where the system tells it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

_LISTENING: Final = "0A"
_PROC: Final = Path("/proc")


def owner_of(port: int) -> str:
    """The program that listens on a port, such as ``python3 (1234)``; empty where unknown."""
    sockets = {f"socket:[{inode}]" for inode in _inodes(port)}
    if not sockets:
        return ""
    for process in _PROC.glob("[0-9]*"):
        with suppress(OSError):  # other people's processes
            for handle in (process / "fd").iterdir():
                if str(handle.readlink()) in sockets:
                    name = (process / "comm").read_text("utf-8", "replace").strip()
                    return f"{name} ({process.name})"
    return ""


def _inodes(port: int) -> set[str]:
    inodes = set()
    for table in ("tcp", "tcp6"):
        with suppress(OSError):  # not Linux
            lines = (_PROC / "net" / table).read_text(encoding="ascii").splitlines()[1:]
            for line in lines:
                words = line.split()
                if words[3] == _LISTENING and words[1].endswith(f":{port:04X}"):
                    inodes.add(words[9])
    return inodes
