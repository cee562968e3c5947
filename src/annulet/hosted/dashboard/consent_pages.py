"""Our consent page: which assistant asks, where it sends the person, what it may do."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.authorization.authorization_request import (
    PARAMETERS,
    AuthorizationRequest,
    RedirectError,
    parse_authorization_request,
    refusal,
)
from annulet.hosted.authorization.errors import OAuthError
from annulet.hosted.authorization.redirects import destination, loopback, origin, with_parameters
from annulet.hosted.authorization.scopes import words
from annulet.hosted.dashboard.page_session import PageSession, form, service_of, signed_in
from annulet.hosted.dashboard.rendering import page
from annulet.hosted.endpoints.store import Endpoint
from annulet.hosted.errors import NotFoundError

__all__ = ["ROUTES"]

_NEW: Final = "new"


async def consent_page(request: Request) -> Response:
    """Put the request of an assistant before the person; never answered without asking."""
    parameters = {name: request.query_params.get(name, "") for name in PARAMETERS}
    doubled = any(len(request.query_params.getlist(name)) > 1 for name in PARAMETERS)
    try:
        if doubled:
            raise _doubled()
        asking = await _asking(request, parameters)
    except OAuthError as error:
        return await _told(request, error)
    except RedirectError as redirected:
        return RedirectResponse(redirected.location, status_code=303)
    me = await signed_in(request)
    return await _ask(request, me, asking, parameters)


async def decide(request: Request) -> Response:
    """The person's answer goes back to the assistant."""
    me, service = await signed_in(request), service_of(request)
    fields = await form(request)
    try:
        asking = await _asking(request, {name: fields.get(name, "") for name in PARAMETERS})
    except OAuthError as error:
        return await _told(request, error)
    except RedirectError as redirected:
        return RedirectResponse(redirected.location, status_code=303)
    if fields.get("decision") != "allow":
        await service.audit.record(
            AuditAction.CLIENT_DENIED, me.person.id, client=asking.client.name, status="refused"
        )
        denied = OAuthError("access_denied", "The person did not allow it.")
        location = refusal(asking.redirect_uri, denied, asking.state, service.settings.public_url)
        return RedirectResponse(location, status_code=303)
    endpoint = await _endpoint(request, me, asking, fields.get("endpoint", _NEW))
    code = await service.authorization.grants.allow(me.person.id, asking, endpoint.id)
    await service.audit.record(
        AuditAction.CLIENT_ALLOWED, me.person.id, client=asking.client.name, endpoint_id=endpoint.id
    )
    answer = {"code": code, "iss": service.settings.public_url}
    if asking.state:
        answer["state"] = asking.state
    return RedirectResponse(with_parameters(asking.redirect_uri, answer), status_code=303)


async def _asking(request: Request, parameters: dict[str, str]) -> AuthorizationRequest:
    service = service_of(request)
    asking = await parse_authorization_request(
        parameters, service.authorization.clients, service.settings.public_url
    )
    if asking.endpoint_id:
        endpoint = await service.endpoints.any(asking.endpoint_id)
        if endpoint is None or endpoint.auth != "oauth":
            error = OAuthError("invalid_target", "This endpoint takes API keys, or is gone.")
            raise RedirectError(
                refusal(asking.redirect_uri, error, asking.state, service.settings.public_url)
            )
    return asking


async def _ask(
    request: Request, me: PageSession, asking: AuthorizationRequest, parameters: dict[str, str]
) -> Response:
    service = service_of(request)
    mine = [e for e in await service.endpoints.of(me.person.id) if e.auth == "oauth"]
    fixed = next((e for e in mine if e.id == asking.endpoint_id), None)
    if asking.endpoint_id and fixed is None:
        return await page(
            request,
            "message.html",
            status=403,
            title="This endpoint belongs to another account",
            text=f"You are signed in as {me.person.login}. The address that the assistant uses "
            "is not one of yours.",
            hint="Sign in with the account that owns it, or give the assistant your own address "
            "from your dashboard.",
        )
    host = destination(asking.redirect_uri)
    return await page(
        request,
        "consent.html",
        form_targets=(origin(asking.redirect_uri),),
        client=asking.client,
        host=host,
        local=loopback(asking.redirect_uri),
        allowed=words(asking.scopes),
        endpoints=mine,
        fixed=fixed,
        parameters=parameters,
    )


async def _endpoint(
    request: Request, me: PageSession, asking: AuthorizationRequest, chosen: str
) -> Endpoint:
    endpoints = service_of(request).endpoints
    if asking.endpoint_id:
        return await endpoints.get(me.person.id, asking.endpoint_id)
    if chosen != _NEW:
        found = await endpoints.get(me.person.id, chosen)
        if found.auth != "oauth":
            raise NotFoundError("This endpoint takes API keys only.", hint="Choose another one.")
        return found
    kind = _kind(asking.client.name)
    made = await endpoints.create(me.person.id, name=asking.client.name, kind=kind, auth="oauth")
    await service_of(request).audit.record(
        AuditAction.ENDPOINT_CREATED, me.person.id, endpoint_id=made.id
    )
    return made


def _kind(name: str) -> str:
    """Which of the known assistants a client's name sounds like."""
    plain = name.casefold()
    for words_in_name, kind in (
        ("claude code", "claude_code"),
        ("claude", "claude"),
        ("chatgpt", "chatgpt"),
        ("cursor", "cursor"),
        ("visual studio code", "vscode"),
        ("codex", "codex"),
        ("gemini", "gemini"),
        ("opencode", "opencode"),
        ("le chat", "le_chat"),
    ):
        if words_in_name in plain:
            return kind
    return "other"


def _doubled() -> OAuthError:
    return OAuthError("invalid_request", "A parameter of the request is there twice.")


async def _told(request: Request, error: OAuthError) -> Response:
    """What cannot be sent back to the client is told to the person."""
    return await page(
        request,
        "message.html",
        status=error.status,
        title="The application cannot be let in",
        text=error.description,
        hint=f"Nothing was allowed. Start again from the application; it may have to register "
        f"anew ({error.error}).",
    )


ROUTES: Final = tuple(
    Route(path, answer, methods=[method])
    for path in ("/authorize", "/oauth/authorize")
    for method, answer in (("GET", consent_page), ("POST", decide))
)
