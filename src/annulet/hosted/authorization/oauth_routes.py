"""The addresses programs use: metadata, registration, token, revocation."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
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
from annulet.hosted.authorization.clients import Client, Clients
from annulet.hosted.authorization.errors import OAuthError
from annulet.hosted.authorization.issued_tokens import IssuedTokens, ReusedTokenError
from annulet.hosted.authorization.metadata import authorization_server, protected_resource
from annulet.hosted.endpoints.store import Endpoints

__all__ = ["OAuthRoutes"]

_Answer = Callable[[Request], Awaitable[Response]]
_REGISTRATIONS_AN_HOUR: Final = 300
_FORM: Final = "application/x-www-form-urlencoded"
_OPEN: Final = [
    # nothing here reads a cookie, so pages of other origins (browser-based assistants) may ask
    Middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "POST"],
        allow_headers=["authorization", "content-type", "mcp-protocol-version"],
    )
]


class OAuthRoutes:
    """The programs' side of the authorization server."""

    def __init__(
        self,
        *,
        public_url: str,
        clients: Clients,
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

    def app(self) -> Starlette:
        """Every address, at the root and under ``/oauth/``."""
        resource = "/.well-known/oauth-protected-resource"
        server = "/.well-known/oauth-authorization-server"
        routes: list[BaseRoute] = [
            Route(resource, self.common_resource),
            Route(f"{resource}/mcp", self.common_resource),
            Route(f"{resource}/mcp/{{endpoint}}", self.endpoint_resource),
            Route(server, self.server),
        ]
        posts: dict[str, _Answer] = {
            "/register": self.register,
            "/token": self.token,
            "/revoke": self.revoke,
        }
        for prefix in ("", "/oauth"):
            routes += [
                Route(prefix + path, _oauth(answer), methods=["POST"])
                for path, answer in posts.items()
            ]
        # around the routes, not inside them: a route refuses the preflight's method first
        return Starlette(routes=routes, middleware=_OPEN)

    async def server(self, _request: Request) -> Response:
        """RFC 8414."""
        metadata = authorization_server(self._public_url, documents=self._clients.documents)
        return JSONResponse(metadata)

    async def common_resource(self, _request: Request) -> Response:
        """RFC 9728 for the common address, where consent picks the endpoint."""
        return JSONResponse(protected_resource(self._public_url, f"{self._public_url}/mcp"))

    async def endpoint_resource(self, request: Request) -> Response:
        """RFC 9728 for one endpoint; one that takes API keys does not advertise OAuth."""
        endpoint = await self._endpoints.any(request.path_params["endpoint"])
        if endpoint is None or endpoint.auth != "oauth":
            return JSONResponse({"error": "not_found"}, status_code=404)
        resource = f"{self._public_url}/mcp/{endpoint.id}"
        return JSONResponse(protected_resource(self._public_url, resource))

    async def register(self, request: Request) -> Response:
        """RFC 7591."""
        address = f"register:{request.client.host if request.client else ''}"
        if await self._throttle.wait_s(address):
            raise OAuthError("invalid_request", "Too many registrations; wait a while.", status=429)
        await self._throttle.count_failure(address, free=_REGISTRATIONS_AN_HOUR)
        try:
            said = json.loads(await request.body())
        except ValueError:
            raise OAuthError("invalid_client_metadata", "The body is not JSON.") from None
        return JSONResponse(await self._clients.register(said), status_code=201)

    async def token(self, request: Request) -> Response:
        """The token endpoint."""
        form, client = await self._authenticated(request)
        kind = form.get("grant_type", "")
        if kind == "authorization_code":
            grant = await self._grants.redeem(
                form.get("code", ""),
                client_id=client.id,
                redirect_uri=form.get("redirect_uri", ""),
                verifier=form.get("code_verifier", ""),
                resource=form.get("resource", ""),
            )
            return JSONResponse(await self._tokens.issue(grant))
        if kind == "refresh_token":
            return JSONResponse(await self._refreshed(form, client))
        raise OAuthError("unsupported_grant_type", "This grant type is not offered.")

    async def revoke(self, request: Request) -> Response:
        """RFC 7009: an unknown token is answered like a known one."""
        form, client = await self._authenticated(request)
        ended = await self._tokens.revoke(form.get("token", ""), client.id)
        self._bearers.forget()
        if ended is not None:
            await self._audit.record(AuditAction.TOKEN_REVOKED, ended[0], client=ended[1])
        return JSONResponse({})

    async def _refreshed(self, form: dict[str, str], client: Client) -> dict[str, object]:
        try:
            return await self._tokens.refresh(
                form.get("refresh_token", ""),
                client_id=client.id,
                scope=form.get("scope", ""),
                resource=form.get("resource", ""),
            )
        except ReusedTokenError as reused:
            self._bearers.forget()
            await self._audit.record(
                AuditAction.TOKEN_REUSED, reused.person_id, client=reused.client, status="refused"
            )
            raise

    async def _authenticated(self, request: Request) -> tuple[dict[str, str], Client]:
        if request.headers.get("content-type", "").partition(";")[0].strip() != _FORM:
            raise OAuthError("invalid_request", "The body must be a form.")
        async with request.form(max_files=0, max_fields=40) as data:
            form = {name: value for name, value in data.items() if isinstance(value, str)}
        authorization = request.headers.get("authorization", "")
        return form, await self._clients.authenticate(authorization, form)


def _oauth(answer: _Answer) -> _Answer:
    """Translate refusals into the words of OAuth."""

    async def translated(request: Request) -> Response:
        try:
            return await answer(request)
        except OAuthError as error:
            headers = {}
            refused = error.status == 401  # noqa: PLR2004 - a status reads best as a number
            if refused and request.headers.get("authorization"):
                headers["www-authenticate"] = 'Basic realm="annulet"'
            return JSONResponse(error.as_dict(), status_code=error.status, headers=headers)

    return translated
