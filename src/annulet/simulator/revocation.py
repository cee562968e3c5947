"""Revocation in all the shapes seen, and introspection."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from annulet.contract.scopes import PREFIX
from annulet.simulator.applications import Application
from annulet.simulator.discovery import INTROSPECT, LEGACY_REVOKE, REVOKE
from annulet.simulator.replies import json_reply
from annulet.simulator.state import State
from annulet.simulator.token_endpoint import Denied, client_of, denial, form_of

__all__ = ["Revocation"]


class Revocation:
    """Answers both revocation endpoints and the introspection endpoint."""

    def __init__(self, state: State) -> None:
        self._state = state

    @property
    def routes(self) -> list[Route]:
        """The three endpoints."""
        return [
            Route(LEGACY_REVOKE, self.legacy, methods=["GET", "POST"]),
            Route(REVOKE, self.current, methods=["POST"]),
            Route(INTROSPECT, self.introspect, methods=["POST"]),
        ]

    async def legacy(self, request: Request) -> Response:
        """The token as ``access_token`` or ``token``, in query or form, or as a bearer."""
        form = await form_of(request)
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        by_bearer = scheme.lower() == "bearer"
        token = bearer.strip() if by_bearer else ""
        for source in (request.query_params, form):
            token = token or source.get("access_token", "") or source.get("token", "")
        if not token:
            return self._denied(Denied(400, "invalid_request", "No token was given."))
        grant = self._state.tokens.grant_of(token)
        if grant and not grant.application.lives_at("legacy"):
            return self._denied(Denied(400, "invalid_request", "The request is not valid here."))
        if by_bearer and (grant is None or grant.revoked):
            return self._denied(Denied(401, "invalid_token", "Token Already Used Or Revoked"))
        return self._revoked(request, token)

    async def current(self, request: Request) -> Response:
        """RFC 7009: ``token`` in the form, client authenticated; unknown tokens are fine."""
        form = await form_of(request)
        try:
            application = self._client(request, form)
        except Denied as error:
            return self._denied(error)
        token = form.get("token", "")
        if not token:
            return self._denied(Denied(400, "invalid_request", "No token was given."))
        grant = self._state.tokens.grant_of(token)
        if grant and grant.application.client_id != application.client_id:
            return self._denied(Denied(400, "invalid_grant", "The token belongs elsewhere."))
        return self._revoked(request, token)

    async def introspect(self, request: Request) -> Response:
        """RFC 7662."""
        form = await form_of(request)
        try:
            self._client(request, form)
        except Denied as error:
            return self._denied(error)
        access = self._state.tokens.valid(form.get("token", ""))
        if access is None:
            return json_reply({"active": False})
        return json_reply(
            {
                "active": True,
                "client_id": access.grant.application.client_id,
                "exp": int(access.expires_at.timestamp()),
                "scope": " ".join(PREFIX + name for name in access.grant.scopes),
                "sub": self._state.people[access.grant.person].id,
                "token_type": "bearer",
            }
        )

    def _client(self, request: Request, form: dict[str, str]) -> Application:
        client_id, secret = client_of(request, form)
        self._state.entry(request).client_id = client_id or None
        application = self._state.applications.find(client_id)
        if (
            application is None
            or application.client_secret != secret
            or not application.lives_at("current")
        ):
            raise Denied(401, "invalid_client", "Client authentication failed.")
        return application

    def _revoked(self, request: Request, token: str) -> Response:
        grant = self._state.tokens.grant_of(token)
        if grant:
            grant.revoked = True
            entry = self._state.entry(request)
            entry.outcome, entry.person = "revoked", grant.person
        return Response(b"", 200)

    def _denied(self, error: Denied) -> Response:
        return denial(error, problem=self._state.options.problem_bodies)
