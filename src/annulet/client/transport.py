"""One request to Oura: bearer, pacing, retries, and an error where no answer came.

A request is GET, carries the token in one header, follows no redirect and is repeated only where
repeating can help: once with a renewed token, a few times after an outage (of the sign-in service
too), and after a 429 as soon as Oura allows, all within the deadline of the question.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import anyio
import msgspec

from annulet.client.error_mapping import Answer, probably_not_granted, refusal
from annulet.client.single_flight import SingleFlight
from annulet.client.token_provider import TokenProvider
from annulet.contract.collections import PERSONAL_INFO, AnyCollection
from annulet.errors import (
    AnnuletError,
    ConsentRevoked,
    OuraRateLimited,
    OuraUnavailable,
    UsageError,
)

if TYPE_CHECKING:
    import httpx2

__all__ = ["Pace", "Transport"]

_logger = logging.getLogger(__name__)

_UNREADABLE: Final = object()
# Any living token may read it: it tells a token that has ended from one that lacks a permission.
_ANY_TOKEN: Final = PERSONAL_INFO
_OUTAGE_PAUSES: Final = (0.25, 0.5, 1.0)
_LIMIT_PAUSES: Final = (1.0, 2.0, 4.0, 8.0, 16.0)


@dataclass(frozen=True, slots=True)
class Pace:
    """Time as the transport sees it, and how many requests may be under way.

    Attributes:
        clock: Monotonic seconds.
        wall: Seconds since 1970, only to read dates in headers.
        sleep: Waits.
        jitter: A number from 0 up to 1 that keeps clients from returning in step.
        parallel: How many requests at the same time.
    """

    clock: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = anyio.sleep
    jitter: Callable[[], float] = random.random
    parallel: int = 8


class Transport:
    """Asks Oura; knows tokens only as something a provider hands out.

    Args:
        tokens: Where tokens come from.
        api_url: The checked root of the API.
        user_agent: How annulet introduces itself.
        http: A client of the caller's, who also closes it; else one of our own, made when first
            needed.
        pace: Time and concurrency.
    """

    def __init__(
        self,
        tokens: TokenProvider,
        api_url: str,
        *,
        user_agent: str,
        http: httpx2.AsyncClient | None = None,
        pace: Pace | None = None,
    ) -> None:
        self._tokens = tokens
        self._api_url = api_url
        self._user_agent = user_agent
        self._lent = http
        self._own: httpx2.AsyncClient | None = None
        self._pace = pace or Pace()
        self._slots = anyio.Semaphore(self._pace.parallel)
        self._renewals: SingleFlight[str, str] = SingleFlight()
        self._replaced: tuple[str, str] | None = None
        self._probes: SingleFlight[str, bool] = SingleFlight()
        self._in_vain: dict[str, str] = {}
        self._not_before = 0.0
        self._closed = False

    @property
    def clock(self) -> Callable[[], float]:
        """The monotonic clock deadlines are measured with."""
        return self._pace.clock

    async def aclose(self) -> None:
        """Close what was opened here."""
        self._closed = True
        own, self._own = self._own, None
        if own is not None:
            await own.aclose()

    async def get(
        self, path: str, params: Mapping[str, str], *, about: AnyCollection, until: float
    ) -> tuple[Any, int]:
        """What Oura answers to one request, and its size in bytes.

        Args:
            path: From the root of the API.
            params: Query parameters.
            about: The collection that is asked.
            until: The deadline on the monotonic clock.

        Raises:
            AnnuletError: As the status says, after the retries that make sense.
        """
        outages, limits = iter(_OUTAGE_PAUSES), iter(_LIMIT_PAUSES)
        token = await self._obtained(self._tokens.access_token, outages, until)
        renewed = self._in_vain.get(about.name) == token
        while True:
            await self._hold(until)
            answer = await self._send(path, params, token, until)
            content = _content(answer)
            if content is not _UNREADABLE:
                return content, len(answer.body)
            error = refusal(answer, about, now=self._pace.wall())
            _log(answer, about)
            if isinstance(error, ConsentRevoked):
                if renewed:
                    raise await self._doubted(token, error, about, until)
                token, renewed = await self._another(token, about, outages, until), True
            elif isinstance(error, OuraRateLimited):
                pause = next(limits, None)
                self._limit(error, pause, until)
            elif isinstance(error, OuraUnavailable) and not 300 <= answer.status < 400:  # noqa: PLR2004 - a redirect stays one
                await self._pause(error, next(outages, None), until)
            else:
                raise error

    async def _send(self, path: str, params: Mapping[str, str], token: str, until: float) -> Answer:
        """One attempt; status 0 where no answer came.

        Raises:
            OuraUnavailable: The deadline has come.
        """
        import httpx2

        headers = {
            "Authorization": f"Bearer {token}",
            "User-Agent": self._user_agent,
            "Accept": "application/json",
        }
        with anyio.move_on_after(max(0.0, until - self._pace.clock())):
            async with self._slots:
                try:
                    response = await self._http().get(
                        self._api_url + path,
                        params=dict(params),
                        headers=headers,
                        follow_redirects=False,
                    )
                except (httpx2.RequestError, OSError) as failure:
                    _logger.debug("No answer from Oura: %s", type(failure).__name__)
                    return Answer(0)
                return Answer(response.status_code, dict(response.headers), response.content)
        raise OuraUnavailable(
            "Oura did not answer in the time a question may take.",
            hint="Try again in a few minutes, or ask for fewer days.",
        )

    def _http(self) -> httpx2.AsyncClient:
        if self._closed:
            raise UsageError("This client is closed.", hint="Open a new OuraClient.")
        if self._lent is not None:
            return self._lent
        if self._own is None:
            import httpx2

            self._own = httpx2.AsyncClient(
                timeout=httpx2.Timeout(30.0, connect=10.0),
                limits=httpx2.Limits(
                    max_connections=self._pace.parallel,
                    max_keepalive_connections=self._pace.parallel,
                    keepalive_expiry=60.0,
                ),
                trust_env=False,
                verify=_trust(self._api_url),
            )
        return self._own

    async def _obtained(
        self, obtain: Callable[[], Awaitable[str]], outages: Iterator[float], until: float
    ) -> str:
        """A token; a short outage of the sign-in service is waited out like one of the API."""
        while True:
            try:
                return await obtain()
            except OuraUnavailable as error:
                await self._pause(error, next(outages, None), until)

    async def _another(
        self, rejected: str, about: AnyCollection, outages: Iterator[float], until: float
    ) -> str:
        try:
            return await self._obtained(lambda: self._renew(rejected), outages, until)
        except ConsentRevoked as refused:
            raise await self._doubted(rejected, refused, about, until) from None

    async def _doubted(
        self, token: str, error: AnnuletError, about: AnyCollection, until: float
    ) -> AnnuletError:
        """What a refusal without a reason means.

        The end of the connection, unless Oura takes the same token elsewhere: then it is this
        collection that the token may not read, and renewing again would not help either.
        """
        if about is _ANY_TOKEN or not await self._accepted(token, until):
            return error
        self._in_vain[about.name] = token
        return probably_not_granted(about.scope)

    async def _accepted(self, token: str, until: float) -> bool:
        async def probe() -> bool:
            try:
                answer = await self._send(_ANY_TOKEN.path, {}, token, until)
            except OuraUnavailable:
                return False
            return _content(answer) is not _UNREADABLE

        return await self._probes.run(token, probe)

    async def _renew(self, rejected: str) -> str:
        """Another token: one renewal for all requests that were refused with the same one."""
        if self._replaced is not None and self._replaced[0] == rejected:
            return self._replaced[1]

        async def renewal() -> str:
            fresh = await self._tokens.renew(rejected)
            self._replaced = (rejected, fresh)
            return fresh

        return await self._renewals.run(rejected, renewal)

    def _limit(self, error: OuraRateLimited, pause: float | None, until: float) -> None:
        """Hold all requests of this client until Oura wants to be asked again."""
        if pause is None:
            raise error
        wait = pause if error.retry_after is None else error.retry_after
        ready = self._pace.clock() + wait + self._pace.jitter() * min(1.0, 0.1 + wait / 4)
        if ready >= until:
            raise error
        self._not_before = max(self._not_before, ready)

    async def _hold(self, until: float) -> None:
        wait = self._not_before - self._pace.clock()
        if wait <= 0:
            return
        if self._not_before >= until:
            raise OuraRateLimited(
                "Oura limits how often it may be asked, and the limit is reached.",
                hint=f"Ask again in {max(1, round(wait))} seconds.",
                retry_after=wait,
            )
        await self._pace.sleep(wait)

    async def _pause(self, error: AnnuletError, pause: float | None, until: float) -> None:
        if pause is None:
            raise error
        wait = pause * (0.5 + self._pace.jitter())
        if self._pace.clock() + wait >= until:
            raise error
        await self._pace.sleep(wait)


def _content(answer: Answer) -> Any:
    """The JSON of a 200, else the mark for "not readable"."""
    if answer.status != 200:  # noqa: PLR2004 - a status reads best as a number
        return _UNREADABLE
    try:
        return msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, RecursionError):
        return _UNREADABLE


def _trust(api_url: str) -> Any:
    """Which authorities to trust; none over plain http, which saves reading them all."""
    if api_url.startswith("https:"):
        return True
    import ssl

    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _log(answer: Answer, about: AnyCollection) -> None:
    trace = answer.headers.get("x-trace-id", "")
    shown = trace if trace.replace("-", "").isalnum() and len(trace) <= 80 else ""  # noqa: PLR2004 - longer is not a trace
    _logger.debug("Oura answered %d to %s, trace %s", answer.status, about.name, shown or "none")
