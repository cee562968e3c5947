"""The token endpoints of both providers: code exchange and refresh."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from annulet.contract.scopes import PREFIX
from annulet.simulator.oauth.applications import Application, Provider
from annulet.simulator.oauth.authorization_server import AuthorizationServer
from annulet.simulator.oauth.client_requests import (
    OAuthError,
    read_client_credentials,
    read_form,
)
from annulet.simulator.oauth.discovery import CURRENT, LEGACY
from annulet.simulator.oauth.token_store import CodeBinding, TokenPair
from annulet.simulator.request_log import LoggedRequest
from annulet.simulator.responses import json_response, route

_OUTCOMES: Final = {"authorization_code": "issued", "refresh_token": "refreshed"}


@dataclass(frozen=True, slots=True)
class _TokenRequest:
    """One request of an authenticated client."""

    provider: Provider
    form: dict[str, str]
    application: Application
    logged: LoggedRequest

    @property
    def is_at_right_provider(self) -> bool:
        return self.application.is_registered_at(self.provider)


class TokenEndpoint:
    """Answers the token endpoints of both providers."""

    def __init__(self, server: AuthorizationServer) -> None:
        self._server = server

    def routes(self) -> list[Route]:
        """Return the routes of the legacy and of the current provider."""
        options = self._server.options
        return [
            route(LEGACY.token, partial(self._answer, "legacy"), options, ["POST"]),
            route(CURRENT.token, partial(self._answer, "current"), options, ["POST"]),
        ]

    async def _answer(self, provider: Provider, request: Request) -> Response:
        form = await read_form(request)
        logged = LoggedRequest.of(request)
        logged.grant_type = form.get("grant_type")
        try:
            pair = self._issue(self._authenticate(request, provider, form, logged))
        except OAuthError as error:
            logged.outcome = logged.outcome or error.error
            raise
        logged.outcome = _OUTCOMES[form["grant_type"]]
        logged.person = pair.access.grant.person
        return json_response(self._body(provider, pair), headers={"cache-control": "no-store"})

    def _authenticate(
        self, request: Request, provider: Provider, form: dict[str, str], logged: LoggedRequest
    ) -> _TokenRequest:
        client_id, secret = read_client_credentials(request, form)
        logged.client_id = client_id or None
        if form.get("grant_type") not in _OUTCOMES:
            raise OAuthError(400, "unsupported_grant_type", "Invalid Grant Type")
        application = self._server.applications.authenticate(client_id, secret)
        if application is None:
            code = self._server.tokens.codes.get(form.get("code", ""))
            if code:
                code.used = True  # a refused exchange uses the code up
            raise OAuthError(401, "invalid_client", "Client authentication failed.")
        return _TokenRequest(provider, form, application, logged)

    def _issue(self, request: _TokenRequest) -> TokenPair:
        if request.form["grant_type"] == "authorization_code":
            return self._exchange(request)
        return self._refresh(request)

    def _exchange(self, request: _TokenRequest) -> TokenPair:
        code = self._server.tokens.codes.get(request.form.get("code", ""))
        if code is None:
            request.logged.outcome = "unknown_code"
        if code is None and not request.is_at_right_provider:
            raise OAuthError(401, "invalid_client", "The client is not known here.")
        if code is None:
            raise OAuthError(400, "invalid_grant", "The code is not known.")
        if code.used:
            code.grant.revoked = True
            request.logged.outcome = "reused"
            raise OAuthError(400, "invalid_grant", "Token Already Used Or Revoked")
        code.used = True
        if not request.is_at_right_provider:
            raise OAuthError(401, "invalid_client", "The client is not known here.")
        if code.grant.application.client_id != request.application.client_id:
            raise OAuthError(400, "invalid_grant", "The code belongs to another client.")
        if self._server.clock() >= code.expires_at:
            raise OAuthError(400, "invalid_grant", "Expired Token")
        _check_binding(code.binding, request.form)
        return self._server.issue_tokens(code.grant)

    def _refresh(self, request: _TokenRequest) -> TokenPair:
        refresh = self._server.tokens.refresh_tokens.get(request.form.get("refresh_token", ""))
        if not request.is_at_right_provider:
            if request.provider == "legacy":
                raise OAuthError(400, "invalid_request", "The request is not valid here.")
            raise OAuthError(401, "invalid_client", "The client is not known here.")
        if refresh is None or refresh.grant.application.client_id != request.application.client_id:
            raise OAuthError(400, "invalid_grant", "The refresh token is not known.")
        if refresh.used:
            request.logged.outcome = "reused"
            if self._server.options.strict_refresh:
                refresh.grant.revoked = True
        if refresh.used or refresh.grant.revoked:
            raise OAuthError(400, "invalid_grant", "Token Already Used Or Revoked")
        refresh.used = True
        if not self._server.options.old_access_survives:
            refresh.access.revoked = True
        return self._server.issue_tokens(refresh.grant)

    def _body(self, provider: Provider, pair: TokenPair) -> dict[str, object]:
        prefix = PREFIX if provider == "current" else ""
        body: dict[str, object] = {
            "token_type": "bearer",
            "access_token": pair.access.value,
            "expires_in": pair.expires_in,
            "refresh_token": pair.refresh.value,
            "id_token": None,
        }
        if not self._server.options.omit_scope:
            body["scope"] = " ".join(prefix + scope for scope in pair.access.grant.scopes)
        if self._server.options.omit_expires_in:
            del body["expires_in"]
        return body


def _check_binding(binding: CodeBinding, form: dict[str, str]) -> None:
    """Check redirect URI and code verifier against the authorization request."""
    redirect_uri = form.get("redirect_uri")
    must_match = redirect_uri is not None or binding.redirect_uri_given
    if must_match and redirect_uri != binding.redirect_uri:
        raise OAuthError(400, "invalid_redirect_uri", "The redirect URI is another one.")
    if binding.code_challenge is None:
        return
    challenge = form.get("code_verifier", "")
    if binding.code_challenge_method != "plain":
        digest = hashlib.sha256(challenge.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    if challenge != binding.code_challenge:
        raise OAuthError(400, "invalid_grant", "The code verifier does not match.")
