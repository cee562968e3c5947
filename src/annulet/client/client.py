"""``OuraClient``: one person's data at Oura, complete and typed."""

from __future__ import annotations

from datetime import tzinfo
from types import TracebackType
from typing import TYPE_CHECKING, Self

from annulet.client.collection_reader import CollectionReader
from annulet.client.collections import Collections
from annulet.client.response_cache import CacheRevision, ResponseCache
from annulet.client.transport import RequestGate, Transport
from annulet.contract.addresses import API_URL
from annulet.oura_http.addresses import check_api_url
from annulet.oura_http.retries import Timing
from annulet.oura_http.token_provider import StaticToken, TokenProvider

if TYPE_CHECKING:
    import httpx2


class OuraClient(Collections):
    """Reads one person's collections from Oura's API.

    A collection comes whole or as an error: every method raises an ``AnnuletError`` that says what
    happened and what to do next. Documents are cached in memory for a few minutes, so that the
    same question, or a part of it, costs no second request.

    ::

        from datetime import date

        from annulet import OuraClient

        async with OuraClient("access token") as oura:
            nights = await oura.sleep(date(2026, 5, 1), date(2026, 5, 7))

    Args:
        token: An access token, or a provider of access tokens.
        api_url: The root of Oura's API: https, or http on this machine.
        http: An HTTP client of yours, which you close; else one of annulet's own.
        deadline_s: Seconds a question may take, retries included.
        cache_s: Seconds a response is cached; 0 for never.
        cache_bytes: How much is cached, in bytes as Oura sent them.
        max_parallel: How many requests at the same time.
        zone: The zone of the person's clock. Bedtimes, workouts and tags that come in UTC or
            without an offset are read by it; without it they are taken for UTC.
        timing: Clock and waiting, for tests.
        gate: Lets each request through, or answers in place of Oura, for many clients of one
            application.

    Raises:
        UsageError: A token must not be sent to this address.
    """

    def __init__(
        self,
        token: str | TokenProvider,
        *,
        api_url: str = API_URL,
        http: httpx2.AsyncClient | None = None,
        deadline_s: float = 60.0,
        cache_s: float = 300.0,
        cache_bytes: int = 6_000_000,
        max_parallel: int = 8,
        zone: tzinfo | None = None,
        timing: Timing | None = None,
        gate: RequestGate | None = None,
    ) -> None:
        self._transport = Transport(
            StaticToken(token) if isinstance(token, str) else token,
            check_api_url(api_url),
            http=http,
            timing=timing,
            max_parallel=max_parallel,
            gate=gate,
        )
        cache = ResponseCache(self._transport.clock, max_age_s=cache_s, max_bytes=cache_bytes)
        reader = CollectionReader(self._transport, cache, deadline_s=deadline_s, zone=zone)
        super().__init__(reader)

    @property
    def reader(self) -> CollectionReader:
        """What reads the collections."""
        return self._reader

    @property
    def revision(self) -> CacheRevision:
        """The numbers of responses that the cache dropped or did not store.

        While it does not change, the same question can be answered from the same documents.
        """
        return self._reader.revision

    @property
    def cached_bytes(self) -> int:
        """The size of the cached documents, in bytes as Oura sent them."""
        return self._reader.cached_bytes

    def clear(self) -> None:
        """Drop every cached document."""
        self._reader.clear()

    async def aclose(self) -> None:
        """Drop every cached document and close what this client has opened."""
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
