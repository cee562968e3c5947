"""Requests of one person to Oura's data API, with pacing, retries and renewal of the token.

A request is GET, carries the token in one header and is repeated only where repeating can help:
once with a renewed token, a few times after an outage (of the sign-in service too), and after a
rate limit as soon as Oura allows, all before the deadline of the question.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Final

import anyio

from annulet.contract.collections import PERSONAL_INFO, AnyCollection
from annulet.errors import UsageError
from annulet.oura_http.error_mapping import (
    data_error,
    deadline_error,
    is_temporary,
    no_response_error,
    unreadable_error,
)
from annulet.oura_http.renewal import TokenRenewal
from annulet.oura_http.retries import RateLimit, Retries, TemporaryFailure, Timing
from annulet.oura_http.sending import NoResponse, Request, RequestLimits, Response, open_http, send
from annulet.oura_http.token_provider import TokenProvider

if TYPE_CHECKING:
    import httpx2

_logger = logging.getLogger(__name__)

_LONGEST_TRACE: Final = 80
_LIMITS: Final = RequestLimits(
    total_s=math.inf, max_bytes=64 * 2**20
)  # the deadline bounds the time


Send = Callable[[], Awaitable[Response]]
"""Sends a request once."""
RequestGate = Callable[[Send, str], Awaitable[Response]]
"""Lets a request to the named collection through, or answers in place of Oura."""


async def _pass_through(send_once: Send, _collection: str) -> Response:
    """Let every request through."""
    return await send_once()


class Transport:
    """Sends requests with one person's token.

    Args:
        tokens: Where tokens come from.
        api_url: The checked root of the API.
        http: A client of the caller's, who also closes it; else one of our own, opened when first
            needed.
        timing: Clock and waiting.
        max_parallel: How many requests at the same time.
        gate: Lets each request through, or answers in place of Oura.
    """

    def __init__(
        self,
        tokens: TokenProvider,
        api_url: str,
        *,
        http: httpx2.AsyncClient | None = None,
        timing: Timing | None = None,
        max_parallel: int = 8,
        gate: RequestGate | None = None,
    ) -> None:
        self._api_url = api_url
        self._lent_http = http
        self._own_http: httpx2.AsyncClient | None = None
        self._timing = timing or Timing()
        self._max_parallel = max_parallel
        self._slots = anyio.Semaphore(max_parallel)
        self._renewal = TokenRenewal(tokens)
        self._rate_limit = RateLimit(self._timing)
        self._gate = gate or _pass_through
        self._is_closed = False

    @property
    def clock(self) -> Callable[[], float]:
        """The monotonic clock of the deadlines."""
        return self._timing.clock

    async def aclose(self) -> None:
        """Close what was opened here."""
        self._is_closed = True
        own_http, self._own_http = self._own_http, None
        if own_http is not None:
            await own_http.aclose()

    async def get(
        self, path: str, params: Mapping[str, str], *, collection: AnyCollection, deadline: float
    ) -> tuple[object, int]:
        """Send one request and return the JSON of its response, and its size in bytes.

        Args:
            path: From the root of the API.
            params: Query parameters.
            collection: The collection that is asked.
            deadline: When the question has to be answered, on the monotonic clock.

        Raises:
            AnnuletError: As the status says, after the retries that make sense.
        """
        retries = Retries(self._timing, self._rate_limit, deadline)

        async def send_with_retries(token: str) -> tuple[object, int]:
            return await retries.run(
                lambda: self._attempt(path, params, token, collection, deadline)
            )

        async def probe(token: str) -> None:
            await self._attempt(PERSONAL_INFO.path, {}, token, PERSONAL_INFO, deadline)

        return await self._renewal.run(
            collection, send_with_retries, probe=probe, obtain=retries.obtain_token
        )

    async def _attempt(
        self,
        path: str,
        params: Mapping[str, str],
        token: str,
        collection: AnyCollection,
        deadline: float,
    ) -> tuple[object, int]:
        """Send one attempt and return the JSON of its response.

        Raises:
            TemporaryFailure: Another attempt may succeed.
            AnnuletError: Another attempt would fail as well.
        """
        request = Request(
            url=self._api_url + path, params=params, headers={"authorization": f"Bearer {token}"}
        )
        try:
            response = await self._send(request, collection, deadline)
        except NoResponse as failure:
            raise TemporaryFailure(no_response_error(failure)) from None
        error = data_error(response, collection)
        if error is not None:
            _log(response, collection)
            raise TemporaryFailure(error) if is_temporary(response.status) else error
        if not response.is_complete:
            raise unreadable_error(response)
        try:
            return response.json(), len(response.body)
        except ValueError:
            raise TemporaryFailure(unreadable_error(response)) from None

    async def _send(self, request: Request, collection: AnyCollection, deadline: float) -> Response:
        http = self._http()
        with anyio.move_on_after(max(0.0, deadline - self._timing.clock())):
            async with self._slots:
                return await self._gate(lambda: send(http, request, _LIMITS), collection.name)
        raise deadline_error()

    def _http(self) -> httpx2.AsyncClient:
        if self._is_closed:
            raise UsageError("This client is closed.", hint="Open a new OuraClient.")
        if self._lent_http is not None:
            return self._lent_http
        if self._own_http is None:
            self._own_http = open_http(self._api_url, max_connections=self._max_parallel)
        return self._own_http


def _log(response: Response, collection: AnyCollection) -> None:
    trace = response.headers.get("x-trace-id", "")
    is_trace = trace.replace("-", "").isalnum() and len(trace) <= _LONGEST_TRACE
    _logger.debug(
        "Oura answered %d to %s, trace %s",
        response.status,
        collection.name,
        trace if is_trace else "none",
    )
