"""The server over Streamable HTTP: one address, both protocol eras, no sessions.

`McpApp` does not authenticate. The application that mounts it does, and leaves a `RequestPerson` in
the ASGI scope under `PERSON_KEY`.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import mcp_types as types
from mcp.server.context import ServerMiddleware
from mcp.server.request_state import RequestStateBoundary, RequestStateSecurity
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecurityMiddleware, TransportSecuritySettings
from sse_starlette.sse import AppStatus
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from annulet.contract.addresses import LOOPBACK_NAMES
from annulet.mcp_server.content_form import ContentForm
from annulet.mcp_server.protocol.catalogue_bundle import build_catalogue_bundle
from annulet.mcp_server.protocol.http_body import MAX_BYTES, RequestBody
from annulet.mcp_server.protocol.instructions import INSTRUCTIONS
from annulet.mcp_server.protocol.server import build_server
from annulet.mcp_server.request_person import McpServer, find_person_in_scope, find_principal

_STATE_LIFETIME_S: Final = 900.0
_LOOPBACK_ORIGIN: Final = rf"https?://({'|'.join(map(re.escape, LOOPBACK_NAMES))})(:\d+)?"


class McpApp:
    """One server as an ASGI application; it answers on whatever path it is mounted.

    It runs only inside `run`, which the mounting application enters in its lifespan.

    Args:
        server: The server.
        security: Which ``Host`` and ``Origin`` headers are accepted.
        stateless: Whether the older era goes without sessions, as it does in production.
    """

    def __init__(
        self,
        server: McpServer,
        security: TransportSecuritySettings,
        *,
        stateless: bool = True,
    ) -> None:
        self._server = server
        self._security = security
        self._security_check = TransportSecurityMiddleware(security)
        self._stateless = stateless
        self._manager: StreamableHTTPSessionManager | None = None

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Accept requests for as long as the block lasts; may be entered again afterwards."""
        manager = StreamableHTTPSessionManager(
            app=self._server,
            stateless=self._stateless,
            security_settings=self._security,
            max_request_body_size=MAX_BYTES,
        )
        if self._stateless:
            # no stream is endless: at a stop each one ends with its answer instead of being cut
            AppStatus.enable_automatic_graceful_drain = False
        async with manager.run():
            self._manager = manager
            try:
                yield
            finally:
                self._manager = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if self._manager is None:
            refusal: Response | None = Response("The server is not running.", status_code=503)
        elif scope["method"] != "POST" and self._stateless:
            refusal = await self._refuse_stream(scope, receive)
        else:
            refusal = None
        if refusal is not None:
            await refusal(scope, receive, send)
        elif self._manager is not None:
            await self._answer(self._manager, scope, receive, send)

    async def _answer(
        self, manager: StreamableHTTPSessionManager, scope: Scope, receive: Receive, send: Send
    ) -> None:
        body = await RequestBody.read(receive)
        checked = body.check(scope)
        if isinstance(checked, types.JSONRPCError):
            request = Request(scope, body.replay(receive))
            forbidden = await self._security_check.validate_request(request, is_post=True)
            refusal = forbidden or _build_bad_request(checked)
            await refusal(scope, receive, send)
        else:
            await manager.asgi_app(checked, body.replay(receive), send)

    async def _refuse_stream(self, scope: Scope, receive: Receive) -> Response:
        """Refuse GET and DELETE: without sessions there is no stream and nothing to delete."""
        forbidden = await self._security_check.validate_request(Request(scope, receive))
        return forbidden or Response(status_code=405, headers={"Allow": "POST"})


def _build_bad_request(error: types.JSONRPCError) -> Response:
    text = error.model_dump_json(by_alias=True, exclude_unset=True)
    return Response(text, status_code=400, media_type="application/json")


def allow_loopback_pages(app: ASGIApp) -> ASGIApp:
    """Let pages of this machine, such as the Inspector's, ask; they have to send a bearer, too."""
    return CORSMiddleware(
        app,
        allow_origin_regex=_LOOPBACK_ORIGIN,
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["*"],
        allow_private_network=True,
        expose_headers=["www-authenticate", "mcp-session-id", "mcp-protocol-version"],
    )


def build_mcp_app(
    *,
    hosts: Sequence[str] = (),
    origins: Sequence[str] = (),
    state_keys: Sequence[bytes] = (),
    instructions: str = INSTRUCTIONS,
    form: ContentForm = "both",
    middleware: Sequence[ServerMiddleware[Any]] = (),
) -> McpApp:
    """Build the server with all tools, for loopback and for the named hosts.

    Args:
        hosts: Values of the ``Host`` header to accept besides loopback (any port).
        origins: Values of the ``Origin`` header to accept besides loopback.
        state_keys: Secrets (32 bytes or more) that seal the state which a client returns; replicas
            share them, the first one seals. Without any, a key of this process.
        instructions: What clients show a model first.
        form: The form in which answers are sent.
        middleware: What runs around each request, outside of everything of ours.
    """
    server = build_server(
        find_person=find_person_in_scope,
        instructions=instructions,
        form=form,
        **build_catalogue_bundle(),
    )
    server.middleware.append(build_state_boundary(state_keys))
    server.middleware[:0] = middleware
    return McpApp(server, build_transport_security(hosts, origins))


def build_transport_security(
    hosts: Sequence[str] = (), origins: Sequence[str] = ()
) -> TransportSecuritySettings:
    """Build the check that accepts loopback and the named hosts and origins only.

    Args:
        hosts: Host names without port.
        origins: Origins with scheme, and port where it is not the scheme's own.
    """
    names = [*LOOPBACK_NAMES, *hosts]
    local = [f"http://{name}" for name in LOOPBACK_NAMES]
    return TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=[*names, *(f"{name}:*" for name in names)],
        allowed_origins=[*local, *(f"{name}:*" for name in local), *origins],
    )


def build_state_boundary(keys: Sequence[bytes] = ()) -> RequestStateBoundary:
    """Build what seals the state that a client returns, bound to the person and the question."""
    if keys:
        security = RequestStateSecurity(
            keys=list(keys), ttl=_STATE_LIFETIME_S, bind_principal=find_principal
        )
    else:
        security = RequestStateSecurity.ephemeral(ttl=_STATE_LIFETIME_S)
        security.bind_principal = find_principal
    return RequestStateBoundary(security, default_audience="annulet")
