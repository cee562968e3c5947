"""The routes that OAuth clients use: metadata, registration, token, revocation."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from annulet.hosted.accounts.throttle import Throttle
from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.audit.audit_log import AuditLog
from annulet.hosted.authorization.bearer_cache import BearerCache
from annulet.hosted.authorization.client_grants import ClientGrants
from annulet.hosted.authorization.clients import OAuthClient, OAuthClients
from annulet.hosted.authorization.errors import OAuthError
from annulet.hosted.authorization.issued_tokens import IssuedTokens, ReplayedTokenError
from annulet.hosted.authorization.metadata import build_resource_metadata, build_server_metadata
from annulet.hosted.endpoints.store import Endpoints

__all__ = ["OAuthRoutes"]

_Handler = Callable[[Request], Awaitable[Response]]
_REGISTRATIONS_PER_HOUR: Final = 300
_FORM: Final = "application/x-www-form-urlencoded"
_CORS: Final = [
    # no route here reads a cookie, so pages of other origins (browser-based assistants) may ask
    Middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "POST"],
        allow_headers=["authorization", "content-type", "mcp-protocol-version"],
    )
]


class OAuthRoutes:
    """The clients' side of the authorization server."""

    def __init__(
        self,
        *,
        public_url: str,
        clients: OAuthClients,
        grants: ClientGrants,
        tokens: IssuedTokens,
        endpoints: Endpoints,
        bearers: BearerCache,
        throttle: Throttle,
        audit: AuditLog,
    ) -> None:
        self._public_url = public_url
        self._clients = clients
        self._grants = grants
        self._tokens = tokens
        self._endpoints = endpoints
        self._bearers = bearers
        self._throttle = throttle
        self._audit = audit

    def build_app(self) -> Starlette:
        """Build the application: every route at the root and under ``/oauth/``."""
        resource = "/.well-known/oauth-protected-resource"
        routes: list[BaseRoute] = [
            Route(resource, self.common_resource),
            Route(f"{resource}/mcp", self.common_resource),
            Route(f"{resource}/mcp/{{endpoint}}", self.endpoint_resource),
            Route("/.well-known/oauth-authorization-server", self.server),
        ]
        handlers: dict[str, _Handler] = {
            "/register": self.register,
            "/token": self.token,
            "/revoke": self.revoke,
        }
        for prefix in ("", "/oauth"):
            routes += [
                Route(prefix + path, _answer_errors(handler), methods=["POST"])
                for path, handler in handlers.items()
            ]
        # CORS around all routes: a route would refuse the method of a preflight request first
        return Starlette(routes=routes, middleware=_CORS)

    async def server(self, _request: Request) -> Response:
        """Answer with the server metadata (RFC 8414)."""
        supports_documents = self._clients.supports_documents
        return JSONResponse(
            build_server_metadata(self._public_url, supports_documents=supports_documents)
        )

    async def common_resource(self, _request: Request) -> Response:
        """Answer with the metadata of the common address, where consent picks the endpoint."""
        return JSONResponse(build_resource_metadata(self._public_url, f"{self._public_url}/mcp"))

    async def endpoint_resource(self, request: Request) -> Response:
        """Answer with the metadata of one endpoint, unless it takes API keys (RFC 9728)."""
        endpoint = await self._endpoints.find(request.path_params["endpoint"])
        if endpoint is None or endpoint.auth != "oauth":
            return JSONResponse({"error": "not_found"}, status_code=404)
        resource = f"{self._public_url}/mcp/{endpoint.id}"
        return JSONResponse(build_resource_metadata(self._public_url, resource))

    async def register(self, request: Request) -> Response:
        """Register a client (RFC 7591)."""
        subject = f"register:{request.client.host if request.client else ''}"
        if await self._throttle.wait_s(subject):
            raise OAuthError("invalid_request", "Too many registrations; wait a while.", status=429)
        await self._throttle.count_failure(subject, free=_REGISTRATIONS_PER_HOUR)
        try:
            document = json.loads(await request.body())
        except ValueError:
            raise OAuthError("invalid_client_metadata", "The body is not JSON.") from None
        return JSONResponse(await self._clients.register(document), status_code=201)

    async def token(self, request: Request) -> Response:
        """Answer a token request (RFC 6749 section 3.2)."""
        form, client = await self._authenticate(request)
        grant_type = form.get("grant_type", "")
        if grant_type == "authorization_code":
            grant = await self._grants.redeem(
                form.get("code", ""),
                client_id=client.id,
                redirect_uri=form.get("redirect_uri", ""),
                verifier=form.get("code_verifier", ""),
                resource=form.get("resource", ""),
            )
            return JSONResponse(await self._tokens.issue(grant))
        if grant_type == "refresh_token":
            return JSONResponse(await self._refresh(form, client))
        raise OAuthError("unsupported_grant_type", "This grant type is not offered.")

    async def revoke(self, request: Request) -> Response:
        """Revoke a token (RFC 7009); an unknown token is answered like a known one."""
        form, client = await self._authenticate(request)
        revoked = await self._tokens.revoke(form.get("token", ""), client.id)
        self._bearers.clear()
        if revoked is not None:
            person_id, client_name = revoked
            await self._audit.record(AuditAction.TOKEN_REVOKED, person_id, client=client_name)
        return JSONResponse({})

    async def _refresh(self, form: dict[str, str], client: OAuthClient) -> dict[str, object]:
        try:
            return await self._tokens.refresh(
                form.get("refresh_token", ""),
                client_id=client.id,
                scope=form.get("scope", ""),
                resource=form.get("resource", ""),
            )
        except ReplayedTokenError as replayed:
            self._bearers.clear()
            await self._audit.record(
                AuditAction.TOKEN_REUSED,
                replayed.person_id,
                client=replayed.client_name,
                status="refused",
            )
            raise

    async def _authenticate(self, request: Request) -> tuple[dict[str, str], OAuthClient]:
        if request.headers.get("content-type", "").partition(";")[0].strip() != _FORM:
            raise OAuthError("invalid_request", "The body must be a form.")
        async with request.form(max_files=0, max_fields=40) as data:
            form = {name: value for name, value in data.items() if isinstance(value, str)}
        authorization = request.headers.get("authorization", "")
        return form, await self._clients.authenticate(authorization, form)


def _answer_errors(handler: _Handler) -> _Handler:
    """Wrap a handler so that it answers an `OAuthError` as the specification says."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except OAuthError as error:
            headers = {}
            is_unauthorized = error.status == HTTPStatus.UNAUTHORIZED
            if is_unauthorized and request.headers.get("authorization"):
                headers["www-authenticate"] = 'Basic realm="annulet"'
            return JSONResponse(error.as_dict(), status_code=error.status, headers=headers)

    return answer
