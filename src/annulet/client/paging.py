"""All pages of one request, or an error."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from annulet.client.transport import Transport
from annulet.contract.collections import AnyCollection
from annulet.contract.documents import RawDocument
from annulet.errors import OuraRejectedRequest, OuraUnavailable

_MAX_EMPTY_PAGES: Final = 3
_MAX_PAGES: Final = 500
_MAX_BYTES: Final = 256 * 2**20


@dataclass(slots=True)
class RawDocuments:
    """Documents as Oura sent them.

    Attributes:
        rows: The documents in Oura's order.
        size_bytes: Bytes of all pages.
        unreadable: How many items are no documents: ``null``, a text, a list.
    """

    rows: list[RawDocument] = field(default_factory=list)
    size_bytes: int = 0
    unreadable: int = 0


async def read_pages(
    transport: Transport, collection: AnyCollection, params: Mapping[str, str], *, deadline: float
) -> RawDocuments:
    """Every page to the end.

    Raises:
        OuraUnavailable: A page failed, was unreadable, or a page comes back again and again.
    """
    documents = RawDocuments()
    async for page in _pages(transport, collection, params, deadline):
        documents.rows.extend(page.rows)
        documents.size_bytes += page.size_bytes
        documents.unreadable += page.unreadable
    if documents.unreadable and not documents.rows:
        raise _unreadable()
    return documents


async def _pages(
    transport: Transport, collection: AnyCollection, params: Mapping[str, str], deadline: float
) -> AsyncIterator[RawDocuments]:
    token = ""
    repeated = params
    total_bytes = 0
    seen_tokens: set[str] = set()
    previous_items: list[object] = []
    empty_pages = 0
    while True:
        page_params = {**repeated, "next_token": token} if token else params
        try:
            content, size_bytes = await transport.get(
                collection.path, page_params, collection=collection, deadline=deadline
            )
        except OuraRejectedRequest as rejection:
            if not token:
                raise
            if repeated:
                repeated = {}  # some reports say that the token must travel alone
                continue
            raise OuraUnavailable(
                f"Oura announced a further page ({collection.name}) and refused to show it.",
                hint="Try again in a few minutes.",
            ) from rejection
        items, next_token = _read_envelope(content)
        empty_pages = 0 if items else empty_pages + 1
        is_repeated = bool(token) and bool(items) and items == previous_items
        is_empty = bool(next_token) and empty_pages > _MAX_EMPTY_PAGES
        if is_repeated or is_empty or next_token in seen_tokens:
            raise OuraUnavailable(
                f"Oura gave the same page twice ({collection.name}), so the answer has no end.",
                hint="Try again in a few minutes, or ask for fewer days.",
            )
        rows = [item for item in items if isinstance(item, dict)]
        yield RawDocuments(rows, size_bytes, len(items) - len(rows))
        if not next_token:
            return
        seen_tokens.add(next_token)
        total_bytes += size_bytes
        if len(seen_tokens) >= _MAX_PAGES or total_bytes > _MAX_BYTES:
            raise _too_much(collection)
        token, previous_items = next_token, items


def _too_much(collection: AnyCollection) -> OuraUnavailable:
    return OuraUnavailable(
        f"Oura has more of {collection.name} than annulet reads at once ({_MAX_PAGES} pages, "
        f"{_MAX_BYTES // 2**20} MB).",
        hint="Ask for fewer days.",
    )


def _read_envelope(content: object) -> tuple[list[object], str]:
    """The items of an envelope and the token of the next page."""
    envelope = content if isinstance(content, dict) else {}
    items = envelope.get("data")
    if not isinstance(items, list):
        raise _unreadable()
    next_token = envelope.get("next_token")
    return items, str(next_token) if next_token else ""


def _unreadable() -> OuraUnavailable:
    return OuraUnavailable(
        "Oura sent something annulet cannot read.", hint="Try again in a few minutes."
    )
