"""The log of a server process: standard error, warnings and worse, never a value."""

from __future__ import annotations

import logging
from types import TracebackType
from typing import Final, TextIO

from annulet.mcp_server.failures import where

__all__ = ["log_to"]

_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


class _Discreet(logging.Formatter):
    """Shows where an exception passed, not what it said: its text may hold values."""

    def formatException(self, ei: _ExcInfo | tuple[None, None, None]) -> str:  # noqa: N802 - the library's name
        return "" if ei[1] is None else where(ei[1])


def log_to(stream: TextIO) -> None:
    """Send warnings of the whole process to a stream."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Discreet(_FORMAT))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
