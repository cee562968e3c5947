"""The consent page: which assistant asks, where it sends the person, and what it may do."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.authorization.authorization_request import (
    PARAMETERS,
    AuthorizationRequest,
    build_error_redirect,
    parse_authorization_request,
)
from annulet.hosted.authorization.errors import OAuthError, RedirectError
from annulet.hosted.authorization.redirects import (
    add_query,
    describe_target,
    is_local_redirect,
    is_loopback_redirect,
    redirect_source,
)
from annulet.hosted.authorization.scopes import describe_scopes
from annulet.hosted.dashboard.page_session import find_session, require_person
from annulet.hosted.dashboard.person_routes import PersonRequest, open_person_request, person_post
from annulet.hosted.dashboard.rendering import render_message
from annulet.hosted.endpoints.assistants import find_kind
from annulet.hosted.endpoints.store import Endpoint
from annulet.hosted.errors import NotFoundError
from annulet.hosted.opaque_tokens import derive_id, new_id
from annulet.hosted.service import get_service

_NEW_ENDPOINT: Final = "new"


async def show_consent(request: Request) -> Response:
    """Show the request of an assistant; no request is granted without the person's consent."""
    parameters = {name: request.query_params.get(name, "") for name in PARAMETERS}
    if any(len(request.query_params.getlist(name)) > 1 for name in PARAMETERS):
        doubled = OAuthError("invalid_request", "A parameter of the request is there twice.")
        return await _render_error(request, doubled)
    if get_service(request).authorization.clients.is_described(parameters["client_id"]):
        # its document is fetched from an address of its choice: only for a person who is known
        await require_person(request)
    try:
        authorization = await _parse(request, parameters)
    except OAuthError as error:
        return await _render_error(request, error)
    except RedirectError as error:
        return await _answer_redirect_error(request, error)
    return await _render_consent(await open_person_request(request), authorization, parameters)


async def decide(page: PersonRequest) -> Response:
    """Send the person's decision to the assistant."""
    try:
        authorization = await _parse(page.http, {name: page.form.get(name) for name in PARAMETERS})
    except OAuthError as error:
        return await _render_error(page.http, error)
    except RedirectError as error:
        return await _answer_redirect_error(page.http, error)
    if page.form.get("decision") == "allow":
        return await _allow(page, authorization)
    await page.service.audit.record(
        AuditAction.CLIENT_DENIED,
        page.person.id,
        client=authorization.client.name,
        status="refused",
    )
    denied = OAuthError("access_denied", "The person did not allow it.")
    return RedirectResponse(_error_redirect(page.http, authorization, denied), status_code=303)


async def _answer_redirect_error(request: Request, error: RedirectError) -> Response:
    """Send an error to the client where the person knows that address, else show it here.

    Anyone can register a client, and a redirect without consent would lend this host name to any
    address (RFC 9700 section 4.11.2).
    """
    session = await find_session(request)
    if session is not None:
        grants = get_service(request).authorization.grants
        # on loopback the answer stays on the person's own machine
        if is_loopback_redirect(error.redirect_uri) or await grants.has_consented(
            session.person.id, error.client_id, error.redirect_uri
        ):
            return RedirectResponse(error.location, status_code=303)
    return await _render_error(request, error.error)


async def _allow(page: PersonRequest, authorization: AuthorizationRequest) -> Response:
    endpoint = await _choose_endpoint(page, authorization)
    issued = await page.service.authorization.grants.create(
        page.person.id, authorization, endpoint.id, page.form.get("submission")
    )
    if issued.is_new_grant:
        await page.service.audit.record(
            AuditAction.CLIENT_ALLOWED,
            page.person.id,
            client=authorization.client.name,
            endpoint_id=endpoint.id,
        )
    parameters = {"code": issued.code, "iss": page.service.settings.public_url}
    if authorization.state:
        parameters["state"] = authorization.state
    location = add_query(authorization.redirect_uri, parameters)
    return RedirectResponse(location, status_code=303)


