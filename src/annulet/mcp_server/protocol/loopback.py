"""The HTTP server for one person on one machine: ``/mcp``, loopback only, behind a bearer key.

It offers no OAuth on purpose: a client that finds OAuth metadata ignores the key it was given.
"""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from annulet.contract.addresses import LOOPBACK_NAMES
from annulet.mcp_server.content_form import ContentForm
from annulet.mcp_server.protocol.http import McpApp, allow_loopback_pages, build_mcp_app
from annulet.mcp_server.protocol.lazy_context import LazyContext, OpenContext, open_lazily
from annulet.mcp_server.request_person import PERSON_KEY, RequestPerson
from annulet.vault.secret import Secret

PATH: Final = "/mcp"


class _KeyCheck:
    """Passes a request with the key on, as a request of the one person there is."""

    def __init__(self, app: McpApp, key: Secret) -> None:
        self._app = app
        self._key = key
        self.context: LazyContext | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._has_key(Headers(scope=scope).get("authorization", "")):
            await _build_unauthorized()(scope, receive, send)
            return
        if self.context is not None:
            scope[PERSON_KEY] = RequestPerson(self.context.get, principal="one-person")
        await self._app(scope, receive, send)

    def _has_key(self, header: str) -> bool:
        kind, _, given = header.partition(" ")
        expected = self._key.reveal().encode()
        return kind.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), expected)


def build_loopback_app(
    open_context: OpenContext, key: Secret, *, form: ContentForm = "both"
) -> Starlette:
    """Build the application that ``annulet mcp --http`` serves.

    Args:
        open_context: Opens the person's context; called by the first question.
        key: What clients send as ``Authorization: Bearer …``.
        form: The form in which answers are sent.
    """
    app = build_mcp_app(form=form)
    checked = _KeyCheck(app, key)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with open_lazily(open_context) as context, app.run():
            checked.context = context
            yield
            checked.context = None

    async def health(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    pages = allow_loopback_pages(checked)
    routes = [Route(PATH, pages), Route(f"{PATH}/", pages), Route("/healthz", health)]
    return Starlette(routes=routes, lifespan=lifespan, middleware=[Middleware(_LoopbackCheck)])


class _LoopbackCheck:
    """Refuses a ``Host`` that is not this machine, before the request is looked at."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _is_loopback(Headers(scope=scope).get("host", "")):
            refusal = Response("This server answers on this machine only.", status_code=421)
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _is_loopback(host: str) -> bool:
    name, _, port = host.rpartition(":") if not host.endswith("]") else (host, "", "")
    return (name or port) in LOOPBACK_NAMES


def _build_unauthorized() -> Response:
    body = {
        "error": "invalid_token",
        "error_description": "Send the key that `annulet mcp --http` showed, "
        "as the header: Authorization: Bearer <key>.",
    }
    headers = {"WWW-Authenticate": 'Bearer realm="annulet", error="invalid_token"'}
    return JSONResponse(body, status_code=401, headers=headers)
