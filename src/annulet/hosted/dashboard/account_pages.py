"""The account: name and zone, password, browsers, export, deletion."""

from __future__ import annotations

import json
from typing import Final
from zoneinfo import available_timezones

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from annulet.errors import UsageError
from annulet.hosted.accounts.account_export import export_account
from annulet.hosted.accounts.people import check_zone
from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.dashboard.page_session import (
    begin_session,
    form,
    go,
    service_of,
    signed_in,
    with_cookies,
)
from annulet.hosted.dashboard.rendering import page
from annulet.hosted.errors import NotFoundError

__all__ = ["ROUTES"]


async def account(request: Request) -> Response:
    """Everything about the account."""
    return await _account(request)


async def profile(request: Request) -> Response:
    """Change name and zone."""
    me, service = await signed_in(request), service_of(request)
    fields = await form(request)
    name = " ".join(fields.get("name", "").split())[:80] or me.person.name
    try:
        zone = check_zone(fields.get("timezone", ""))
    except UsageError as problem:
        return await _account(request, problem)
    await service.accounts.people.change(me.person.id, name=name, timezone=zone)
    service.toolkit.contexts.forget(me.person.id)
    service.authorization.bearers.forget()
    await service.audit.record(AuditAction.ACCOUNT_CHANGED, me.person.id)
    return await go(request, "/account", "Saved.")


async def password(request: Request) -> Response:
    """Change the password; every other browser is signed out."""
    me, service = await signed_in(request), service_of(request)
    fields = await form(request)
    try:
        await service.accounts.sign_in.change_password(
            me.person,
            current=fields.get("current", ""),
            new=fields.get("password", ""),
            keep_session=me.session.id,
        )
    except UsageError as problem:
        return await _account(request, problem)
    return await go(request, "/account", "Password changed. Other browsers are signed out.")


async def end_session(request: Request) -> Response:
    """Sign another browser out."""
    me, service = await signed_in(request), service_of(request)
    await form(request)
    if not await service.accounts.sessions.end(me.person.id, request.path_params["session"]):
        raise NotFoundError("There is no such browser.", hint="It may be signed out already.")
    await service.audit.record(AuditAction.SIGNED_OUT, me.person.id)
    return await go(request, "/account", "That browser is signed out.")


async def export(request: Request) -> Response:
    """A file with everything we keep about this person."""
    me, service = await signed_in(request), service_of(request)
    await form(request)
    await service.audit.record(AuditAction.ACCOUNT_EXPORTED, me.person.id)
    everything = await export_account(service.database, me.person.id)
    return Response(
        json.dumps(everything, indent=2, ensure_ascii=False),
        media_type="application/json",
        headers={"content-disposition": 'attachment; filename="annulet-account.json"'},
    )


async def delete(request: Request) -> Response:
    """Delete the account with everything that belongs to it."""
    me, service = await signed_in(request), service_of(request)
    fields = await form(request)
    if fields.get("login", "").strip().casefold() != me.person.login:
        problem = UsageError(
            "The account was not deleted: the e-mail address does not match.",
            hint="Type your own e-mail address to confirm.",
        )
        return await _account(request, problem)
    await service.toolkit.connections.drop(me.person.id)
    await service.toolkit.connections.tell_approved(
        await service.toolkit.queue.withdraw(me.person.id)
    )
    await service.accounts.people.delete(me.person.id)
    service.authorization.bearers.forget()
    await service.audit.record(AuditAction.ACCOUNT_DELETED, None)
    begin_session(request, "")
    request.state.visitor = None
    response = await page(
        request,
        "message.html",
        title="Your account is deleted",
        text="Everything that belonged to it is removed: tokens, endpoints, keys, audit log.",
        hint="You can also check the list of connected applications in your Oura account.",
    )
    return with_cookies(request, response)


async def _account(request: Request, problem: UsageError | None = None) -> Response:
    me, service = await signed_in(request), service_of(request)
    return await page(
        request,
        "account.html",
        status=200 if problem is None else 400,
        sessions=await service.accounts.sessions.list_for(me.person.id),
        this_session=me.session.id,
        zones=sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC"),
        problem=problem,
    )


ROUTES: Final = (
    Route("/account", account),
    Route("/account/profile", profile, methods=["POST"]),
    Route("/account/password", password, methods=["POST"]),
    Route("/account/sessions/{session}/end", end_session, methods=["POST"]),
    Route("/account/export", export, methods=["POST"]),
    Route("/account/delete", delete, methods=["POST"]),
)
