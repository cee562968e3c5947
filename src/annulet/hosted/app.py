"""The service as one ASGI application: pages, authorization server and MCP endpoints."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from annulet.errors import DatabaseUnavailable, VaultError
from annulet.hosted.admin import admin_pages
from annulet.hosted.connections.stored_keys import CHAT_STATE_KEY
from annulet.hosted.dashboard import (
    access_pages,
    account_pages,
    audit_pages,
    company_pages,
    connect_pages,
    consent_pages,
    endpoint_pages,
    example_chart,
    passkey_pages,
    sign_in_pages,
    today_pages,
    toolkit_pages,
)
from annulet.hosted.dashboard.error_pages import HANDLERS
from annulet.hosted.dashboard.rendering import STATIC, load_templates
from annulet.hosted.database.format import check_format
from annulet.hosted.gateway import Gateway
from annulet.hosted.lifespan import check_settings, service_lifespan
from annulet.hosted.observability.recorder import NoRecorder
from annulet.hosted.observability.work_record import note
from annulet.hosted.program_routes import event_routes, oauth_routes
from annulet.hosted.service import Service
from annulet.hosted.web.body_check import BodyCheck
from annulet.hosted.web.concurrency_limit import ConcurrencyLimit
from annulet.hosted.web.forwarded_headers import ForwardedHeaders
from annulet.hosted.web.host_check import HostCheck
from annulet.hosted.web.origin_check import OriginCheck
from annulet.hosted.web.paths import EVENTS_PATH
from annulet.hosted.web.request_log import RequestLog
from annulet.hosted.web.security_headers import SecurityHeaders
from annulet.mcp_server.protocol.http import allow_loopback_pages, build_mcp_app
from annulet.settings import Settings
from annulet.toolkit.answers import TOOLS

_MAX_CONCURRENT: Final = 512
_READY_TIMEOUT_S: Final = 2.0
_PAGE_LIMIT_BYTES: Final = 64 * 1024
_LIMITS_BY_PATH: Final = (("/mcp", 1024 * 1024), (EVENTS_PATH, event_routes.MAX_EVENT_BYTES))


def create_app(
    settings: Settings,
    build_service: Callable[[], Service],
    *,
    runs_jobs: bool = True,
    metrics_listener: socket.socket | None = None,
) -> Starlette:
    """Build the ASGI application; it serves inside its lifespan.

    Args:
        settings: From the environment.
        build_service: Builds the service with these settings; called anew at each start, so that a
            service that was stopped can start again.
        runs_jobs: Whether this process runs the jobs of the service.
        metrics_listener: Where metrics are served; ``None`` for nowhere.

    Raises:
        UsageError: The settings would be unsafe.
    """
    check_settings(settings)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        service = build_service()
        async with service_lifespan(
            service, runs_jobs=runs_jobs, metrics_listener=metrics_listener
        ):
            parts = urlsplit(settings.public_url)
            server = build_mcp_app(
                hosts=[parts.hostname or ""],
                origins=[f"{parts.scheme}://{parts.netloc}"],
                state_keys=[await service.stored_keys.get(CHAT_STATE_KEY)],
                form=settings.mcp_content,
                middleware=service.tracing.middleware,
            )
            async with server.run():
                app.state.service, app.state.recorder = service, service.recorder
                app.state.gateway = _build_gateway(service, server)
                try:
                    yield
                finally:
                    app.state.gateway = None

    app = Starlette(
        routes=_routes(),
        lifespan=lifespan,
        middleware=_middleware(settings),
        exception_handlers=HANDLERS,
    )
    app.router.redirect_slashes = False
    app.state.templates = load_templates()
    app.state.gateway, app.state.recorder = None, NoRecorder()
    return app


def _middleware(settings: Settings) -> list[Middleware]:
    """List the middleware, the outermost first."""
    public_url = settings.public_url
    return [
        Middleware(ForwardedHeaders, trusted=settings.trusted_proxies),
        Middleware(RequestLog, shows_addresses=settings.observability.log_addresses),
        Middleware(SecurityHeaders, secure=public_url.startswith("https://")),
        Middleware(HostCheck, public_url=public_url),
        Middleware(ConcurrencyLimit, limit=_MAX_CONCURRENT),
        Middleware(BodyCheck, limit=_PAGE_LIMIT_BYTES, limits_by_path=_LIMITS_BY_PATH),
        Middleware(OriginCheck, public_url=public_url),
    ]


def _build_gateway(service: Service, server: ASGIApp) -> Gateway:
    return Gateway(
        server,
        tools=TOOLS,
        public_url=service.settings.public_url,
        endpoints=service.endpoints,
        bearers=service.authorization.bearers,
        contexts=service.toolkit.contexts,
        read_health=service.toolkit.read_health,
        audit=service.audit,
        limits=service.limits.questions,
        pseudonyms=service.pseudonyms,
        recorder=service.recorder,
    )


class _McpEndpoint:
    """Passes requests of every method on to the gateway, which exists while the service runs."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        gateway: Gateway | None = scope["app"].state.gateway
        if gateway is None:
            note(refusal="stopping")
        stopping = JSONResponse({"error": "stopping"}, status_code=503)
        await (gateway or stopping)(scope, receive, send)


def _routes() -> list[BaseRoute]:
    mcp = allow_loopback_pages(_McpEndpoint())
    return [
        Route("/healthz", _healthz),
        Route("/readyz", _readyz),
        # with a final slash too: a redirect would lead to http behind a TLS proxy
        *(Route(f"/mcp{path}", mcp) for path in ("", "/", "/{endpoint}", "/{endpoint}/")),
        *event_routes.ROUTES,
        *oauth_routes.build_routes(),
        *sign_in_pages.ROUTES,
        *example_chart.ROUTES,
        *toolkit_pages.ROUTES,
        *connect_pages.ROUTES,
        *endpoint_pages.ROUTES,
        *access_pages.ROUTES,
        *audit_pages.ROUTES,
        *account_pages.ROUTES,
        *passkey_pages.ROUTES,
        *company_pages.ROUTES,
        *today_pages.ROUTES,
        *consent_pages.ROUTES,
        *admin_pages.ROUTES,
        Mount("/static", _CachedFiles(StaticFiles(directory=STATIC))),
    ]


class _CachedFiles:
    """Lets browsers cache the static files; their addresses carry the version.

    Args:
        app: Serves the files.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_cacheable(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["cache-control"] = "public, max-age=86400"
            await send(message)

        await self._app(scope, receive, send_cacheable)


async def _healthz(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _readyz(request: Request) -> Response:
    """Tell whether the service can answer; a background task that fails is named."""
    service: Service | None = getattr(request.app.state, "service", None)
    if service is None:
        return JSONResponse({"status": "not ready"}, status_code=503)
    problems = service.background.read_problems()
    try:
        async with asyncio.timeout(_READY_TIMEOUT_S):
            await check_format(service.database)
    except (DatabaseUnavailable, TimeoutError):
        problems["database"] = DatabaseUnavailable.code
    except VaultError as problem:
        problems["database"] = problem.message
    if service.audit.lost_entries:
        problems["audit_entries_lost"] = str(service.audit.lost_entries)
    if "database" in problems:
        return JSONResponse({"status": "not ready", "problems": problems}, status_code=503)
    return JSONResponse({"status": "ready"} | ({"problems": problems} if problems else {}))
