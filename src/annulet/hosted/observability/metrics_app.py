"""The address of the metrics: one path, and a token where one is set."""

from __future__ import annotations

import asyncio
import hmac
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from annulet.errors import DatabaseUnavailable
from annulet.hosted.observability.gauges import Gauge, GaugeCollector
from annulet.vault.secret import Secret

PATH: Final = "/metrics"
_READABLE: Final = re.compile(
    r"\s*[\w*.+-]+/[\w*.+-]+"
    r"(?:\s*;\s*(?:version=\d{1,4}(?:\.\d{1,4}){2}|(?!version=)[\w-]+=[\w.-]+))*\s*",
    re.ASCII,
)
"""An entry of ``Accept``; a version has three numbers."""
_SHARED_TIMEOUT_S: Final = 2.0
"""Scrapers wait ten seconds. Without the database they still get what the process knows."""


class MetricsApp:
    """The ASGI application of a scraper.

    Args:
        registry: What is exposed.
        gauges: The gauges in it.
        read_shared: Reads the gauges that need the database.
        token: What a scraper has to send as a bearer; ``None`` asks for nothing.
    """

    def __init__(
        self,
        registry: CollectorRegistry,
        gauges: GaugeCollector,
        read_shared: Callable[[], Awaitable[Sequence[Gauge]]],
        *,
        token: Secret | None,
    ) -> None:
        self._registry = registry
        self._gauges = gauges
        self._read_shared = read_shared
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a scrape."""
        if scope["type"] == "http":
            response = await self._answer(scope, Headers(scope=scope))
            # few connections may be open, and none is kept for a client without the token or a
            # body that never ends; a scraper opens one every few seconds
            response.headers["connection"] = "close"
            await response(scope, receive, send)

    async def _answer(self, scope: Scope, headers: Headers) -> Response:
        if not self._is_allowed(headers.get("authorization", "")):
            challenge = {"www-authenticate": 'Bearer realm="annulet metrics"'}
            return PlainTextResponse("The metrics need their token.", 401, challenge)
        if scope["path"] != PATH:
            return PlainTextResponse(f"The metrics are at {PATH}.", 404)
        if scope["method"] not in {"GET", "HEAD"}:
            return PlainTextResponse("The metrics are only read.", 405, {"allow": "GET, HEAD"})
        try:
            async with asyncio.timeout(_SHARED_TIMEOUT_S):
                self._gauges.shared = await self._read_shared()
        except (DatabaseUnavailable, TimeoutError):
            self._gauges.shared = ()  # what is not known is left out
        return _expose(self._registry, headers.get("accept", ""))

    def _is_allowed(self, authorization: str) -> bool:
        if self._token is None:
            return True
        kind, _, given = authorization.partition(" ")
        is_right = hmac.compare_digest(given.strip().encode(), self._token.reveal().encode())
        return is_right and kind.casefold() == "bearer"


def _expose(registry: CollectorRegistry, accept: str) -> Response:
    """Write the metrics in a format that a scraper accepts, else in the default format."""
    # prometheus-client raises errors of many types for an entry that it cannot read
    readable = ",".join(entry for entry in accept.split(",") if _READABLE.fullmatch(entry))
    encode, content_type = choose_encoder(readable)
    return Response(encode(registry), headers={"content-type": content_type})
