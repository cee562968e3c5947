"""Answers remembered for a few minutes, in memory only, by meaning and not by address.

What was asked is a span of days or of time and a set of fields; a later question inside a fresh
span with no further fields needs no request. Failures are never remembered.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

__all__ = ["Entry", "Freshness", "Span"]


@dataclass(frozen=True, slots=True)
class Span:
    """What is asked of one collection.

    Attributes:
        collection: Oura's name.
        start: First day or instant, inclusive; ``None`` for a collection without ranges.
        end: Last day or instant, inclusive.
        fields: The fields that are needed; ``None`` for all.
        variant: What tells apart questions that are no ranges (``latest``).
    """

    collection: str
    start: date | datetime | None = None
    end: date | datetime | None = None
    fields: frozenset[str] | None = None
    variant: str = ""

    def covers(self, other: Span) -> bool:
        """Whether whoever knows this span knows the other."""
        if (self.collection, self.variant) != (other.collection, other.variant):
            return False
        if self.fields is not None and (other.fields is None or not other.fields <= self.fields):
            return False
        if self.start is None or self.end is None or other.start is None or other.end is None:
            return self.start is other.start and self.end is other.end
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class Entry:
    """What is remembered of one span.

    Attributes:
        documents: The documents; never changed.
        since: When the oldest of them was asked for, on the clock.
        size: Bytes as Oura sent them.
    """

    documents: list[Any]
    since: float
    size: int


class Freshness:
    """The memory of one client: least recently used spans go first.

    Args:
        clock: Monotonic seconds.
        fresh_for: How long an answer serves, in seconds; 0 remembers nothing.
        most: How much is remembered, in bytes as Oura sent them.
    """

    def __init__(self, clock: Callable[[], float], *, fresh_for: float, most: int) -> None:
        self._clock = clock
        self._fresh_for = fresh_for
        self._most = most
        self._entries: OrderedDict[Span, Entry] = OrderedDict()
        self._size = 0
        self._oldest = math.inf
        self.generation = 0
        self._losses = 0

    @property
    def losses(self) -> int:
        """How often something has been forgotten that nothing has replaced."""
        self._drop_stale()
        return self._losses

    def find(self, span: Span) -> list[Any] | None:
        """The documents of a fresh span that covers this one (perhaps more than asked)."""
        self._drop_stale()
        known = next((mine for mine in reversed(self._entries) if mine.covers(span)), None)
        if known is None:
            return None
        self._entries.move_to_end(known)
        return self._entries[known].documents

    def newest(self, span: Span) -> tuple[Span, Entry] | None:
        """A fresh span that covers the newest part of this one, so that the rest can be asked."""
        self._drop_stale()
        for known, entry in reversed(self._entries.items()):
            if known.collection != span.collection:
                continue
            if known.start is None or span.start is None or span.end is None:
                continue
            rest = replace(span, start=max(span.start, known.start))
            if known.covers(rest) and span.start < known.start <= span.end:
                return known, entry
        return None

    def keep(
        self, span: Span, documents: list[Any], *, size: int, since: float, generation: int
    ) -> bool:
        """Remember a whole answer, unless it is too large or comes too late.

        Returns whether it is remembered.

        Args:
            span: What it is the answer to.
            documents: The documents; never changed afterwards.
            size: Bytes as Oura sent them.
            since: When the question was put, on the clock.
            generation: The generation of the memory at that time: an answer that was under way
                while everything was forgotten is not remembered.
        """
        if generation != self.generation or size > self._most or self._fresh_for <= 0:
            return False
        for known in [mine for mine in self._entries if span.covers(mine)]:
            self._size -= self._entries.pop(known).size
        self._entries[span] = Entry(documents, since, size)
        self._oldest = min(self._oldest, since)
        self._size += size
        while self._size > self._most:
            self._drop(next(iter(self._entries)))
        return True

    def clear(self) -> None:
        """Forget everything, also what is under way."""
        self._entries.clear()
        self._size = 0
        self._losses += 1
        self.generation += 1

    def _drop_stale(self) -> None:
        limit = self._clock() - self._fresh_for
        if self._oldest > limit:
            return
        for span in [span for span, entry in self._entries.items() if entry.since <= limit]:
            self._drop(span)
        self._oldest = min((entry.since for entry in self._entries.values()), default=math.inf)

    def _drop(self, span: Span) -> None:
        self._losses += 1
        self._size -= self._entries.pop(span).size
