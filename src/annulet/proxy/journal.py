"""A line of JSON for each request: who asked for what, and when.

It holds no value of a parameter, no body, no document id and no token.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

_METHODS: Final = frozenset({"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
_MAX_BYTES: Final = 5_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLine:
    """One request.

    Attributes:
        at: When it came.
        capability: The id of the capability, empty where none was accepted.
        tool: The tool the capability was minted for.
        method: The HTTP method; unknown words are not repeated.
        path: The template of the route, empty where none matched.
        parameters: Names of the query parameters.
        status: The status of the response.
        outcome: ``forwarded`` or the code of the refusal.
        bytes: How many bytes of body were sent.
        duration_ms: How long it took.
    """

    at: datetime
    capability: str
    tool: str
    method: str
    path: str
    parameters: tuple[str, ...]
    status: int
    outcome: str
    bytes: int
    duration_ms: float

    def as_json(self) -> str:
        """The line with its line end."""
        record = {
            "time": self.at.isoformat(timespec="milliseconds"),
            **asdict(self),
            "method": self.method if self.method in _METHODS else "other",
            "ms": round(self.duration_ms, 1),
        }
        del record["at"], record["duration_ms"]
        return json.dumps(record, separators=(",", ":")) + "\n"


class Journal:
    """An append-only file of mode 0600; one older generation is kept when it grows large."""

    def __init__(self, path: Path, *, max_bytes: int = _MAX_BYTES) -> None:
        self._path = path
        self._max_bytes = max_bytes
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._open()

    def write(self, line: JournalLine) -> None:
        """Append one line."""
        if os.fstat(self._file).st_size > self._max_bytes:
            os.close(self._file)
            self._path.replace(self._path.with_suffix(self._path.suffix + ".1"))
            self._open()
        os.write(self._file, line.as_json().encode())

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _open(self) -> None:
        self._file = os.open(self._path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
