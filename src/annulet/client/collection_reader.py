"""Whole collections: windows, pages and chunks put together, trimmed, typed and cached."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import Generic, TypeVar, cast
from urllib.parse import quote

import msgspec

from annulet.client.documents import Documents
from annulet.client.field_choice import check_fields, choose_fields
from annulet.client.local_times import on_local_clock
from annulet.client.one_a_day import merge_by_day
from annulet.client.paging import RawDocuments, read_pages
from annulet.client.response_cache import (
    AnyRequest,
    CachedResponse,
    CacheRevision,
    CollectionRequest,
    ResponseCache,
)
from annulet.client.transport import Transport
from annulet.client.windows import (
    OVERLAPPING,
    belongs_to_days,
    check_days,
    check_instants,
    day_chunks,
    day_of,
    distinct,
    instant_chunks,
    instant_of,
    sort_key,
)
from annulet.contract.collections import AnyCollection, Collection, Query, Single
from annulet.contract.documents import Document, RawDocument, read_document, read_documents
from annulet.errors import OuraUnavailable, UsageError
from annulet.oura_http.single_flight import SingleFlight, run_concurrently

D = TypeVar("D", bound=Document)


@dataclass(frozen=True, slots=True)
class _Fetched(Generic[D]):
    """The documents of one fetch.

    Attributes:
        request: What the documents are the response to; it may cover more than was asked.
        documents: Typed, in order.
        size_bytes: Bytes of all pages.
    """

    request: CollectionRequest[D]
    documents: Documents[D]
    size_bytes: int


class CollectionReader:
    """Reads one person's collections.

    Args:
        transport: Sends requests to Oura.
        response_cache: Recent responses.
        deadline_s: Seconds a question may take.
        zone: The person's zone, where it is known.
    """

    def __init__(
        self,
        transport: Transport,
        response_cache: ResponseCache,
        *,
        deadline_s: float,
        zone: tzinfo | None = None,
    ) -> None:
        self._zone = zone
        self._transport = transport
        self._cache = response_cache
        self._deadline_s = deadline_s
        self._requests: SingleFlight[AnyRequest, Iterable[Document]] = SingleFlight()
        self._uncacheable = 0

    async def days(
        self, collection: Collection[D], start: date, end: date, fields: Iterable[str] | None
    ) -> Documents[D]:
        """The documents of a range of days, both ends inclusive, in order."""
        first, last = check_days(start, end)
        request = CollectionRequest(collection, first, last, choose_fields(collection, fields))
        documents = await self._read_cached(request, self._fetch_days)
        return _as_documents(
            request,
            (d for d in documents if belongs_to_days(collection, d, first, last)),
            fields,
            documents.left_out,
        )

    async def instants(
        self, collection: Collection[D], start: date, end: date, fields: Iterable[str] | None
    ) -> Documents[D]:
        """The samples of a time, both ends inclusive, in order, once per instant and source."""
        first, last = check_instants(start, end)
        request = CollectionRequest(collection, first, last, choose_fields(collection, fields))
        samples = await self._read_cached(request, self._fetch_instants)
        inside = (sample for sample in samples if _is_within(sample, first, last))
        return _as_documents(request, inside, fields, samples.left_out)

    async def undated(
        self, collection: Collection[D], fields: Iterable[str] | None
    ) -> Documents[D]:
        """All documents of a collection without ranges, oldest first."""
        request = CollectionRequest(collection, fields=choose_fields(collection, fields))
        documents = await self._read_cached(request, self._fetch_undated)
        return _as_documents(request, documents, fields, documents.left_out)

    async def single(self, collection: Collection[D]) -> D:
        """The one document of a collection that has no envelope."""
        (document,) = await self._read_cached(CollectionRequest(collection), self._fetch_single)
        return document

    async def latest(self, collection: Collection[D]) -> D | None:
        """The newest sample Oura has."""
        samples = await self._read_cached(
            CollectionRequest(collection, latest=True), self._fetch_latest
        )
        return next(iter(samples), None)

    @property
    def revision(self) -> CacheRevision:
        """The numbers of responses that were dropped or not cached."""
        return CacheRevision(self._cache.evictions, self._uncacheable)

    @property
    def cached_bytes(self) -> int:
        """The size of what is cached, in bytes as Oura sent it."""
        return self._cache.size_bytes

    def clear(self) -> None:
        """Drop every cached response; running requests serve no new caller."""
        self._cache.clear()
        self._requests.detach()

    async def document(self, collection: Collection[D], identifier: str) -> D:
        """One document by its id."""
        if collection.single is Single.NEVER or identifier in ("", ".", ".."):
            raise UsageError(
                "There is no such document to ask for.",
                hint="Documents of series and the personal profile have no id of their own.",
            )
        path = f"{collection.path}/{quote(identifier, safe='')}"
        content, _ = await self._get(collection, path)
        (row,) = on_local_clock(collection, [_json_object(content)], self._zone)
        return read_document(collection.document, row)

    async def day_rows(
        self, collection: AnyCollection, start: date, end: date
    ) -> list[RawDocument]:
        """Raw documents of a range of days, as Oura sent them; neither typed nor cached."""
        chunks = day_chunks(collection, start, end)
        fetched = await self._read_chunks(collection, chunks)
        rows = list(distinct(collection, fetched.rows, chunks=len(chunks)))
        read = read_documents(collection.document, on_local_clock(collection, rows, self._zone))
        pairs = [
            (document, row)
            for document, row in zip(read, rows, strict=True)
            if belongs_to_days(collection, document, start, end)
        ]
        pairs.sort(key=lambda pair: sort_key(collection, pair[0]))
        return [row for _, row in pairs]

    async def instant_rows(
        self, collection: AnyCollection, start: datetime, end: datetime
    ) -> list[RawDocument]:
        """Raw samples of a time, as Oura sent them; neither typed nor cached."""
        fetched = await self._read_chunks(collection, instant_chunks(collection, start, end))
        pairs, _ = _distinct_samples(collection, fetched.rows, start, end)
        return [row for _, row in pairs]

    async def undated_rows(self, collection: AnyCollection) -> list[RawDocument]:
        """Raw documents of a collection without ranges."""
        if not collection.paged:
            content, _ = await self._get(collection, collection.path)
            return [_json_object(content)]
        return (await self._read_chunks(collection, [{}])).rows

    async def _read_cached(
        self,
        request: CollectionRequest[D],
        fetch: Callable[[CollectionRequest[D]], Awaitable[_Fetched[D]]],
    ) -> Documents[D]:
        """Return the documents from the cache, from a running request, or from a new one."""
        documents: Iterable[Document] | None = self._cache.find(request)
        if documents is None:
            documents = await self._requests.run(
                request,
                lambda: self._fetch_and_cache(request, fetch),
                serves=CollectionRequest.covers,
            )
        return cast("Documents[D]", documents)  # a request is covered by one of its own collection

    async def _fetch_and_cache(
        self,
        request: CollectionRequest[D],
        fetch: Callable[[CollectionRequest[D]], Awaitable[_Fetched[D]]],
    ) -> Documents[D]:
        """Request the part that is not cached, and cache the whole."""
        generation, asked_at = self._cache.generation, self._transport.clock()
        self._uncacheable += 1
        newest = self._cache.find_newest_part(request) if _is_divisible(request) else None
        if newest is None:
            fetched = await fetch(request)
            asked, size_bytes = fetched.request, fetched.size_bytes
            documents = fetched.documents
        else:
            newest_request, cached = newest
            first_day, _ = check_days(newest_request.start, newest_request.end)
            day_before = first_day - timedelta(days=1)
            older = await fetch(replace(request, end=day_before))
            newer = cast("Documents[D]", cached.documents)
            asked, documents = request, _joined(request, older.documents, newer)
            asked_at = min(asked_at, cached.asked_at)
            size_bytes = older.size_bytes + cached.size_bytes
        response = CachedResponse(documents, asked_at, size_bytes)
        if self._cache.store(asked, response, generation=generation):
            self._uncacheable -= 1
        return documents

    async def _fetch_days(self, request: CollectionRequest[D]) -> _Fetched[D]:
        collection = request.collection
        start, end = check_days(request.start, request.end)
        chunks = day_chunks(collection, start, end)
        fetched = await self._read_chunks(collection, chunks, request.fields)
        if request.fields is not None and any(collection.day not in row for row in fetched.rows):
            # The response lacks the field that dates a document, so whole documents are requested.
            request = replace(request, fields=None)
            fetched = await self._read_chunks(collection, chunks)
        rows = distinct(collection, fetched.rows, chunks=len(chunks))
        read = read_documents(collection.document, on_local_clock(collection, rows, self._zone))
        undated = sum(day_of(collection, document) is None for document in read)
        documents = [
            _with_day(collection, document)
            for document in read
            if belongs_to_days(collection, document, start, end)
        ]
        documents.sort(key=lambda document: sort_key(collection, document))
        if collection.daily:
            documents = merge_by_day(documents)
        return _fetched(request, documents, fetched, undated)

    async def _fetch_instants(self, request: CollectionRequest[D]) -> _Fetched[D]:
        collection = request.collection
        start, end = check_instants(request.start, request.end)
        chunks = instant_chunks(collection, start, end)
        fetched = await self._read_chunks(collection, chunks, request.fields)
        pairs, undated = _distinct_samples(collection, fetched.rows, start, end)
        return _fetched(request, [sample for sample, _ in pairs], fetched, undated)

    async def _fetch_undated(self, request: CollectionRequest[D]) -> _Fetched[D]:
        collection = request.collection
        fetched = await self._read_chunks(collection, [{}], request.fields)
        rows = distinct(collection, fetched.rows, chunks=1)
        documents = read_documents(collection.document, rows)
        documents.sort(key=lambda document: sort_key(collection, document))
        return _fetched(request, documents, fetched)

    async def _fetch_single(self, request: CollectionRequest[D]) -> _Fetched[D]:
        content, size_bytes = await self._get(request.collection, request.collection.path)
        document = read_document(request.collection.document, _json_object(content))
        return _fetched(request, [document], RawDocuments(size_bytes=size_bytes))

    async def _fetch_latest(self, request: CollectionRequest[D]) -> _Fetched[D]:
        fetched = await self._read_chunks(request.collection, [{"latest": "true"}])
        samples = read_documents(request.collection.document, fetched.rows)
        dated = [(when, sample) for sample in samples if (when := instant_of(sample)) is not None]
        newest = [max(dated, key=lambda pair: pair[0])[1]] if dated else []
        return _fetched(request, newest, fetched)

    async def _get(self, collection: AnyCollection, path: str) -> tuple[object, int]:
        return await self._transport.get(path, {}, collection=collection, deadline=self._deadline())

    async def _read_chunks(
        self,
        collection: AnyCollection,
        chunks: Iterable[Mapping[str, str]],
        fields: frozenset[str] | None = None,
    ) -> RawDocuments:
        """Read all pages of all chunks concurrently; return them in the order of the chunks."""
        deadline = self._deadline()
        selection = {"fields": ",".join(sorted(fields))} if fields is not None else {}

        def job(params: Mapping[str, str]) -> Callable[[], Awaitable[RawDocuments]]:
            return lambda: read_pages(
                self._transport, collection, {**params, **selection}, deadline=deadline
            )

        chunk_results = await run_concurrently([job(params) for params in chunks])
        return RawDocuments(
            [row for result in chunk_results for row in result.rows],
            sum(result.size_bytes for result in chunk_results),
            sum(result.unreadable for result in chunk_results),
        )

    def _deadline(self) -> float:
        return self._transport.clock() + self._deadline_s


def _is_divisible(request: AnyRequest) -> bool:
    """Whether neighbouring ranges share no document, so that a range can be divided."""
    by_days = request.collection.query is Query.DAY
    return by_days and request.collection.name not in OVERLAPPING


def _fetched(
    request: CollectionRequest[D], documents: Iterable[D], raw: RawDocuments, undated: int = 0
) -> _Fetched[D]:
    """What was fetched, with the number of rows that did not become documents."""
    cls, left_out = request.collection.document, raw.unreadable + undated
    return _Fetched(request, Documents(cls, documents, left_out=left_out), raw.size_bytes)


def _joined(
    request: CollectionRequest[D], older: Documents[D], newer: Documents[D]
) -> Documents[D]:
    """The documents of two neighbouring ranges in one."""
    left_out = older.left_out + newer.left_out
    return Documents(request.collection.document, [*older, *newer], left_out=left_out)


def _as_documents(
    request: CollectionRequest[D],
    documents: Iterable[D],
    fields: Iterable[str] | None,
    left_out: int,
) -> Documents[D]:
    """The documents; as a table they begin with their time."""
    collection = request.collection
    if fields is None:
        return Documents(collection.document, documents, left_out=left_out)
    wanted = check_fields(collection, fields)
    time = [collection.day or "timestamp"] if collection.query is not Query.NONE else []
    columns = [*time, *(name for name in collection.fields if name in wanted - set(time))]
    return Documents(collection.document, documents, columns, left_out=left_out)


def _distinct_samples(
    collection: Collection[D], rows: Iterable[RawDocument], start: datetime, end: datetime
) -> tuple[list[tuple[D, RawDocument]], int]:
    """Samples of the time with their rows, in order, one per instant and source.

    The number beside them is that of the rows without a time that can be read.
    """
    rows = list(rows)
    pairs: dict[tuple[datetime, object], tuple[D, RawDocument]] = {}
    undated = 0
    for sample, row in zip(read_documents(collection.document, rows), rows, strict=True):
        when = instant_of(sample)
        if when is None:
            undated += 1
        elif start <= when <= end:
            key = (when, getattr(sample, "source", None))
            pairs.setdefault(key, (_with_instant(sample, when), row))
    return [pair for _, pair in sorted(pairs.items(), key=lambda item: item[0][0])], undated


def _with_instant(sample: D, when: datetime) -> D:
    """The sample with its time, also where Oura gives only milliseconds since 1970."""
    if getattr(sample, "timestamp", None) is not None:
        return sample
    return msgspec.structs.replace(sample, timestamp=when)


def _with_day(collection: Collection[D], document: D) -> D:
    """The document with its day, also where Oura has left it out."""
    if getattr(document, collection.day) is not None:
        return document
    return msgspec.structs.replace(document, **{collection.day: day_of(collection, document)})


def _is_within(sample: Document, start: datetime, end: datetime) -> bool:
    when = instant_of(sample)
    return when is not None and start <= when <= end


def _json_object(content: object) -> RawDocument:
    if not isinstance(content, dict):
        raise OuraUnavailable(
            "Oura sent something annulet cannot read.", hint="Try again in a few minutes."
        )
    return content
