"""``OuraClient``: one person's data at Oura, complete and typed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

from annulet import __version__
from annulet.client.address import checked
from annulet.client.collection_reader import Reader, known
from annulet.client.collections import Collections
from annulet.client.response_cache import Freshness
from annulet.client.streaming import Batch, stream
from annulet.client.token_provider import StaticToken, TokenProvider
from annulet.client.transport import Pace, Transport
from annulet.contract.addresses import API_URL

if TYPE_CHECKING:
    import httpx2

__all__ = ["OuraClient"]


class OuraClient(Collections):
    """Reads one person's collections from Oura's API.

    Answers are whole or an error: every method raises an ``AnnuletError`` that says what happened
    and what to do next. What was read is remembered in memory for a few minutes, so that the same
    question, or a part of it, costs no second request.

    ::

        async with OuraClient("access token") as oura:
            nights = await oura.sleep(date(2026, 5, 1), date(2026, 5, 7))

    Args:
        token: An access token, or whoever hands tokens out.
        api_url: The root of Oura's API: https, or http on this machine.
        http: An HTTP client of yours, which you close; else one of annulet's own.
        deadline: Seconds a question may take, retries included.
        fresh_for: Seconds an answer is remembered; 0 for never.
        remember: How much is remembered, in bytes as Oura sent them.
        pace: The clock, and how many requests at the same time.

    Raises:
        UsageError: A token must not be sent to this address.
    """

    def __init__(
        self,
        token: str | TokenProvider,
        *,
        api_url: str = API_URL,
        http: httpx2.AsyncClient | None = None,
        deadline: float = 60.0,
        fresh_for: float = 300.0,
        remember: int = 6_000_000,
        pace: Pace | None = None,
    ) -> None:
        self._transport = Transport(
            StaticToken(token) if isinstance(token, str) else token,
            checked(api_url),
            user_agent=f"annulet/{__version__}",
            http=http,
            pace=pace,
        )
        memory = Freshness(self._transport.clock, fresh_for=fresh_for, most=remember)
        super().__init__(Reader(self._transport, memory, deadline=deadline))

    def stream(
        self,
        name: str,
        start: date | datetime | None = None,
        end: date | datetime | None = None,
    ) -> AsyncIterator[Batch]:
        """A collection window after window, for export: raw documents, in bounded memory.

        Args:
            name: Oura's name of the collection.
            start: First day, or first instant of a series; not used without ranges.
            end: Last day or instant, inclusive.

        Raises:
            UsageError: No such collection, or the range does not fit it.
            AnnuletError: A window could not be read whole; what came before stands.
        """
        return stream(self._reader, known(name), start, end)

    @property
    def revision(self) -> tuple[int, int]:
        """How often something was forgotten, and how many questions have left nothing to remember.

        As long as neither changes, the same question can be answered from the same documents.
        """
        return self._reader.revision

    def clear(self) -> None:
        """Forget everything that was read."""
        self._reader.clear()

    async def aclose(self) -> None:
        """Forget everything and close what this client has opened."""
        self.clear()
        await self._transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()
