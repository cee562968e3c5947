"""A balancer for machines without haproxy: each request goes to the next replica that answers."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from itertools import cycle
from pathlib import Path
from typing import Self

import httpx2
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from annulet.simulator.server import ThreadedServer

_NOT_PASSED_ON = {"connection", "content-encoding", "content-length", "transfer-encoding"}


class RoundRobin(AbstractContextManager["RoundRobin"]):
    """Listens on a port while a ``with`` block lasts.

    Args:
        urls: The replicas.
        port: Where to listen on loopback.
    """

    def __init__(self, urls: Sequence[str], port: int) -> None:
        self._count, self._turns = len(urls), cycle(urls)
        # Cookies are the people's: a balancer that kept them would sign one in as another.
        none_kept = CookieJar(DefaultCookiePolicy(allowed_domains=()))
        self._http = httpx2.AsyncClient(cookies=none_kept, trust_env=False, timeout=120)
        # uvicorn takes a bound method for an application of ASGI 2, and calls it with one argument.
        self._server = ThreadedServer(self, port, "127.0.0.1")

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.__exit__(None, None, None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        response = await self._find_response(Request(scope, receive))
        await response(scope, receive, send)

    async def _find_response(self, request: Request) -> Response:
        body = await request.body()
        client = request.client.host if request.client else ""
        headers = [(n, v) for n, v in request.headers.items() if n != "x-forwarded-for"]
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        for _ in range(self._count):
            try:
                answer = await self._http.request(
                    request.method,
                    next(self._turns) + target,
                    content=body,
                    headers=[*headers, ("x-forwarded-for", client)],
                )
            except httpx2.ConnectError:
                continue
            except httpx2.TransportError:
                return PlainTextResponse("The replica has gone.", status_code=502)
            response = Response(answer.content, status_code=answer.status_code)
            response.raw_headers += [
                (name, value)
                for name, value in answer.headers.raw
                if name.decode().lower() not in _NOT_PASSED_ON
            ]
            return response
        return PlainTextResponse("No replica answers.", status_code=503)
