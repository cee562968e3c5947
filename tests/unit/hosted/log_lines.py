"""The log of the service as its operator reads it: one JSON object a line."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from annulet.hosted.web.json_log import LOGGER, JsonFormatter


class LogLines:
    """What has been written."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    @property
    def all(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    def of(self, **facts: Any) -> list[dict[str, Any]]:
        """The lines that say these facts."""
        return [line for line in self.all if facts.items() <= line.items()]


@contextmanager
def written_lines() -> Iterator[LogLines]:
    """Everything that is logged inside the block, formatted when it is logged."""
    stream, logger = io.StringIO(), logging.getLogger(LOGGER)
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield LogLines(stream)
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
