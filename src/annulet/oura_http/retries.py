"""When a request is sent again: after an outage, and after a rate limit as soon as Oura allows."""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import anyio

from annulet.errors import AnnuletError, OuraRateLimited, OuraUnavailable, RenewalUnfinished
from annulet.oura_http.error_mapping import rate_limit_error

T = TypeVar("T")

_OUTAGE_PAUSES_S: Final = (0.25, 0.5, 1.0)
_LIMIT_PAUSES_S: Final = (1.0, 2.0, 4.0, 8.0, 16.0)


class TemporaryFailure(Exception):
    """A failure that may be over at the next attempt.

    Args:
        error: What to raise when there is no next attempt.
    """

    def __init__(self, error: AnnuletError) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass(frozen=True, slots=True)
class Timing:
    """Time as requests see it.

    Attributes:
        clock: Monotonic seconds.
        sleep: Waits for seconds.
        jitter: A number from 0 up to 1, which keeps clients from returning in step.
    """

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = anyio.sleep
    jitter: Callable[[], float] = random.random


class RateLimit:
    """Holds all requests of one client until Oura wants the next one."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._not_before = 0.0

    async def wait(self, deadline: float) -> None:
        """Wait until requests are allowed.

        Raises:
            OuraRateLimited: They are not allowed before the deadline.
        """
        wait_s = self._not_before - self._timing.clock()
        if wait_s <= 0:
            return
        if self._not_before >= deadline:
            raise rate_limit_error(wait_s)
        await self._timing.sleep(wait_s)

    def hold(self, wait_s: float, deadline: float) -> bool:
        """Allow the next request in so many seconds; ``False`` where that is past the deadline."""
        jitter_s = self._timing.jitter() * min(1.0, 0.1 + wait_s / 4)
        ready_at = self._timing.clock() + wait_s + jitter_s
        if ready_at >= deadline:
            return False
        self._not_before = max(self._not_before, ready_at)
        return True


class Retries:
    """The attempts of one question, all of them before its deadline.

    Args:
        timing: Clock and waiting.
        rate_limit: The limit of the client that asks.
        deadline: On the clock.
    """

    def __init__(self, timing: Timing, rate_limit: RateLimit, deadline: float) -> None:
        self._timing = timing
        self._rate_limit = rate_limit
        self._deadline = deadline
        self._outage_pauses_s = iter(_OUTAGE_PAUSES_S)
        self._limit_pauses_s = iter(_LIMIT_PAUSES_S)

    async def run(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """The result of the first attempt that succeeds.

        Raises:
            AnnuletError: An attempt raised it, or the last attempt failed temporarily.
        """
        while True:
            await self._rate_limit.wait(self._deadline)
            try:
                return await attempt()
            except TemporaryFailure as failure:
                error = failure.error
            if not await self._prepare_next(error):
                raise error

    async def obtain_token(self, obtain: Callable[[], Awaitable[str]]) -> str:
        """A token; a short outage of the sign-in service is waited out like one of the API."""
        while True:
            try:
                return await obtain()
            except RenewalUnfinished:
                raise  # the question has waited for it as long as it can
            except OuraUnavailable as error:
                if not await self._wait_out_outage():
                    raise error from None

    async def _prepare_next(self, error: AnnuletError) -> bool:
        """Wait before the next attempt; ``False`` where there is none."""
        if not isinstance(error, OuraRateLimited):
            return await self._wait_out_outage()
        pause_s = next(self._limit_pauses_s, None)
        if pause_s is None:
            return False
        wait_s = pause_s if error.retry_after is None else error.retry_after
        return self._rate_limit.hold(wait_s, self._deadline)

    async def _wait_out_outage(self) -> bool:
        pause_s = next(self._outage_pauses_s, None)
        if pause_s is None:
            return False
        wait_s = pause_s * (0.5 + self._timing.jitter())
        if self._timing.clock() + wait_s >= self._deadline:
            return False
        await self._timing.sleep(wait_s)
        return True
