"""The lines of standard input, of which a single one cannot fill the memory."""

from __future__ import annotations

import os
import sys
from typing import BinaryIO, Final, Self

from anyio import to_thread

MAX_LINE_BYTES: Final = 4 * 2**20
OVERLONG: Final = "a line that is too long"
"""Stands for a line beyond the limit; it is no JSON, so that it gets an error."""


class BoundedLines:
    """Reads lines as text, asynchronously; a line beyond the limit is skipped as it comes.

    Args:
        file: Where they come from.
        begun: What was read of it before: a line, or its beginning.
    """

    def __init__(self, file: BinaryIO, begun: bytes = b"") -> None:
        self._file = file
        self._begun = begun

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        line = await to_thread.run_sync(self._read_line)
        if not line:
            raise StopAsyncIteration
        return line

    def _read_line(self) -> str:
        line, self._begun = self._begun, b""
        if not line.endswith(b"\n"):
            line += self._file.readline(MAX_LINE_BYTES + 1 - len(line))
        if len(line) <= MAX_LINE_BYTES:
            return line.decode("utf-8", errors="replace")
        while line and not line.endswith(b"\n"):
            line = self._file.readline(MAX_LINE_BYTES)
        return OVERLONG


def take_standard_input(begun: bytes = b"") -> BoundedLines:
    """The lines of standard input; nothing else in this process can read from it afterwards."""
    try:
        private = os.dup(sys.stdin.fileno())
        with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a device
            os.dup2(nothing.fileno(), sys.stdin.fileno())
    except OSError:
        return BoundedLines(sys.stdin.buffer, begun)
    return BoundedLines(os.fdopen(private, "rb", closefd=False), begun)
