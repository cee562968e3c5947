"""One POST to an OAuth endpoint, and one GET of a document: small, bounded, telling little.

Texts of the HTTP library and bodies of the server never leave this file: they may hold request
data.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from annulet.contract.addresses import fit_for_tokens, is_loopback
from annulet.errors import UsageError

if TYPE_CHECKING:
    import httpx2

__all__ = ["LIMIT_SECONDS", "Answer", "Unanswered", "checked_url", "get", "post"]

LIMIT_SECONDS: Final = 60.0
_CONNECT_SECONDS: Final = 10.0
_LARGEST_BODY: Final = 65_536


class Unanswered(Exception):  # noqa: N818 - a turn of events, translated by the callers
    """No usable answer came.

    Args:
        sent: Whether the request may have reached the server.
        retry_after: Seconds after which the server wants to be asked again, if it said so.
    """

    def __init__(self, *, sent: bool, retry_after: float | None = None) -> None:
        super().__init__("no usable answer")
        self.sent = sent
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and JSON object of an answer; ``fields`` is empty for anything else."""

    status: int
    fields: Mapping[str, Any]
    retry_after: float | None = None

    @property
    def ok(self) -> bool:
        """Whether the server says that it did what was asked."""
        return 200 <= self.status < 300  # noqa: PLR2004 - the class of success


async def post(
    url: str,
    form: Mapping[str, str],
    *,
    http: httpx2.AsyncClient | None = None,
    bearer: str = "",
    limit: float = LIMIT_SECONDS,
) -> Answer:
    """Send one form, once.

    Raises:
        Unanswered: No answer came.
    """
    headers = {"authorization": f"Bearer {bearer}"} if bearer else {}
    return await _ask("POST", url, form=form, headers=headers, http=http, limit=limit)


async def get(url: str, *, http: httpx2.AsyncClient | None = None, limit: float = 10.0) -> Answer:
    """Fetch one JSON document.

    Raises:
        Unanswered: No answer came.
    """
    return await _ask("GET", url, form=None, headers={}, http=http, limit=limit)


def checked_url(url: str) -> str:
    """The address, if tokens may be sent there: https, or plain http on this machine.

    Raises:
        UsageError: Neither.
    """
    if fit_for_tokens(url):
        return url
    raise UsageError(
        "An address of the sign-in service is neither https nor on this machine.",
        hint="Check the ANNULET_OURA_… addresses; plain http works only for 127.0.0.1.",
    )


async def _ask(
    method: str,
    url: str,
    *,
    form: Mapping[str, str] | None,
    headers: Mapping[str, str],
    http: httpx2.AsyncClient | None,
    limit: float,
) -> Answer:
    import httpx2

    every = {"accept": "application/json", "accept-encoding": "identity", **headers}
    try:
        async with asyncio.timeout(limit), _client(url, http, limit) as client:
            asked = client.stream(method, url, data=form, headers=every, follow_redirects=False)
            async with asked as response:
                body = await _body(response)
                return Answer(response.status_code, _object(body), _retry_after(response))
    except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.InvalidURL):
        raise Unanswered(sent=False) from None
    except (httpx2.HTTPError, TimeoutError, OSError):
        raise Unanswered(sent=True) from None


@asynccontextmanager
async def _client(
    url: str, http: httpx2.AsyncClient | None, limit: float
) -> AsyncIterator[httpx2.AsyncClient]:
    if http is not None:
        yield http
        return
    import httpx2

    timeout = httpx2.Timeout(limit, connect=min(_CONNECT_SECONDS, limit))
    away = not is_loopback(urlsplit(url).hostname)  # a proxy of the environment cannot reach us
    async with httpx2.AsyncClient(timeout=timeout, trust_env=away) as client:
        yield client


async def _body(response: httpx2.Response) -> bytes:
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > _LARGEST_BODY:
            return b""
    return bytes(body)


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _retry_after(response: httpx2.Response) -> float | None:
    value = response.headers.get("retry-after", "").strip()
    short_number = value.isascii() and value.isdigit() and len(value) <= 6  # noqa: PLR2004 - days
    return float(value) if short_number else None
