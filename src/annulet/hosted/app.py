"""The service as one ASGI application: pages, authorization server and MCP endpoints."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, Unpack
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from annulet.hosted.admin.admin_pages import ROUTES as ADMIN
from annulet.hosted.authorization.oauth_routes import OAuthRoutes
from annulet.hosted.clock import Clock
from annulet.hosted.connections.stored_keys import CHAT_STATE
from annulet.hosted.dashboard import (
    access_pages,
    account_pages,
    connect_pages,
    consent_pages,
    endpoint_pages,
    example_chart,
    sign_in_pages,
    today_pages,
    toolkit_pages,
)
from annulet.hosted.dashboard.error_pages import HANDLERS
from annulet.hosted.dashboard.rendering import STATIC, environment
from annulet.hosted.database.format import read_format
from annulet.hosted.gateway import Gateway
from annulet.hosted.lifespan import check_settings, service_lifespan
from annulet.hosted.service import Given, Service, build_service
from annulet.hosted.web.guards import BodyLimit, FormGuard, HostGuard
from annulet.hosted.web.request_log import RequestLog
from annulet.hosted.web.security_headers import SecurityHeaders
from annulet.hosted.webhooks.receiver import BODY_LIMIT
from annulet.hosted.webhooks.subscription_settings import PATH as EVENTS
from annulet.mcp_server.protocol.http import mcp_app
from annulet.settings import Settings
from annulet.toolkit.answers import TOOLS

__all__ = ["create_app"]

_PROGRAMS: Final = ("register", "token", "revoke")
_METADATA: Final = (
    "authorization-server",
    "protected-resource",
    "protected-resource/mcp",
    "protected-resource/mcp/{endpoint}",
)

_PAGE_LIMIT: Final = 64 * 1024
_OTHER_LIMITS: Final = (("/mcp", 1024 * 1024), (EVENTS, BODY_LIMIT))


def create_app(settings: Settings, *, clock: Clock, **given: Unpack[Given]) -> Starlette:
    """The whole service; it runs inside its lifespan.

    Raises:
        UsageError: The settings would be unsafe.
    """
    check_settings(settings)
    door = _Door()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        # a service that was stopped can be started again: its rooms are made anew each time
        service = build_service(settings, clock=clock, **given)
        async with service_lifespan(service):
            app.state.service = service
            parts = urlsplit(settings.public_url)
            server = mcp_app(
                hosts=[parts.hostname or ""],
                origins=[f"{parts.scheme}://{parts.netloc}"],
                state_keys=[await service.kept_keys.get(CHAT_STATE)],
            )
            async with server.running():
                door.open(service, server)
                try:
                    yield
                finally:
                    door.close()

    app = Starlette(
        routes=_routes(door),
        lifespan=lifespan,
        middleware=_guards(settings.public_url),
        exception_handlers=HANDLERS,
    )
    app.state.templates = environment()
    return app


def _guards(public_url: str) -> list[Middleware]:
    """What a request passes before it reaches a page, the outermost first."""
    return [
        Middleware(RequestLog),
        Middleware(SecurityHeaders, secure=public_url.startswith("https://")),
        Middleware(HostGuard, public_url=public_url),
        Middleware(BodyLimit, limit=_PAGE_LIMIT, others=_OTHER_LIMITS),
        Middleware(FormGuard, public_url=public_url),
    ]


class _Door:
    """The parts that exist only while the service runs."""

    def __init__(self) -> None:
        self._gateway: ASGIApp | None = None
        self._authorization: Starlette | None = None
        self._receiver: ASGIApp | None = None

    def open(self, service: Service, server: ASGIApp) -> None:
        public_url = service.settings.public_url
        self._gateway = Gateway(
            server,
            tools=TOOLS,
            public_url=public_url,
            endpoints=service.endpoints,
            bearers=service.bearers,
            contexts=service.contexts,
            outcomes=service.outcomes,
            journal=service.journal,
        )
        http = OAuthRoutes(
            public_url=public_url,
            clients=service.clients,
            grants=service.grants,
            tokens=service.tokens,
            endpoints=service.endpoints,
            bearers=service.bearers,
            throttle=service.throttle,
            journal=service.journal,
        )
        self._authorization = http.app()
        self._receiver = service.receiver

    def close(self) -> None:
        self._gateway = self._authorization = self._receiver = None

    async def gateway(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self._gateway or _stopped)(scope, receive, send)

    async def authorization(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self._authorization or _stopped)(scope, receive, send)

    async def receiver(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self._receiver or _stopped)(scope, receive, send)


class _Endpoint:
    """An ASGI application as the endpoint of a route, for every method."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


def _routes(door: _Door) -> list[BaseRoute]:
    gateway, programs = _Endpoint(door.gateway), _Endpoint(door.authorization)
    well_known = "/.well-known/oauth-"
    paths = [
        *(f"{prefix}/{name}" for prefix in ("", "/oauth") for name in _PROGRAMS),
        *(f"{well_known}{name}" for name in _METADATA),
    ]
    return [
        Route("/healthz", _healthy),
        Route("/readyz", _ready),
        Route("/mcp", gateway),
        Route("/mcp/{endpoint}", gateway),
        Route(EVENTS, _Endpoint(door.receiver)),
        *(Route(path, programs) for path in paths),
        *sign_in_pages.ROUTES,
        *example_chart.ROUTES,
        *toolkit_pages.ROUTES,
        *connect_pages.ROUTES,
        *endpoint_pages.ROUTES,
        *access_pages.ROUTES,
        *account_pages.ROUTES,
        *today_pages.ROUTES,
        *consent_pages.ROUTES,
        *ADMIN,
        Mount("/static", _Cached(StaticFiles(directory=STATIC))),
    ]


class _Cached:
    """Lets browsers keep our own files; their addresses carry the version."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["cache-control"] = "public, max-age=86400"
            await send(message)

        await self._app(scope, receive, dated)


async def _healthy(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _ready(request: Request) -> Response:
    service: Service | None = getattr(request.app.state, "service", None)
    try:
        if service is not None:
            await read_format(service.database)
            return JSONResponse({"status": "ready"})
    except SQLAlchemyError:
        pass  # said by the status below
    return JSONResponse({"status": "not ready"}, status_code=503)


async def _stopped(scope: Scope, receive: Receive, send: Send) -> None:
    await JSONResponse({"error": "stopping"}, status_code=503)(scope, receive, send)
