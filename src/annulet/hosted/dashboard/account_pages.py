"""The pages of the account: name and zone, password, signed-in browsers, export, deletion."""

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
from annulet.hosted.dashboard.forms import read_form
from annulet.hosted.dashboard.page_session import (
    end_session,
    get_service,
    redirect,
    require_person,
)
from annulet.hosted.dashboard.rendering import render_message, render_page
from annulet.hosted.errors import NotFoundError

__all__ = ["ROUTES"]

_MAX_NAME: Final = 80


async def show_account(request: Request) -> Response:
    """Show everything about the account."""
    return await _render_account(request)


async def change_profile(request: Request) -> Response:
    """Change name and zone."""
    session, service = await require_person(request), get_service(request)
    form = await read_form(request)
    person = session.person
    name = " ".join(form.get("name").split())[:_MAX_NAME] or person.name
    try:
        zone = check_zone(form.get("timezone"))
    except UsageError as problem:
        return await _render_account(request, problem)
    await service.accounts.people.change(person.id, name=name, timezone=zone)
    service.toolkit.contexts.close_person(person.id)
    service.authorization.bearers.clear()
    await service.audit.record(AuditAction.ACCOUNT_CHANGED, person.id)
    return await redirect(request, "/account", "Saved.")


async def change_password(request: Request) -> Response:
    """Change the password; every other browser is signed out."""
    session, service = await require_person(request), get_service(request)
    form = await read_form(request)
    try:
        await service.accounts.sign_in.change_password(
            session.person,
            current=form.get("current"),
            new=form.get("password"),
            keep_session=session.browser.id,
        )
    except UsageError as problem:
        return await _render_account(request, problem)
    return await redirect(request, "/account", "Password changed. Other browsers are signed out.")


async def sign_browser_out(request: Request) -> Response:
    """Sign another browser out."""
    session, service = await require_person(request), get_service(request)
    await read_form(request)
    person_id = session.person.id
    if not await service.accounts.sessions.end(person_id, request.path_params["session"]):
        raise NotFoundError("There is no such browser.", hint="It may be signed out already.")
    await service.audit.record(AuditAction.SIGNED_OUT, person_id)
    return await redirect(request, "/account", "That browser is signed out.")


async def export(request: Request) -> Response:
    """Send a file with every row about this person."""
    session, service = await require_person(request), get_service(request)
    await read_form(request)
    await service.audit.record(AuditAction.ACCOUNT_EXPORTED, session.person.id)
    exported = await export_account(service.database, session.person.id)
    return Response(
        json.dumps(exported, indent=2, ensure_ascii=False),
        media_type="application/json",
        headers={"content-disposition": 'attachment; filename="annulet-account.json"'},
    )


async def delete(request: Request) -> Response:
    """Delete the account with everything that belongs to it."""
    session, service = await require_person(request), get_service(request)
    form = await read_form(request)
    if form.get("login").strip().casefold() != session.person.login:
        problem = UsageError(
            "The account was not deleted: the e-mail address does not match.",
            hint="Type your own e-mail address to confirm.",
        )
        return await _render_account(request, problem)
    await service.delete_person(session.person.id)
    await service.audit.record(AuditAction.ACCOUNT_DELETED, None)
    end_session(request)
    return await render_message(
        request,
        status=200,
        title="Your account is deleted",
        text="Everything that belonged to it is removed: tokens, endpoints, keys, audit log.",
        hint="You can also check the list of connected applications in your Oura account.",
    )


async def _render_account(request: Request, problem: UsageError | None = None) -> Response:
    session, service = await require_person(request), get_service(request)
    return await render_page(
        request,
        "account.html",
        {
            "sessions": await service.accounts.sessions.list_for(session.person.id),
            "this_session": session.browser.id,
            "zones": sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC"),
            "problem": problem,
        },
        status=200 if problem is None else 400,
    )


ROUTES: Final = (
    Route("/account", show_account),
    Route("/account/profile", change_profile, methods=["POST"]),
    Route("/account/password", change_password, methods=["POST"]),
    Route("/account/sessions/{session}/end", sign_browser_out, methods=["POST"]),
    Route("/account/export", export, methods=["POST"]),
    Route("/account/delete", delete, methods=["POST"]),
)
