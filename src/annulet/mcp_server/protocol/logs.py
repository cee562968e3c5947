"""The log of a server process: warnings and errors to standard error, without values."""

from __future__ import annotations

import logging
from types import TracebackType
from typing import Final, TextIO

from annulet.mcp_server.failures import describe_places

_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


class _TextlessFormatter(logging.Formatter):
    """Formats an exception by the places it passed, without its text, which may hold values."""

    def formatException(self, ei: _ExcInfo | tuple[None, None, None]) -> str:  # noqa: N802 - the library's name
        return "" if ei[1] is None else describe_places(ei[1])


def log_to(stream: TextIO) -> None:
    """Send warnings of the whole process to a stream."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_TextlessFormatter(_FORMAT))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
