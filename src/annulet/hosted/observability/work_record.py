"""What is known of the request, the job or the background task that is under way.

The record belongs to the context of an asyncio task, so whatever runs for a request finds the
record of that request, also in tasks that it starts.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

_CURRENT: Final[ContextVar[WorkRecord | None]] = ContextVar("annulet_work", default=None)
RECORD_KEY: Final = "annulet.record"
"""Where the ASGI scope holds the record of its request."""


class WorkRecord:
    """What is known of one piece of work.

    Attributes:
        names: What every line of the log carries that is written meanwhile: ids and names.
        facts: What the line about the work itself says besides.
        oura: What was asked of Oura; ``None`` where nothing was.
    """

    __slots__ = ("facts", "names", "oura")

    def __init__(self, names: dict[str, str]) -> None:
        self.names = names
        self.facts: dict[str, object] = {}
        self.oura: OuraUse | None = None


class OuraUse:
    """The requests to Oura of one piece of work.

    Attributes:
        statuses: How many ended with each status; ``none`` where no response came, ``held`` where
            none was sent.
    """

    __slots__ = ("_began", "_elapsed_s", "_under_way", "statuses")

    def __init__(self) -> None:
        self.statuses: Counter[str] = Counter()
        self._under_way = 0
        self._began = 0.0
        self._elapsed_s = 0.0

    @property
    def milliseconds(self) -> float:
        """The time in which at least one request was under way."""
        return round(self._elapsed_s * 1000, 1)

    def begin(self) -> None:
        """Note that a request is sent."""
        if not self._under_way:
            self._began = time.perf_counter()
        self._under_way += 1

    def end(self, status: str) -> None:
        """Note how a request ended."""
        self.statuses[status] += 1
        self._under_way -= 1
        if not self._under_way:
            self._elapsed_s += time.perf_counter() - self._began


def begin_request(request_id: str) -> WorkRecord:
    """Begin the record of a request.

    It stays for the rest of the task, because the server logs a crash after the application.
    """
    record = WorkRecord({"request_id": request_id})
    _CURRENT.set(record)
    return record


@contextmanager
def working(**names: str) -> Iterator[None]:
    """Let every line of the log carry these names while the block lasts."""
    outer = _CURRENT.get()
    token = _CURRENT.set(WorkRecord({**(outer.names if outer else {}), **names}))
    try:
        yield
    finally:
        _CURRENT.reset(token)


def current_record() -> WorkRecord | None:
    """Return the record of the work that is under way, if there is one."""
    return _CURRENT.get()


def note(**facts: object) -> None:
    """Add facts to the line about the work that is under way."""
    record = _CURRENT.get()
    if record is not None:
        record.facts.update(facts)
