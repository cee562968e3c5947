"""The pages of one endpoint: set-up, tools, keys, and whether the first call has come."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from annulet.errors import UsageError
from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.authorization.api_keys import LIFETIME_DAYS
from annulet.hosted.authorization.scopes import SCOPES
from annulet.hosted.dashboard.forms import read_form
from annulet.hosted.dashboard.page_session import get_service, redirect, require_person
from annulet.hosted.dashboard.rendering import (
    is_fragment_request,
    render_fragment,
    render_page,
)
from annulet.hosted.endpoints.assistants import ASSISTANTS, steps
from annulet.hosted.endpoints.store import Endpoint
from annulet.toolkit.answers import TOOLS

__all__ = ["ROUTES"]

_DEFAULT_DAYS: Final = 90


async def show_new(request: Request) -> Response:
    """Show the form of a new endpoint."""
    await require_person(request)
    chosen = request.query_params.get("kind", "")
    return await render_page(
        request,
        "endpoint_new.html",
        {
            "assistants": ASSISTANTS,
            "chosen": chosen,
        },
    )


async def create(request: Request) -> Response:
    """Create an endpoint."""
    session, service = await require_person(request), get_service(request)
    form = await read_form(request)
    endpoint = await service.endpoints.create(
        session.person.id, name=form.get("name"), kind=form.get("kind"), auth=form.get("auth")
    )
    await _record(request, AuditAction.ENDPOINT_CREATED, endpoint)
    return await redirect(request, f"/endpoints/{endpoint.id}", "Endpoint created.")


async def show(request: Request) -> Response:
    """Show everything about one endpoint."""
    return await _render_endpoint(request)


async def show_waiting(request: Request) -> Response:
    """Show whether the first call has come; the page asks for it again and again."""
    await get_service(request).audit.flush()
    return await render_fragment(
        request,
        "_waiting.html",
        {
            "endpoint": await _get_endpoint(request),
        },
    )


async def set_tools(request: Request) -> Response:
    """Set the tools that the endpoint offers."""
    form, service = await read_form(request), get_service(request)
    endpoint = await _get_endpoint(request)
    await service.endpoints.set_tools(
        endpoint.person_id, endpoint.id, on=form.get_all("tool"), known=TOOLS
    )
    service.authorization.bearers.clear()
    await _record(request, AuditAction.ENDPOINT_CHANGED, endpoint)
    if is_fragment_request(request):
        return await render_fragment(request, "_saved.html")
    return await redirect(request, f"/endpoints/{endpoint.id}", "Tools saved.")


async def rename(request: Request) -> Response:
    """Change the name of the endpoint."""
    form, service = await read_form(request), get_service(request)
    endpoint = await _get_endpoint(request)
    await service.endpoints.rename(endpoint.person_id, endpoint.id, form.get("name"))
    service.authorization.bearers.clear()
    await _record(request, AuditAction.ENDPOINT_CHANGED, endpoint)
    return await redirect(request, f"/endpoints/{endpoint.id}", "Name saved.")


async def delete(request: Request) -> Response:
    """Delete the endpoint with its keys and grants."""
    await read_form(request)
    service, endpoint = get_service(request), await _get_endpoint(request)
    await service.endpoints.delete(endpoint.person_id, endpoint.id)
    service.authorization.bearers.clear()
    await service.audit.record(
        AuditAction.ENDPOINT_DELETED,
        endpoint.person_id,
        endpoint_id=endpoint.id,
        client=endpoint.name,
    )
    return await redirect(request, "/dashboard", f"“{endpoint.name}” is deleted.")


async def create_key(request: Request) -> Response:
    """Create an API key and show it, this once."""
    form, service = await read_form(request), get_service(request)
    endpoint = await _get_endpoint(request)
    if endpoint.auth != "key":
        raise UsageError(
            "This endpoint uses OAuth, so it takes no API keys.",
            hint="Create another endpoint for API keys: assistants get confused by both at once.",
        )
    key = await service.authorization.api_keys.create(
        endpoint.person_id,
        endpoint.id,
        name=form.get("name"),
        scopes=form.get_all("scope"),
        days=LIFETIME_DAYS.get(form.get("lifetime", str(_DEFAULT_DAYS)), _DEFAULT_DAYS),
    )
    await _record(request, AuditAction.KEY_CREATED, endpoint)
    return await _render_endpoint(request, new_key=key)


async def _get_endpoint(request: Request) -> Endpoint:
    """Read the endpoint of the address, if it is one of this person.

    Raises:
        SignInRequiredError: No person is signed in.
        NotFoundError: The person has no such endpoint.
    """
    session = await require_person(request)
    endpoint_id = request.path_params["endpoint"]
    return await get_service(request).endpoints.get(session.person.id, endpoint_id)


async def _record(request: Request, action: AuditAction, endpoint: Endpoint) -> None:
    await get_service(request).audit.record(action, endpoint.person_id, endpoint_id=endpoint.id)


async def _render_endpoint(request: Request, *, new_key: str = "") -> Response:
    service = get_service(request)
    await service.audit.flush()  # it notes the first call on the endpoint
    endpoint = await _get_endpoint(request)
    url = f"{service.settings.public_url}/mcp/{endpoint.id}"
    grants = await service.authorization.grants.list_for(endpoint.person_id)
    return await render_page(
        request,
        "endpoint.html",
        {
            "endpoint": endpoint,
            "url": url,
            "steps": steps(endpoint.kind, url, auth=endpoint.auth, key=new_key),
            "tools": TOOLS.values(),
            "keys": await service.authorization.api_keys.list_for(endpoint.person_id, endpoint.id),
            "grants": [grant for grant in grants if grant.endpoint_id == endpoint.id],
            "scopes": SCOPES,
            "new_key": new_key,
        },
    )


ROUTES: Final = (
    Route("/endpoints/new", show_new),
    Route("/endpoints", create, methods=["POST"]),
    Route("/endpoints/{endpoint}", show),
    Route("/endpoints/{endpoint}/waiting", show_waiting),
    Route("/endpoints/{endpoint}/tools", set_tools, methods=["POST"]),
    Route("/endpoints/{endpoint}/rename", rename, methods=["POST"]),
    Route("/endpoints/{endpoint}/delete", delete, methods=["POST"]),
    Route("/endpoints/{endpoint}/keys", create_key, methods=["POST"]),
)
