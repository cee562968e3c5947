"""Who may ask: API keys and assistants with a grant, each revocable; and the audit log."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.dashboard.page_session import form, go, service_of, signed_in
from annulet.hosted.dashboard.rendering import page
from annulet.hosted.errors import NotFoundError

__all__ = ["ROUTES"]

_PAGE: Final = 50


async def access(request: Request) -> Response:
    """Keys and grants of this person."""
    return await _access(request)


async def rotate_key(request: Request) -> Response:
    """A new key in place of an old one."""
    me, service = await signed_in(request), service_of(request)
    await form(request)
    key = await service.authorization.api_keys.rotate(me.person.id, request.path_params["key"])
    service.authorization.bearers.forget()
    await service.audit.record(AuditAction.KEY_ROTATED, me.person.id)
    return await _access(request, new_key=key)


async def revoke_key(request: Request) -> Response:
    """End a key."""
    me, service = await signed_in(request), service_of(request)
    await form(request)
    if not await service.authorization.api_keys.revoke(me.person.id, request.path_params["key"]):
        raise NotFoundError("There is no such key.", hint="It may have been revoked already.")
    service.authorization.bearers.forget()
    await service.audit.record(AuditAction.KEY_REVOKED, me.person.id)
    return await go(request, "/keys", "The key is revoked.")


async def revoke_grant(request: Request) -> Response:
    """Take an assistant's access back."""
    me, service = await signed_in(request), service_of(request)
    await form(request)
    if not await service.authorization.grants.revoke(me.person.id, request.path_params["grant"]):
        raise NotFoundError("There is no such access.", hint="It may have been revoked already.")
    service.authorization.bearers.forget()
    await service.audit.record(AuditAction.CLIENT_REVOKED, me.person.id)
    return await go(request, "/keys", "Access is revoked.")


async def audit(request: Request) -> Response:
    """What happened in this account: words, sizes and times, never values."""
    me, service = await signed_in(request), service_of(request)
    before = request.query_params.get("before", "")
    number = int(before) if before.isascii() and before.isdigit() and len(before) < 16 else None  # noqa: PLR2004 - fits the column
    rows = await service.audit.read_person(me.person.id, limit=_PAGE + 1, before_id=number)
    endpoints = {e.id: e.name for e in await service.endpoints.of(me.person.id)}
    return await page(
        request,
        "audit.html",
        rows=rows[:_PAGE],
        endpoints=endpoints,
        older=rows[_PAGE - 1].id if len(rows) > _PAGE else None,
    )


async def _access(request: Request, *, new_key: str = "") -> Response:
    me, service = await signed_in(request), service_of(request)
    endpoints = {e.id: e for e in await service.endpoints.of(me.person.id)}
    return await page(
        request,
        "access.html",
        keys=await service.authorization.api_keys.of(me.person.id),
        grants=await service.authorization.grants.of(me.person.id),
        endpoints=endpoints,
        new_key=new_key,
    )


ROUTES: Final = (
    Route("/keys", access),
    Route("/keys/{key}/rotate", rotate_key, methods=["POST"]),
    Route("/keys/{key}/revoke", revoke_key, methods=["POST"]),
    Route("/grants/{grant}/revoke", revoke_grant, methods=["POST"]),
    Route("/audit", audit),
)
