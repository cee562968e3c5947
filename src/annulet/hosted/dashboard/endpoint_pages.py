"""One endpoint: its set-up, its switches, its keys, and whether the first question has come."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from annulet.errors import UsageError
from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.authorization.api_keys import LIFETIMES
from annulet.hosted.authorization.scopes import SCOPES
from annulet.hosted.dashboard.page_session import form, go, many, service_of, signed_in
from annulet.hosted.dashboard.rendering import fragment, page
from annulet.hosted.endpoints.assistants import ASSISTANTS, steps
from annulet.toolkit.answers import TOOLS

__all__ = ["ROUTES"]


async def new_page(request: Request) -> Response:
    """Choose the assistant."""
    await signed_in(request)
    chosen = request.query_params.get("kind", "")
    return await page(request, "endpoint_new.html", assistants=ASSISTANTS, chosen=chosen)


async def create(request: Request) -> Response:
    """Make an endpoint."""
    me, service = await signed_in(request), service_of(request)
    fields = await form(request)
    endpoint = await service.endpoints.create(
        me.person.id,
        name=fields.get("name", ""),
        kind=fields.get("kind", ""),
        auth=fields.get("auth", ""),
    )
    await service.audit.record(AuditAction.ENDPOINT_CREATED, me.person.id, endpoint_id=endpoint.id)
    return await go(request, f"/endpoints/{endpoint.id}", "Endpoint created.")


async def show(request: Request) -> Response:
    """Everything about one endpoint."""
    return await _show(request)


async def waiting(request: Request) -> Response:
    """Whether the first question has come, asked again and again by the page."""
    me, service = await signed_in(request), service_of(request)
    await service.audit.flush()
    endpoint = await service.endpoints.get(me.person.id, request.path_params["endpoint"])
    return await fragment(request, "_waiting.html", endpoint=endpoint)


async def switch(request: Request) -> Response:
    """Choose the tools."""
    me, service = await signed_in(request), service_of(request)
    await form(request)
    endpoint = await service.endpoints.get(me.person.id, request.path_params["endpoint"])
    await service.endpoints.switch(me.person.id, endpoint.id, on=many(request, "tool"), known=TOOLS)
    service.authorization.bearers.forget()
    await service.audit.record(AuditAction.ENDPOINT_CHANGED, me.person.id, endpoint_id=endpoint.id)
    if request.headers.get("hx-request"):
        return await fragment(request, "_saved.html")
    return await go(request, f"/endpoints/{endpoint.id}", "Tools saved.")


async def rename(request: Request) -> Response:
    """Call it something else."""
    me, service = await signed_in(request), service_of(request)
    fields = await form(request)
    endpoint = await service.endpoints.get(me.person.id, request.path_params["endpoint"])
    await service.endpoints.rename(me.person.id, endpoint.id, fields.get("name", ""))
    service.authorization.bearers.forget()
    await service.audit.record(AuditAction.ENDPOINT_CHANGED, me.person.id, endpoint_id=endpoint.id)
    return await go(request, f"/endpoints/{endpoint.id}", "Name saved.")


async def delete(request: Request) -> Response:
    """Delete it with its keys and grants."""
    me, service = await signed_in(request), service_of(request)
    await form(request)
    endpoint = await service.endpoints.get(me.person.id, request.path_params["endpoint"])
    await service.endpoints.delete(me.person.id, endpoint.id)
    service.authorization.bearers.forget()
    await service.audit.record(
        AuditAction.ENDPOINT_DELETED, me.person.id, endpoint_id=endpoint.id, client=endpoint.name
    )
    return await go(request, "/dashboard", f"“{endpoint.name}” is deleted.")


async def create_key(request: Request) -> Response:
    """Make an API key and show it, this once."""
    me, service = await signed_in(request), service_of(request)
    fields = await form(request)
    endpoint = await service.endpoints.get(me.person.id, request.path_params["endpoint"])
    if endpoint.auth != "key":
        raise UsageError(
            "This endpoint uses OAuth, so it takes no API keys.",
            hint="Create another endpoint for API keys: assistants get confused by both at once.",
        )
    key = await service.authorization.api_keys.create(
        me.person.id,
        endpoint.id,
        name=fields.get("name", ""),
        scopes=many(request, "scope"),
        days=LIFETIMES.get(fields.get("lifetime", "90"), 90),
    )
    await service.audit.record(AuditAction.KEY_CREATED, me.person.id, endpoint_id=endpoint.id)
    return await _show(request, new_key=key)


async def _show(request: Request, *, new_key: str = "") -> Response:
    me, service = await signed_in(request), service_of(request)
    await service.audit.flush()
    endpoint = await service.endpoints.get(me.person.id, request.path_params["endpoint"])
    url = f"{service.settings.public_url}/mcp/{endpoint.id}"
    setup = steps(endpoint.kind, url, auth=endpoint.auth, key=new_key)
    grants = [
        g
        for g in await service.authorization.grants.of(me.person.id)
        if g.endpoint_id == endpoint.id
    ]
    return await page(
        request,
        "endpoint.html",
        endpoint=endpoint,
        url=url,
        steps=setup,
        tools=TOOLS.values(),
        keys=await service.authorization.api_keys.of(me.person.id, endpoint.id),
        grants=grants,
        scopes=SCOPES,
        new_key=new_key,
    )


ROUTES: Final = (
    Route("/endpoints/new", new_page),
    Route("/endpoints", create, methods=["POST"]),
    Route("/endpoints/{endpoint}", show),
    Route("/endpoints/{endpoint}/waiting", waiting),
    Route("/endpoints/{endpoint}/tools", switch, methods=["POST"]),
    Route("/endpoints/{endpoint}/rename", rename, methods=["POST"]),
    Route("/endpoints/{endpoint}/delete", delete, methods=["POST"]),
    Route("/endpoints/{endpoint}/keys", create_key, methods=["POST"]),
)
