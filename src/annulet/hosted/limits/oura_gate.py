"""The gate before Oura: one budget for the whole application, and a breaker.

Oura limits the application and not the person (5,000 requests in five minutes), so people share a
budget. What is beyond it, and what Oura has just refused to everybody, is answered here as Oura
would answer it, without a request.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from annulet.client.transport import Send
from annulet.hosted.limits.shared_bucket import SharedBucket
from annulet.hosted.observability.oura_requests import OuraRequests
from annulet.oura_http.retry_after import retry_after_s
from annulet.oura_http.sending import NoResponse, Response

_TOO_MANY: Final = 429
_FAILED: Final = 500
_UNAVAILABLE: Final = 503
_LEAST_HOLD_S: Final = 1.0
_MOST_HOLD_S: Final = 300.0


class Breaker:
    """Stops requests for a moment after many have failed one after another.

    Args:
        monotonic: A clock that never goes back, in seconds.
        failures: How many in a row open it.
        open_s: For how long; then one request is tried.
    """

    def __init__(
        self, monotonic: Callable[[], float], *, failures: int = 20, open_s: float = 2.0
    ) -> None:
        self._monotonic = monotonic
        self._most_failures = failures
        self._open_s = open_s
        self._failures = 0
        self._closed_at = 0.0

    @property
    def is_open(self) -> bool:
        """Whether requests are stopped, but for one now and then."""
        return self._failures >= self._most_failures

    def try_pass(self) -> float:
        """Return 0 where a request may be sent, else the seconds until one may."""
        if not self.is_open:
            return 0.0
        wait_s = self._closed_at - self._monotonic()
        if wait_s > 0:
            return wait_s
        # this one is the trial: the others go on waiting for how it ends
        self._closed_at = self._monotonic() + self._open_s
        return 0.0

    def record(self, *, is_failure: bool) -> None:
        """Record how a request ended."""
        self._failures = self._failures + 1 if is_failure else 0
        if self.is_open:
            self._closed_at = self._monotonic() + self._open_s


class OuraGate:
    """Lets the requests of all people through while Oura is likely to answer them.

    Args:
        budget: The requests that the application has left, of all replicas.
        requests: Observes the requests.
        monotonic: A clock that never goes back, in seconds.
    """

    def __init__(
        self,
        budget: SharedBucket | None,
        *,
        requests: OuraRequests | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._budget = budget
        self._requests = requests or OuraRequests()
        self._breaker = Breaker(monotonic)

    @property
    def is_breaker_open(self) -> bool:
        """Whether Oura has failed so often that it is only tried now and then."""
        return self._breaker.is_open

    async def __call__(self, send_once: Send, collection: str) -> Response:
        """Send a request, or answer in place of Oura.

        Raises:
            NoResponse: None came.
        """
        if wait_s := self._breaker.try_pass():
            return self._hold_back("breaker", _UNAVAILABLE, wait_s)
        if self._budget is not None and (wait_s := await self._budget.take()):
            return self._hold_back("budget", _TOO_MANY, wait_s)
        response = await self._send(send_once, collection)
        if response.status == _TOO_MANY and self._budget is not None:
            wait_s = retry_after_s(response.headers) or _LEAST_HOLD_S
            await self._budget.hold(min(max(wait_s, _LEAST_HOLD_S), _MOST_HOLD_S))
        return response

    async def _send(self, send_once: Send, collection: str) -> Response:
        with self._requests.sending(collection) as request:
            try:
                response = await send_once()
            except NoResponse:
                self._breaker.record(is_failure=True)
                raise
            request.status = str(response.status)
        self._breaker.record(is_failure=response.status >= _FAILED)
        return response

    def _hold_back(self, reason: str, status: int, wait_s: float) -> Response:
        self._requests.hold_back(reason)
        return Response(status, {"retry-after": str(max(1, round(wait_s)))}, b"")
