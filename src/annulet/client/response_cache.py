"""A cache of recent responses, in memory only, with the request as key.

A request names a collection, a range and a set of fields. A later request inside the range of a
cached one, with no further fields, needs no request to Oura. Errors are never cached.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Generic, NamedTuple, TypeVar

from annulet.contract.collections import Collection
from annulet.contract.documents import Document

D_co = TypeVar("D_co", bound=Document, covariant=True)


@dataclass(frozen=True, slots=True)
class CollectionRequest(Generic[D_co]):
    """A request to one collection.

    Attributes:
        collection: The collection.
        start: First day or instant, inclusive; ``None`` for a collection without ranges.
        end: Last day or instant, inclusive.
        fields: The fields that are needed; ``None`` for all.
        latest: Whether only the newest sample is asked.
    """

    collection: Collection[D_co]
    start: date | datetime | None = None
    end: date | datetime | None = None
    fields: frozenset[str] | None = None
    latest: bool = False

    def covers(self, request: AnyRequest) -> bool:
        """Whether the response to this request holds all documents and fields of ``request``."""
        if self.collection is not request.collection or self.latest != request.latest:
            return False
        if self.fields is not None and (
            request.fields is None or not request.fields <= self.fields
        ):
            return False
        if self.start is None or self.end is None or request.start is None or request.end is None:
            return self.start is request.start and self.end is request.end
        return self.start <= request.start and request.end <= self.end


AnyRequest = CollectionRequest[Document]


@dataclass(frozen=True, slots=True)
class CachedResponse:
    """The documents of one request.

    Attributes:
        documents: The documents; never changed.
        asked_at: When the oldest of them was asked for, on the clock.
        size_bytes: Bytes as Oura sent them.
    """

    documents: Sequence[Document]
    asked_at: float
    size_bytes: int


class CacheRevision(NamedTuple):
    """Two counters; while neither changes, the same request returns the same documents.

    Attributes:
        evictions: How often a response was dropped that no other one replaced.
        uncacheable: How many requests left no response in the cache.
    """

    evictions: int
    uncacheable: int


class ResponseCache:
    """The responses of one client; the least recently used ones are dropped first.

    Args:
        clock: Monotonic seconds.
        max_age_s: How long a response is used, in seconds; 0 caches nothing.
        max_bytes: How much is cached, in bytes as Oura sent them.
    """

    def __init__(self, clock: Callable[[], float], *, max_age_s: float, max_bytes: int) -> None:
        self._clock = clock
        self._max_age_s = max_age_s
        self._max_bytes = max_bytes
        self._responses: OrderedDict[AnyRequest, CachedResponse] = OrderedDict()
        self._size_bytes = 0
        self._oldest = math.inf
        self._evictions = 0
        self.generation = 0

    @property
    def size_bytes(self) -> int:
        """The size of all responses, in bytes as Oura sent them."""
        self._drop_expired()
        return self._size_bytes

    @property
    def evictions(self) -> int:
        """The number of responses that were dropped and not replaced."""
        self._drop_expired()
        return self._evictions

    def find(self, request: AnyRequest) -> Sequence[Document] | None:
        """Return the documents of a cached request that covers this one; they may be more."""
        self._drop_expired()
        covering = (cached for cached in reversed(self._responses) if cached.covers(request))
        cached = next(covering, None)
        if cached is None:
            return None
        self._responses.move_to_end(cached)
        return self._responses[cached].documents

    def find_newest_part(self, request: AnyRequest) -> tuple[AnyRequest, CachedResponse] | None:
        """Return a cached request that covers the newest part of this one."""
        self._drop_expired()
        for cached, response in reversed(self._responses.items()):
            if cached.collection is not request.collection:
                continue
            if cached.start is None or request.start is None or request.end is None:
                continue
            newest_part = replace(request, start=max(request.start, cached.start))
            if cached.covers(newest_part) and request.start < cached.start <= request.end:
                return cached, response
        return None

    def store(self, request: AnyRequest, response: CachedResponse, *, generation: int) -> bool:
        """Cache a whole response, unless it is too large or was asked before `clear`.

        Args:
            request: What was asked.
            response: Its documents.
            generation: The cache's generation when the request was sent.

        Returns:
            Whether it is cached.
        """
        too_large = response.size_bytes > self._max_bytes
        if generation != self.generation or too_large or self._max_age_s <= 0:
            return False
        for narrower in [cached for cached in self._responses if request.covers(cached)]:
            self._size_bytes -= self._responses.pop(narrower).size_bytes
        self._responses[request] = response
        self._oldest = min(self._oldest, response.asked_at)
        self._size_bytes += response.size_bytes
        while self._size_bytes > self._max_bytes:
            self._evict(next(iter(self._responses)))
        return True

    def clear(self) -> None:
        """Drop every response, and those of running requests."""
        self._responses.clear()
        self._size_bytes = 0
        self._evictions += 1
        self.generation += 1

    def _drop_expired(self) -> None:
        limit = self._clock() - self._max_age_s
        if self._oldest > limit:
            return
        expired = [asked for asked, cached in self._responses.items() if cached.asked_at <= limit]
        for request in expired:
            self._evict(request)
        times = (cached.asked_at for cached in self._responses.values())
        self._oldest = min(times, default=math.inf)

    def _evict(self, request: AnyRequest) -> None:
        self._evictions += 1
        self._size_bytes -= self._responses.pop(request).size_bytes