async def _parse(request: Request, parameters: dict[str, str]) -> AuthorizationRequest:
    """Parse a request, and check that the endpoint it names uses OAuth."""
    service = get_service(request)
    authorization = await parse_authorization_request(
        parameters, service.authorization.clients, service.settings.public_url
    )
    if authorization.endpoint_id:
        endpoint = await service.endpoints.find(authorization.endpoint_id)
        if endpoint is None or endpoint.auth != "oauth":
            error = OAuthError("invalid_target", "This endpoint takes API keys, or is gone.")
            raise RedirectError(
                _error_redirect(request, authorization, error),
                error,
                client_id=authorization.client.id,
                redirect_uri=authorization.redirect_uri,
            )
    return authorization


def _error_redirect(
    request: Request, authorization: AuthorizationRequest, error: OAuthError
) -> str:
    public_url = get_service(request).settings.public_url
    return build_error_redirect(authorization.redirect_uri, error, authorization.state, public_url)


async def _render_consent(
    page: PersonRequest, authorization: AuthorizationRequest, parameters: dict[str, str]
) -> Response:
    endpoints = await page.service.endpoints.list_for(page.person.id)
    oauth_endpoints = [endpoint for endpoint in endpoints if endpoint.auth == "oauth"]
    named = next((e for e in oauth_endpoints if e.id == authorization.endpoint_id), None)
    if authorization.endpoint_id and named is None:
        return await render_message(
            page.http,
            status=403,
            title="This endpoint belongs to another account",
            text=f"You are signed in as {page.person.login}. The address that the assistant "
            "uses is not one of yours.",
            hint="Sign in with the account that owns it, or give the assistant your own address "
            "from your dashboard.",
        )
    return await page.render(
        "consent.html",
        {
            "client": authorization.client,
            "host": describe_target(authorization.redirect_uri),
            "local": is_local_redirect(authorization.redirect_uri),
            "allowed": describe_scopes(authorization.scopes),
            "endpoints": oauth_endpoints,
            "fixed": named,
            "parameters": parameters,
        },
        form_targets=(redirect_source(authorization.redirect_uri),),
    )


async def _choose_endpoint(page: PersonRequest, authorization: AuthorizationRequest) -> Endpoint:
    """Return the endpoint that the request names or the person chose, or create one."""
    person_id, chosen = page.person.id, page.form.get("endpoint", _NEW_ENDPOINT)
    if authorization.endpoint_id:
        return await page.service.endpoints.get(person_id, authorization.endpoint_id)
    if chosen != _NEW_ENDPOINT:
        endpoint = await page.service.endpoints.get(person_id, chosen)
        if endpoint.auth != "oauth":
            raise NotFoundError("This endpoint takes API keys only.", hint="Choose another one.")
        return endpoint
    client_name = authorization.client.name
    submission = page.form.get("submission")
    # a form that is sent twice, as by a double click, makes one endpoint
    endpoint_id = derive_id("endpoint", person_id, submission) if submission else new_id()
    endpoint, is_new = await page.service.endpoints.create_once(
        endpoint_id, person_id, name=client_name, kind=find_kind(client_name), auth="oauth"
    )
    if is_new:
        await page.service.audit.record(
            AuditAction.ENDPOINT_CREATED, person_id, endpoint_id=endpoint.id
        )
    return endpoint


async def _render_error(request: Request, error: OAuthError) -> Response:
    """Tell the person of an error that must not go back to the client."""
    return await render_message(
        request,
        status=error.status,
        title="The application cannot be let in",
        text=error.description,
        hint=f"Nothing was allowed. Start again from the application; it may have to register "
        f"anew ({error.error}).",
    )


ROUTES: Final = (
    Route("/authorize", show_consent, methods=["GET"]),
    person_post("/authorize", decide),
    Route("/oauth/authorize", show_consent, methods=["GET"]),
    person_post("/oauth/authorize", decide),
)
