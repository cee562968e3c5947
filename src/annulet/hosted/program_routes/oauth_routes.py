"""The routes that OAuth clients use: metadata, registration, token, revocation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, Router

from annulet.hosted.accounts.rate_limits import Budget
from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.authorization.clients import OAuthClient
from annulet.hosted.authorization.errors import OAuthError, ReplayedError
from annulet.hosted.authorization.metadata import (
    build_resource_metadata,
    build_server_metadata,
    canonical_resource,
)
from annulet.hosted.service import AuthorizationServices, get_service
from annulet.hosted.strict_json import read_json
from annulet.hosted.web.client_address import read_client_address

_Handler = Callable[[Request], Awaitable[Response]]
_REGISTRATIONS_PER_ADDRESS: Final = 100
_REGISTRATIONS_TOGETHER: Final = 2000
_HOUR_S: Final = 3600
_FORM: Final = "application/x-www-form-urlencoded"


def build_routes() -> list[Route]:
    """Build every route, those with a form at the root and under ``/oauth/``."""
    resource = "/.well-known/oauth-protected-resource"
    routes = [
        Route(resource, common_resource),
        Route(f"{resource}/mcp", common_resource),
        Route(f"{resource}/mcp/{{endpoint}}", endpoint_resource),
        Route("/.well-known/oauth-authorization-server", server),
    ]
    for prefix in ("", "/oauth"):
        for path, handler in (("/register", register), ("/token", token), ("/revoke", revoke)):
            routes.append(Route(prefix + path, _answer_errors(handler), methods=["POST"]))
    # CORS around the routes, for every method: a route of its own method would refuse the
    # preflight request first. No route here reads a cookie, so pages of other origins
    # (browser-based assistants) may ask.
    app = CORSMiddleware(
        Router(routes),
        allow_origins=["*"],
        allow_methods=["GET", "POST"],
        allow_headers=["authorization", "content-type", "mcp-protocol-version"],
    )
    return [Route(route.path, app) for route in routes]


async def server(request: Request) -> Response:
    """Answer with the server metadata (RFC 8414)."""
    service = get_service(request)
    supports_documents = service.authorization.clients.supports_documents
    metadata = build_server_metadata(
        service.settings.public_url, supports_documents=supports_documents
    )
    return JSONResponse(metadata)


async def common_resource(request: Request) -> Response:
    """Answer with the metadata of the common address, where consent picks the endpoint."""
    public_url = get_service(request).settings.public_url
    return JSONResponse(build_resource_metadata(public_url, f"{public_url}/mcp"))


async def endpoint_resource(request: Request) -> Response:
    """Answer with the metadata of one endpoint, unless it takes API keys (RFC 9728)."""
    service = get_service(request)
    endpoint = await service.endpoints.find(request.path_params["endpoint"])
    if endpoint is None or endpoint.auth != "oauth":
        return JSONResponse({"error": "not_found"}, status_code=404)
    public_url = service.settings.public_url
    return JSONResponse(build_resource_metadata(public_url, f"{public_url}/mcp/{endpoint.id}"))


async def register(request: Request) -> Response:
    """Register a client (RFC 7591)."""
    service = get_service(request)
    address = read_client_address(request.scope)
    wait_s = await service.accounts.limits.reserve(
        (
            Budget(f"register-from:{address}", _REGISTRATIONS_PER_ADDRESS, _HOUR_S),
            Budget("register", _REGISTRATIONS_TOGETHER, _HOUR_S),
        )
    )
    if wait_s:
        raise OAuthError(
            "temporarily_unavailable",
            "There were too many registrations.",
            status=429,
            retry_after_s=wait_s,
        )
    try:
        document = read_json(await request.body())
    except ValueError:
        raise OAuthError("invalid_client_metadata", "The body is not JSON.") from None
    return JSONResponse(await service.authorization.clients.register(document), status_code=201)


async def token(request: Request) -> Response:
    """Answer a token request (RFC 6749 section 3.2)."""
    service = get_service(request)
    authorization = service.authorization
    form, client = await _authenticate(request)
    given = form.get("resource", "")
    form["resource"] = canonical_resource(service.settings.public_url, given) if given else ""
    grant_type = form.get("grant_type", "")
    issue = {"authorization_code": _redeem, "refresh_token": _refresh}.get(grant_type)
    if issue is None:
        raise OAuthError("unsupported_grant_type", "This grant type is not offered.")
    try:
        return JSONResponse(await issue(authorization, form, client))
    except ReplayedError as replayed:
        await service.audit.record(
            AuditAction.TOKEN_REUSED,
            replayed.person_id,
            client=replayed.client_name,
            status="refused",
        )
        raise


async def revoke(request: Request) -> Response:
    """Revoke a token (RFC 7009); an unknown token is answered like a known one."""
    service = get_service(request)
    form, client = await _authenticate(request)
    revoked = await service.authorization.tokens.revoke(form.get("token", ""), client.id)
    if revoked is not None:
        person_id, client_name = revoked
        await service.audit.record(AuditAction.TOKEN_REVOKED, person_id, client=client_name)
    return JSONResponse({})


async def _redeem(
    authorization: AuthorizationServices, form: dict[str, str], client: OAuthClient
) -> dict[str, object]:
    grant = await authorization.grants.redeem(
        form.get("code", ""),
        client_id=client.id,
        redirect_uri=form.get("redirect_uri", ""),
        verifier=form.get("code_verifier", ""),
        resource=form["resource"],
    )
    return await authorization.tokens.issue(grant)


async def _refresh(
    authorization: AuthorizationServices, form: dict[str, str], client: OAuthClient
) -> dict[str, object]:
    return await authorization.tokens.refresh(
        form.get("refresh_token", ""),
        client_id=client.id,
        scope=form.get("scope", ""),
        resource=form["resource"],
    )


async def _authenticate(request: Request) -> tuple[dict[str, str], OAuthClient]:
    if request.headers.get("content-type", "").partition(";")[0].strip() != _FORM:
        raise OAuthError("invalid_request", "The body must be a form.")
    async with request.form(max_files=0, max_fields=40) as data:
        form = {name: value for name, value in data.items() if isinstance(value, str)}
    clients = get_service(request).authorization.clients
    return form, await clients.authenticate(request.headers.get("authorization", ""), form)


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
            if error.retry_after_s:
                headers["retry-after"] = str(error.retry_after_s)
            return JSONResponse(error.as_dict(), status_code=error.status, headers=headers)

    return answer
