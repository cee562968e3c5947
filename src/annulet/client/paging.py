"""All pages of one question, or an error: a page is never half-used."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from annulet.client.transport import Transport
from annulet.contract.endpoints import Collection
from annulet.errors import OuraRejectedRequest, OuraUnavailable

__all__ = ["Rows", "all_rows"]

_EMPTY_PAGES: Final = 3


@dataclass(slots=True)
class Rows:
    """What Oura sent.

    Attributes:
        rows: The raw documents in Oura's order.
        size: Bytes of all pages.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    size: int = 0


async def all_rows(
    transport: Transport, collection: Collection, params: Mapping[str, str], *, until: float
) -> Rows:
    """Every page to the end.

    Raises:
        OuraUnavailable: A page failed, was unreadable, or the pages go round in a circle.
    """
    whole = Rows()
    async for page in _pages(transport, collection, params, until):
        whole.rows.extend(page.rows)
        whole.size += page.size
    return whole


async def _pages(
    transport: Transport, collection: Collection, params: Mapping[str, str], until: float
) -> AsyncIterator[Rows]:
    token = ""
    repeated = params
    seen: set[str] = set()
    before: list[dict[str, Any]] = []
    empty = 0
    while True:
        asked = {**repeated, "next_token": token} if token else params
        try:
            content, size = await transport.get(
                collection.path, asked, about=collection, until=until
            )
        except OuraRejectedRequest as refused:
            if not token:
                raise
            if repeated:
                repeated = {}  # some say that the token must travel alone
                continue
            raise OuraUnavailable(
                f"Oura announced a further page ({collection.name}) and refused to show it.",
                hint="Try again in a few minutes.",
            ) from refused
        rows, following = _opened(content)
        empty = 0 if rows else empty + 1
        again = bool(token) and bool(rows) and rows == before
        if again or following in seen or (following and empty > _EMPTY_PAGES):
            raise OuraUnavailable(
                f"Oura gave the same page twice ({collection.name}), so the answer has no end.",
                hint="Try again in a few minutes, or ask for fewer days.",
            )
        yield Rows(rows, size)
        if not following:
            return
        seen.add(following)
        token, before = following, rows


def _opened(content: Any) -> tuple[list[dict[str, Any]], str]:
    """The documents of an envelope and the token of the next page."""
    rows = content.get("data") if isinstance(content, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise OuraUnavailable(
            "Oura sent something annulet cannot read.", hint="Try again in a few minutes."
        )
    following = content.get("next_token")
    return rows, str(following) if following else ""
