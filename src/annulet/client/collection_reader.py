"""Whole collections: windows, pages and chunks put together, trimmed, typed and remembered."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final, TypeVar
from urllib.parse import quote

from annulet.client.paging import Rows, all_rows
from annulet.client.response_cache import Freshness, Span
from annulet.client.single_flight import Flights, together
from annulet.client.transport import Transport
from annulet.client.windows import (
    OVERLAPPING,
    belongs,
    check_days,
    check_instants,
    day_chunks,
    distinct,
    instant_chunks,
    instant_of,
    place,
)
from annulet.contract.documents import DOCUMENTS, Document, read, read_all
from annulet.contract.endpoints import COLLECTIONS, Collection, Query, Single
from annulet.errors import OuraUnavailable, UsageError

__all__ = ["Reader", "known"]

D = TypeVar("D", bound=Document)

_FIELD: Final = re.compile(r"[A-Za-z0-9_]+")


def known(name: str) -> Collection:
    """A collection by Oura's name.

    Raises:
        UsageError: There is none of that name.
    """
    try:
        return COLLECTIONS[name]
    except KeyError:
        raise UsageError(
            "Oura has no collection of that name.",
            hint="Known ones: " + ", ".join(COLLECTIONS),
        ) from None


class Reader:
    """Reads one person's collections.

    Args:
        transport: Asks Oura.
        memory: What is still fresh.
        deadline: Seconds a question may take.
    """

    def __init__(self, transport: Transport, memory: Freshness, *, deadline: float) -> None:
        self._transport = transport
        self._memory = memory
        self._deadline = deadline
        self._flights: Flights[Span, list[Any]] = Flights()
        self._unkept = 0

    async def days(
        self, collection: Collection, start: date, end: date, fields: Iterable[str] | None
    ) -> list[Document]:
        """The documents of a range of days, both ends inclusive, in order."""
        check_days(start, end)
        span = Span(collection.name, start, end, _needed(collection, fields))
        documents = await self._remembered(span, lambda asked: self._fetch_days(collection, asked))
        return [one for one in documents if belongs(collection, one, start, end)]

    async def instants(
        self, collection: Collection, start: datetime, end: datetime, fields: Iterable[str] | None
    ) -> list[Document]:
        """The samples of a time, both ends inclusive, in order, once per instant and source."""
        first, last = check_instants(start, end)
        span = Span(collection.name, first, last, _needed(collection, fields))
        samples = await self._remembered(
            span, lambda asked: self._fetch_instants(collection, asked)
        )
        return [one for one in samples if _within(one, first, last)]

    async def undated(self, collection: Collection, fields: Iterable[str] | None) -> list[Document]:
        """All documents of a collection without ranges, oldest first."""
        span = Span(collection.name, fields=_needed(collection, fields))
        return list(
            await self._remembered(span, lambda asked: self._fetch_undated(collection, asked))
        )

    async def person(self, collection: Collection) -> Document:
        """The one bare document of a collection that has no envelope."""
        span = Span(collection.name)
        return (await self._remembered(span, lambda _: self._fetch_bare(collection)))[0]  # type: ignore[no-any-return] # a list of one document

    async def latest(self, collection: Collection) -> Document | None:
        """The newest sample Oura has."""
        span = Span(collection.name, variant="latest")
        found = await self._remembered(span, lambda _: self._fetch_latest(collection))
        return found[0] if found else None

    @property
    def revision(self) -> tuple[int, int]:
        """Changes with all that is forgotten, and with every question that leaves nothing there."""
        return self._memory.losses, self._unkept

    def clear(self) -> None:
        """Forget everything that was read, and let nobody join what is under way."""
        self._memory.clear()
        self._flights.forget()

    async def document(self, collection: Collection, identifier: str) -> Document:
        """One document by its id."""
        if collection.single is Single.NEVER or identifier in ("", ".", ".."):
            raise UsageError(
                "There is no such document to ask for.",
                hint="Documents of series and the personal profile have no id of their own.",
            )
        path = f"{collection.path}/{quote(identifier, safe='')}"
        content, _ = await self._transport.get(path, {}, about=collection, until=self._until())
        return read(DOCUMENTS[collection.name], _bare(content))

    async def day_rows(
        self, collection: Collection, start: date, end: date
    ) -> list[dict[str, Any]]:
        """Raw documents of a range of days, as Oura sent them; neither typed nor remembered."""
        cls = DOCUMENTS[collection.name]
        chunks = day_chunks(collection, start, end)
        got = await self._chunks(collection, chunks)
        unique = list(distinct(got.rows, chunks=len(chunks)))
        typed = zip(read_all(cls, unique), unique, strict=True)
        kept = [pair for pair in typed if belongs(collection, pair[0], start, end)]
        kept.sort(key=lambda pair: place(collection, pair[0]))
        return [row for _, row in kept]

    async def instant_rows(
        self, collection: Collection, start: datetime, end: datetime
    ) -> list[dict[str, Any]]:
        """Raw samples of a time, as Oura sent them; neither typed nor remembered."""
        cls = DOCUMENTS[collection.name]
        rows = await self._chunks(collection, instant_chunks(collection, start, end))
        kept = _samples(zip(read_all(cls, rows.rows), rows.rows, strict=True), start, end)
        return [row for _, row in kept]

    async def undated_rows(self, collection: Collection) -> list[dict[str, Any]]:
        """Raw documents of a collection without ranges."""
        if not collection.paged:
            content, _ = await self._transport.get(
                collection.path, {}, about=collection, until=self._until()
            )
            return [_bare(content)]
        return (await self._chunks(collection, [{}])).rows

    async def _remembered(
        self, span: Span, fetch: Callable[[Span], Awaitable[tuple[Span, list[Any], int]]]
    ) -> list[Any]:
        """From memory, from a request under way, or from Oura: then only what is not in memory."""
        fresh = self._memory.find(span)
        if fresh is not None:
            return fresh

        async def flight() -> list[Any]:
            generation, since = self._memory.generation, self._transport.clock()
            self._unkept += 1
            recent = self._memory.newest(span) if _divisible(span) else None
            if recent is None:
                answered, documents, size = await fetch(span)
            else:
                known, entry = recent
                before = _day(known.start) - timedelta(days=1)
                _, older, size = await fetch(replace(span, end=before))
                answered, documents = span, [*older, *entry.documents]
                since, size = min(since, entry.since), size + entry.size
            if self._memory.keep(
                answered, documents, size=size, since=since, generation=generation
            ):
                self._unkept -= 1
            return documents

        return await self._flights.join(span, flight, serves=Span.covers)

    async def _fetch_days(
        self, collection: Collection, span: Span
    ) -> tuple[Span, list[Document], int]:
        start, end = _day(span.start), _day(span.end)
        chunks = day_chunks(collection, start, end)
        got = await self._chunks(collection, chunks, span.fields)
        if span.fields is not None and any(collection.day not in row for row in got.rows):
            # The day each document belongs to did not come back: ask for whole documents.
            span = Span(span.collection, span.start, span.end)
            got = await self._chunks(collection, chunks)
        unique = distinct(got.rows, chunks=len(chunks))
        typed = read_all(DOCUMENTS[collection.name], unique)
        kept = [one for one in typed if belongs(collection, one, start, end)]
        return span, sorted(kept, key=lambda one: place(collection, one)), got.size

    async def _fetch_instants(
        self, collection: Collection, span: Span
    ) -> tuple[Span, list[Document], int]:
        start, end = _instant(span.start), _instant(span.end)
        chunks = instant_chunks(collection, start, end)
        got = await self._chunks(collection, chunks, span.fields)
        cls = DOCUMENTS[collection.name]
        kept = _samples(zip(read_all(cls, got.rows), got.rows, strict=True), start, end)
        return span, [one for one, _ in kept], got.size

    async def _fetch_undated(
        self, collection: Collection, span: Span
    ) -> tuple[Span, list[Document], int]:
        got = await self._chunks(collection, [{}], span.fields)
        typed = read_all(DOCUMENTS[collection.name], distinct(got.rows, chunks=1))
        return span, sorted(typed, key=lambda one: place(collection, one)), got.size

    async def _fetch_bare(self, collection: Collection) -> tuple[Span, list[Document], int]:
        content, size = await self._transport.get(
            collection.path, {}, about=collection, until=self._until()
        )
        document = read(DOCUMENTS[collection.name], _bare(content))
        return Span(collection.name), [document], size

    async def _fetch_latest(self, collection: Collection) -> tuple[Span, list[Document], int]:
        got = await self._chunks(collection, [{"latest": "true"}])
        typed = read_all(DOCUMENTS[collection.name], got.rows)
        dated = [(when, one) for one in typed if (when := instant_of(one)) is not None]
        newest = [max(dated, key=lambda pair: pair[0])[1]] if dated else []
        return Span(collection.name, variant="latest"), newest, got.size

    async def _chunks(
        self,
        collection: Collection,
        chunks: Iterable[Mapping[str, str]],
        fields: frozenset[str] | None = None,
    ) -> Rows:
        """All pages of all chunks, asked at the same time, in the order of the chunks."""
        until = self._until()
        chosen = {"fields": ",".join(sorted(fields))} if fields is not None else {}

        def job(params: Mapping[str, str]) -> Callable[[], Awaitable[Rows]]:
            asked = {**params, **chosen}
            return lambda: all_rows(self._transport, collection, asked, until=until)

        whole = Rows()
        for part in await together([job(params) for params in chunks]):
            whole.rows.extend(part.rows)
            whole.size += part.size
        return whole

    def _until(self) -> float:
        return self._transport.clock() + self._deadline


def _divisible(span: Span) -> bool:
    """Whether documents of neighbouring spans make up the span: no document is in both."""
    days = isinstance(span.start, date) and not isinstance(span.start, datetime)
    return days and span.collection not in OVERLAPPING


def _needed(collection: Collection, fields: Iterable[str] | None) -> frozenset[str] | None:
    """The fields to ask for: those wanted and those that say where a document belongs.

    ``None`` asks for whole documents, also where Oura takes no notice of a choice.
    """
    if fields is None or not collection.selectable:
        return None
    wanted = {fields} if isinstance(fields, str) else set(fields)
    odd = [name for name in wanted if not _FIELD.fullmatch(name)]
    if odd:
        raise UsageError("A field has a name Oura cannot have.", hint="Use Oura's field names.")
    if collection.query is Query.DATETIME:
        wanted |= {"timestamp", "source"} & set(collection.fields)
    elif collection.query is Query.NONE:
        wanted |= {"set_up_at"} & set(collection.fields)
    else:
        wanted.add(collection.day)
        if collection.name in OVERLAPPING:
            wanted |= {"end_day", "end_time"} & set(collection.fields)
    return frozenset(wanted)


def _samples(
    pairs: Iterable[tuple[D, dict[str, Any]]], start: datetime, end: datetime
) -> list[tuple[D, dict[str, Any]]]:
    """Samples of the time in order, one per instant and source."""
    kept: dict[tuple[datetime, Any], tuple[D, dict[str, Any]]] = {}
    for sample, row in pairs:
        when = instant_of(sample)
        if when is not None and start <= when <= end:
            kept.setdefault((when, getattr(sample, "source", None)), (sample, row))
    return [pair for _, pair in sorted(kept.items(), key=lambda item: item[0][0])]


def _within(sample: Document, start: datetime, end: datetime) -> bool:
    when = instant_of(sample)
    return when is not None and start <= when <= end


def _bare(content: Any) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise OuraUnavailable(
            "Oura sent something annulet cannot read.", hint="Try again in a few minutes."
        )
    return content


def _day(value: date | datetime | None) -> date:
    if value is None:
        raise TypeError("a span of days has two ends")
    return value


def _instant(value: date | datetime | None) -> datetime:
    if not isinstance(value, datetime):
        raise TypeError("a span of time has two ends")
    return value
