"""Token revocation in every form that has been reported, and token introspection."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from annulet.contract.scopes import PREFIX
from annulet.simulator.oauth.applications import Application
from annulet.simulator.oauth.authorization_server import AuthorizationServer
from annulet.simulator.oauth.client_requests import (
    OAuthError,
    read_client_credentials,
    read_form,
)
from annulet.simulator.oauth.discovery import CURRENT, INTROSPECTION_PATH, LEGACY
from annulet.simulator.request_log import LoggedRequest
from annulet.simulator.responses import json_response, route


class Revocation:
    """Answers both revocation endpoints and the introspection endpoint."""

    def __init__(self, server: AuthorizationServer) -> None:
        self._server = server

    def routes(self) -> list[Route]:
        """Return the three routes."""
        options = self._server.options
        return [
            route(LEGACY.revoke, self._revoke_legacy, options, ["GET", "POST"]),
            route(CURRENT.revoke, self._revoke_current, options, ["POST"]),
            route(INTROSPECTION_PATH, self._introspect, options, ["POST"]),
        ]

    async def _revoke_legacy(self, request: Request) -> Response:
        """Revoke a token given as ``access_token`` or ``token``, or as a bearer."""
        form = await read_form(request)
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        is_bearer = scheme.lower() == "bearer"
        token = bearer.strip() if is_bearer else ""
        for source in (request.query_params, form):
            token = token or source.get("access_token", "") or source.get("token", "")
        if not token:
            raise OAuthError(400, "invalid_request", "No token was given.")
        grant = self._server.tokens.find_grant(token)
        if grant and not grant.application.is_registered_at("legacy"):
            raise OAuthError(400, "invalid_request", "The request is not valid here.")
        if is_bearer and (grant is None or grant.revoked):
            raise OAuthError(401, "invalid_token", "Token Already Used Or Revoked")
        return self._revoke(request, token)

    async def _revoke_current(self, request: Request) -> Response:
        """Revoke as RFC 7009 says: an unknown token is no error."""
        form = await read_form(request)
        application = self._authenticate(request, form)
        token = form.get("token", "")
        if not token:
            raise OAuthError(400, "invalid_request", "No token was given.")
        grant = self._server.tokens.find_grant(token)
        if grant and grant.application.client_id != application.client_id:
            raise OAuthError(400, "invalid_grant", "The token belongs elsewhere.")
        return self._revoke(request, token)

    async def _introspect(self, request: Request) -> Response:
        """Introspect an access token (RFC 7662)."""
        form = await read_form(request)
        self._authenticate(request, form)
        access = self._server.tokens.find_valid(form.get("token", ""))
        if access is None:
            return json_response({"active": False})
        return json_response(
            {
                "active": True,
                "client_id": access.grant.application.client_id,
                "exp": int(access.expires_at.timestamp()),
                "scope": " ".join(PREFIX + scope for scope in access.grant.scopes),
                "sub": self._server.people[access.grant.person].id,
                "token_type": "bearer",
            }
        )

    def _authenticate(self, request: Request, form: dict[str, str]) -> Application:
        client_id, secret = read_client_credentials(request, form)
        LoggedRequest.of(request).client_id = client_id or None
        application = self._server.applications.authenticate(client_id, secret)
        if application is None or not application.is_registered_at("current"):
            raise OAuthError(401, "invalid_client", "Client authentication failed.")
        return application

    def _revoke(self, request: Request, token: str) -> Response:
        grant = self._server.tokens.find_grant(token)
        if grant:
            grant.revoked = True
            logged = LoggedRequest.of(request)
            logged.outcome, logged.person = "revoked", grant.person
        return Response(b"", 200)
