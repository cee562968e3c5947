"""The token endpoints of both servers: code exchange and refresh."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from annulet.contract.scopes import PREFIX
from annulet.simulator.applications import Application
from annulet.simulator.discovery import LEGACY_TOKEN, TOKEN
from annulet.simulator.replies import json_reply
from annulet.simulator.state import State
from annulet.simulator.tokens import Code, Issued, Refresh

__all__ = ["Denied", "TokenEndpoint", "client_of", "denial", "form_of"]


class Denied(Exception):  # noqa: N818 - an answer, not an accident
    """A request the token endpoint refuses."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.description = description


def denial(error: Denied, *, problem: bool) -> Response:
    """The body of a refusal: RFC 6749, with the RFC 7807 members where switched on."""
    body: dict[str, Any] = {"error": error.error, "error_description": error.description}
    if problem:
        body = {"status": error.status, "title": error.error, **body}
    headers = {"www-authenticate": "Basic"} if error.status == 401 else None
    return json_reply(body, error.status, headers)


async def form_of(request: Request) -> dict[str, str]:
    """The form of a request; the last value wins."""
    text = (await request.body()).decode(errors="replace")
    return {name: values[-1] for name, values in parse_qs(text, keep_blank_values=True).items()}


def client_of(request: Request, form: dict[str, str]) -> tuple[str, str]:
    """Client id and secret, from the form or from HTTP Basic."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, secret = base64.b64decode(value).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return unquote(name), unquote(secret)
    return form.get("client_id", ""), form.get("client_secret", "")


@dataclass(frozen=True, slots=True)
class _Call:
    """One call of a token endpoint."""

    server: str
    form: dict[str, str]
    application: Application


class TokenEndpoint:
    """Answers both token endpoints."""

    def __init__(self, state: State) -> None:
        self._state = state

    @property
    def routes(self) -> list[Route]:
        """The legacy and the current endpoint."""
        return [
            Route(LEGACY_TOKEN, self.legacy, methods=["POST"]),
            Route(TOKEN, self.current, methods=["POST"]),
        ]

    async def legacy(self, request: Request) -> Response:
        """The old token endpoint."""
        return await self._answer(request, "legacy")

    async def current(self, request: Request) -> Response:
        """The current token endpoint."""
        return await self._answer(request, "current")

    async def _answer(self, request: Request, server: str) -> Response:
        form = await form_of(request)
        entry = self._state.entry(request)
        entry.grant_type = form.get("grant_type")
        try:
            issued, outcome = self._issue(request, server, form)
        except Denied as error:
            entry.outcome = entry.outcome or error.error
            return denial(error, problem=self._state.options.problem_bodies)
        entry.outcome, entry.person = outcome, issued.access.grant.person
        return json_reply(self._body(server, issued), headers={"cache-control": "no-store"})

    def _issue(self, request: Request, server: str, form: dict[str, str]) -> tuple[Issued, str]:
        client_id, secret = client_of(request, form)
        self._state.entry(request).client_id = client_id or None
        application = self._state.applications.find(client_id)
        kind = form.get("grant_type", "")
        if kind not in {"authorization_code", "refresh_token"}:
            raise Denied(400, "unsupported_grant_type", "Invalid Grant Type")
        if application is None or application.client_secret != secret:
            self._burn(form)
            raise Denied(401, "invalid_client", "Client authentication failed.")
        call = _Call(server, form, application)
        if kind == "authorization_code":
            return self._exchange(request, call), "issued"
        return self._refresh(request, call), "refreshed"

    def _burn(self, form: dict[str, str]) -> None:
        """A refused exchange costs the code."""
        code = self._state.tokens.codes.get(form.get("code", ""))
        if code:
            code.used = True

    def _exchange(self, request: Request, call: _Call) -> Issued:
        code = self._state.tokens.codes.get(call.form.get("code", ""))
        if code is None:
            raise Denied(400, "invalid_grant", "The code is not known.")
        if code.used:
            code.grant.revoked = True
            self._state.entry(request).outcome = "reused"
            raise Denied(400, "invalid_grant", "Token Already Used Or Revoked")
        code.used = True
        if not call.application.lives_at(call.server):
            raise Denied(401, "invalid_client", "The client is not known here.")
        self._check(code, call)
        return self._state.issue(code.grant)

    def _check(self, code: Code, call: _Call) -> None:
        form = call.form
        if code.grant.application.client_id != call.application.client_id:
            raise Denied(400, "invalid_grant", "The code belongs to another client.")
        if self._state.clock() >= code.expires_at:
            raise Denied(400, "invalid_grant", "Expired Token")
        given = form.get("redirect_uri")
        if given != code.redirect_uri and (given is not None or code.redirect_given):
            raise Denied(400, "invalid_redirect_uri", "The redirect URI is another one.")
        if code.challenge is not None and not _proves(code, form.get("code_verifier", "")):
            raise Denied(400, "invalid_grant", "The code verifier does not match.")

    def _refresh(self, request: Request, call: _Call) -> Issued:
        refresh = self._state.tokens.refreshes.get(call.form.get("refresh_token", ""))
        if not call.application.lives_at(call.server):
            if call.server == "legacy":
                raise Denied(400, "invalid_request", "The request is not valid here.")
            raise Denied(401, "invalid_client", "The client is not known here.")
        if refresh is None or refresh.grant.application.client_id != call.application.client_id:
            raise Denied(400, "invalid_grant", "The refresh token is not known.")
        self._check_unused(request, refresh)
        refresh.used = True
        if not self._state.options.old_access_survives:
            refresh.access.revoked = True
        return self._state.issue(refresh.grant)

    def _check_unused(self, request: Request, refresh: Refresh) -> None:
        if refresh.used:
            self._state.entry(request).outcome = "reused"
            if self._state.options.strict_refresh:
                refresh.grant.revoked = True
        if refresh.used or refresh.grant.revoked:
            raise Denied(400, "invalid_grant", "Token Already Used Or Revoked")

    def _body(self, server: str, issued: Issued) -> dict[str, Any]:
        prefix = PREFIX if server == "current" else ""
        body: dict[str, Any] = {
            "token_type": "bearer",
            "access_token": issued.access.value,
            "expires_in": issued.expires_in,
            "refresh_token": issued.refresh.value,
            "id_token": None,
        }
        if not self._state.options.omit_scope:
            body["scope"] = " ".join(prefix + name for name in issued.access.grant.scopes)
        if self._state.options.omit_expires_in:
            del body["expires_in"]
        return body


def _proves(code: Code, verifier: str) -> bool:
    if code.method == "plain":
        return verifier == code.challenge
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=") == code.challenge
