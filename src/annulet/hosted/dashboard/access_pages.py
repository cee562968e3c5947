"""The pages of access: API keys and the assistants with a grant, each revocable."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.dashboard.forms import read_form
from annulet.hosted.dashboard.page_session import get_service, redirect, require_person
from annulet.hosted.dashboard.rendering import render_page
from annulet.hosted.errors import NotFoundError

__all__ = ["ROUTES"]


async def show_access(request: Request) -> Response:
    """Show the keys and grants of this person."""
    return await _render_access(request)


async def rotate_key(request: Request) -> Response:
    """Create a key in place of an old one, and show it this once."""
    session, service = await require_person(request), get_service(request)
    await read_form(request)
    person_id = session.person.id
    key = await service.authorization.api_keys.rotate(person_id, request.path_params["key"])
    service.authorization.bearers.clear()
    await service.audit.record(AuditAction.KEY_ROTATED, person_id)
    return await _render_access(request, new_key=key)


async def revoke_key(request: Request) -> Response:
    """Revoke a key."""
    session, service = await require_person(request), get_service(request)
    await read_form(request)
    person_id = session.person.id
    if not await service.authorization.api_keys.revoke(person_id, request.path_params["key"]):
        raise NotFoundError("There is no such key.", hint="It may have been revoked already.")
    service.authorization.bearers.clear()
    await service.audit.record(AuditAction.KEY_REVOKED, person_id)
    return await redirect(request, "/keys", "The key is revoked.")


async def revoke_grant(request: Request) -> Response:
    """Revoke the grant of an assistant."""
    session, service = await require_person(request), get_service(request)
    await read_form(request)
    person_id = session.person.id
    if not await service.authorization.grants.revoke(person_id, request.path_params["grant"]):
        raise NotFoundError("There is no such access.", hint="It may have been revoked already.")
    service.authorization.bearers.clear()
    await service.audit.record(AuditAction.CLIENT_REVOKED, person_id)
    return await redirect(request, "/keys", "Access is revoked.")


async def _render_access(request: Request, *, new_key: str = "") -> Response:
    session, service = await require_person(request), get_service(request)
    person_id = session.person.id
    return await render_page(
        request,
        "access.html",
        {
            "keys": await service.authorization.api_keys.list_for(person_id),
            "grants": await service.authorization.grants.list_for(person_id),
            "endpoints": {e.id: e for e in await service.endpoints.list_for(person_id)},
            "new_key": new_key,
        },
    )


ROUTES: Final = (
    Route("/keys", show_access),
    Route("/keys/{key}/rotate", rotate_key, methods=["POST"]),
    Route("/keys/{key}/revoke", revoke_key, methods=["POST"]),
    Route("/grants/{grant}/revoke", revoke_grant, methods=["POST"]),
)
