"""The lines of standard input, of which a single one cannot fill the memory."""

from __future__ import annotations

import os
import sys
from typing import BinaryIO, Final, Self

from anyio import to_thread

__all__ = ["MAX_LINE_BYTES", "OVERLONG", "BoundedLines", "take_standard_input"]

MAX_LINE_BYTES: Final = 4 * 2**20
OVERLONG: Final = "a line that is too long"
"""Stands for a line beyond the limit; it is no JSON, so that it gets an error."""


class BoundedLines:
    """Reads lines as text, asynchronously; a line beyond the limit is skipped as it comes.

    Args:
        file: Where they come from.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        line = await to_thread.run_sync(self._read_line)
        if not line:
            raise StopAsyncIteration
        return line

    def _read_line(self) -> str:
        line = self._file.readline(MAX_LINE_BYTES + 1)
        if len(line) <= MAX_LINE_BYTES:
            return line.decode("utf-8", errors="replace")
        while line and not line.endswith(b"\n"):
            line = self._file.readline(MAX_LINE_BYTES)
        return OVERLONG


def take_standard_input() -> BoundedLines:
    """The lines of standard input; nothing else in this process can read from it afterwards."""
    try:
        private = os.dup(sys.stdin.fileno())
        with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a device
            os.dup2(nothing.fileno(), sys.stdin.fileno())
    except OSError:
        return BoundedLines(sys.stdin.buffer)
    return BoundedLines(os.fdopen(private, "rb", closefd=False))
