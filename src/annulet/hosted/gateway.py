"""The MCP endpoint of the service: it authenticates a bearer and passes the request on.

The gateway reads no message. What a request asked for and how it ended is told by the MCP server,
and `ObservedBearer` writes it to the audit log.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from annulet.errors import DatabaseUnavailable
from annulet.hosted.audit.audit_log import AuditLog
from annulet.hosted.authorization import scopes
from annulet.hosted.authorization.access_grant import AccessGrant
from annulet.hosted.authorization.bearers import Bearers
from annulet.hosted.authorization.metadata import build_challenge
from annulet.hosted.checked_response import CheckedResponse
from annulet.hosted.connections.connect_link import build_connect_url
from annulet.hosted.connections.contexts import Contexts
from annulet.hosted.connections.read_health import ReadHealth
from annulet.hosted.endpoints.store import Endpoint, Endpoints
from annulet.hosted.limits.question_limits import (
    BearerPauses,
    QuestionLimits,
    QuestionRefusedError,
)
from annulet.hosted.observability.pseudonyms import Pseudonyms
from annulet.hosted.observability.recorder import Recorder
from annulet.hosted.observability.work_record import note
from annulet.hosted.observed_bearer import ObservedBearer
from annulet.mcp_server.request_person import PERSON_KEY, RequestPerson
from annulet.toolkit.context import Context

_BEYOND_SCOPE: Final = "This question needs more than was allowed."
_WRONG_TOKEN: Final = "The token is not good for this address."  # noqa: S105 - a sentence


class Gateway:
    """The ASGI application behind ``/mcp`` and ``/mcp/<endpoint>``.

    Args:
        app: The MCP server.
        tools: The names of all tools.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        tools: Iterable[str],
        public_url: str,
        endpoints: Endpoints,
        bearers: Bearers,
        contexts: Contexts,
        read_health: ReadHealth,
        audit: AuditLog,
        limits: QuestionLimits,
        pseudonyms: Pseudonyms,
        recorder: Recorder,
    ) -> None:
        self._app = app
        self._tools = frozenset(tools)
        self._public_url = public_url
        self._endpoints = endpoints
        self._bearers = bearers
        self._contexts = contexts
        self._read_health = read_health
        self._audit = audit
        self._limits = limits
        self._pseudonyms = pseudonyms
        self._recorder = recorder
        self._pauses = BearerPauses()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Authenticate the bearer and pass the request on."""
        endpoint_id = scope.get("path_params", {}).get("endpoint", "")
        kind, _, token = Headers(scope=scope).get("authorization", "").partition(" ")
        given = token.strip() if kind.casefold() == "bearer" else ""
        if given and (wait_s := self._pauses.wait_s(given)):
            refusal = QuestionRefusedError(wait_s, is_own=True, reason="pause")
            await _build_later(refusal)(scope, receive, send)
            return
        bearer = await self._bearers.find(given) if given else None
        if bearer is not None and self._is_for(bearer, endpoint_id):
            await self._admit(bearer, given, scope, receive, send)
            return
        unknown = await self._refuse(endpoint_id, problem=_WRONG_TOKEN if given else "")
        await unknown(scope, receive, send)

    def _is_for(self, bearer: AccessGrant, endpoint_id: str) -> bool:
        """Whether the bearer is for this address: tokens by audience, keys by endpoint."""
        if bearer.resource:
            address = f"{self._public_url}/mcp" + (f"/{endpoint_id}" if endpoint_id else "")
            return bearer.resource == address
        return endpoint_id in {"", bearer.endpoint.id}

    async def _refuse(self, endpoint_id: str, *, problem: str) -> JSONResponse:
        endpoint = await self._endpoints.find(endpoint_id) if endpoint_id else None
        if endpoint_id and endpoint is None:
            return JSONResponse({"error": "not_found"}, status_code=404)
        return _build_unauthorized(self._public_url, endpoint, problem)

    async def _admit(
        self, bearer: AccessGrant, given: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        await self._pseudonyms.note_person(bearer.person.id)
        try:
            async with self._limits.admit(bearer.person.id):
                await self._pass_on(bearer, given, scope, receive, send)
        except QuestionRefusedError as refusal:
            if refusal.is_own:
                self._pauses.add(given, refusal.retry_after_s)
            await _build_later(refusal)(scope, receive, send)

    async def _pass_on(
        self, bearer: AccessGrant, given: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        observer = ObservedBearer(bearer, self._audit, self._recorder)
        person = self._build_person(bearer, observer)
        scope[PERSON_KEY] = person
        response = CheckedResponse(
            bearer,
            lambda: self._bearers.find(given),
            lambda: self._build_step_up(bearer) if observer.needs_scope else None,
            asgi=(scope, receive, send),
        )
        try:
            await self._app(scope, receive, response)
        finally:
            # the answer has been sent; what was found out can wait for the next question
            with contextlib.suppress(DatabaseUnavailable):
                await self._record_read_health(bearer, observer)

    async def _record_read_health(self, bearer: AccessGrant, observer: ObservedBearer) -> None:
        for outcome in observer.take_read_health():
            await self._read_health.record(bearer.person.id, outcome, bearer.connection)

    def _build_person(self, bearer: AccessGrant, observer: ObservedBearer) -> RequestPerson:
        offered = self._tools - bearer.endpoint.tools_off
        allowed = scopes.allowed_tools(bearer.scopes, offered)

        async def open_context() -> Context:
            return self._contexts.get(bearer.person, bearer.connection)

        return RequestPerson(
            open_context,
            tools=allowed,
            # The scope of an access token can be stepped up; that of an API key cannot.
            beyond_scope=offered - allowed if bearer.resource else frozenset(),
            connect_url=build_connect_url(self._public_url, bearer.person.id),
            principal=f"{bearer.person.id}:{bearer.endpoint.id}",
            observer=observer,
        )

    def _build_step_up(self, bearer: AccessGrant) -> JSONResponse:
        """Build the answer that asks the client to get more scope (RFC 6750, section 3.1)."""
        path = bearer.resource.removeprefix(self._public_url)
        error = "insufficient_scope"
        header = build_challenge(self._public_url, path, error=error, description=_BEYOND_SCOPE)
        body = {"error": error, "error_description": _BEYOND_SCOPE}
        return JSONResponse(body, status_code=403, headers={"www-authenticate": header})


def _build_later(refusal: QuestionRefusedError) -> JSONResponse:
    """Build the answer that says when to ask again."""
    wait_s = refusal.retry_after_s
    error, who, status = (
        ("too_many_questions", "You ask more at once than one person may", 429)
        if refusal.is_own
        else ("busy", "The service has more questions than it can answer", 503)
    )
    note(refusal=refusal.reason)
    message = f"{who}. Ask again in {wait_s} s."
    body = {"error": error, "error_description": message}
    return JSONResponse(body, status_code=status, headers={"retry-after": str(wait_s)})


def _build_unauthorized(public_url: str, endpoint: Endpoint | None, problem: str) -> JSONResponse:
    """Build the 401 that says how to authenticate at this endpoint."""
    error = "invalid_token" if problem else "unauthorized"
    if endpoint is not None and endpoint.auth == "key":
        message = problem or "Send the API key of this endpoint as a bearer."
        header = 'Bearer realm="annulet"' + (', error="invalid_token"' if problem else "")
    else:
        path = f"/mcp/{endpoint.id}" if endpoint else "/mcp"
        message = problem or "Sign in to use this endpoint."
        header = build_challenge(
            public_url, path, error="invalid_token" if problem else "", description=problem
        )
    body = {"error": error, "error_description": message}
    return JSONResponse(body, status_code=401, headers={"www-authenticate": header})
