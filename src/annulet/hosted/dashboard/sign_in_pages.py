"""The pages before sign-in: landing, sign-up, sign-in, sign-out, password reset."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from annulet.contract.scopes import SCOPES
from annulet.errors import UsageError
from annulet.hosted.accounts.people import Person
from annulet.hosted.accounts.sign_in_service import TooManyAttemptsError
from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.dashboard.forms import Form, read_form
from annulet.hosted.dashboard.page_session import (
    end_session,
    find_session,
    redirect,
    safe_path,
    start_session,
)
from annulet.hosted.dashboard.rendering import render_page
from annulet.hosted.service import get_service

__all__ = ["ROUTES"]

_NINE_PERMISSIONS: Final = tuple(scope for scope in SCOPES.values() if scope.group)


async def show_landing(request: Request) -> Response:
    """Show what annulet is."""
    return await render_page(request, "landing.html", {"permissions": _NINE_PERMISSIONS})


async def show_sign_in(request: Request) -> Response:
    """Show the sign-in form."""
    next_path = safe_path(request.query_params.get("next", ""))
    if await find_session(request) is not None:
        return await redirect(request, next_path)
    return await _render_sign_in(request, next_path)


async def sign_in(request: Request) -> Response:
    """Check a password and sign this browser in."""
    form = await read_form(request)
    next_path, login = safe_path(form.get("next")), form.get("login")
    try:
        person = await get_service(request).accounts.sign_in.sign_in(
            login=login,
            password=form.get("password"),
            address=request.client.host if request.client else "",
        )
    except TooManyAttemptsError as problem:
        response = await _render_sign_in(
            request, next_path, login=login, status=429, problem=problem
        )
        response.headers["retry-after"] = str(problem.wait_s)
        return response
    except UsageError as problem:
        return await _render_sign_in(request, next_path, login=login, status=400, problem=problem)
    return await _enter(request, person, next_path)


async def show_sign_up(request: Request) -> Response:
    """Show the sign-up form, where the policy lets this visitor sign up."""
    next_path = safe_path(request.query_params.get("next", ""))
    if await find_session(request) is not None:
        return await redirect(request, next_path)
    invitation = request.query_params.get("invitation", "")
    return await _render_sign_up(request, Form({"next": [next_path], "invitation": [invitation]}))


async def sign_up(request: Request) -> Response:
    """Create the account and sign this browser in."""
    form = await read_form(request)
    try:
        person = await get_service(request).accounts.sign_in.sign_up(
            login=form.get("login"),
            name=form.get("name"),
            password=form.get("password"),
            timezone=form.get("timezone"),
            invitation=form.get("invitation"),
        )
    except UsageError as problem:
        return await _render_sign_up(request, form, problem)
    return await _enter(request, person, safe_path(form.get("next")))


async def sign_out(request: Request) -> Response:
    """Sign this browser out."""
    await read_form(request)
    session, service = await find_session(request), get_service(request)
    if session is not None and not service.settings.single_user:
        await service.accounts.sessions.end(session.person.id, session.browser.id)
        await service.audit.record(AuditAction.SIGNED_OUT, session.person.id)
        end_session(request)
    return await redirect(request, "/")


async def show_reset(request: Request) -> Response:
    """Show the form behind a reset link from an admin."""
    token = request.query_params.get("link", "")
    is_usable = await get_service(request).accounts.links.find("reset", token) is not None
    return await render_page(
        request,
        "reset.html",
        {"link": token, "usable": is_usable, "problem": None},
        status=200 if is_usable else 404,
    )


async def reset(request: Request) -> Response:
    """Set the new password and sign this browser in."""
    form = await read_form(request)
    token = form.get("link")
    try:
        person = await get_service(request).accounts.sign_in.reset_password(
            token, form.get("password")
        )
    except UsageError as problem:
        return await render_page(
            request, "reset.html", {"link": token, "usable": True, "problem": problem}, status=400
        )
    return await _enter(request, person, "/dashboard")


async def _enter(request: Request, person: Person, next_path: str) -> Response:
    await start_session(request, person.id)
    return await redirect(request, next_path)


async def _render_sign_in(
    request: Request,
    next_path: str,
    *,
    login: str = "",
    status: int = 200,
    problem: Exception | None = None,
) -> Response:
    return await render_page(
        request,
        "sign_in.html",
        {"next_path": next_path, "login": login, "problem": problem},
        status=status,
    )


async def _render_sign_up(
    request: Request, form: Form, problem: UsageError | None = None
) -> Response:
    invitation = form.get("invitation")
    may_sign_up = await get_service(request).accounts.sign_in.may_sign_up(invitation)
    return await render_page(
        request,
        "sign_up.html",
        {
            "next_path": safe_path(form.get("next")),
            "may_sign_up": may_sign_up,
            "invitation": invitation,
            "login": form.get("login"),
            "name": form.get("name"),
            "timezone": form.get("timezone"),
            "problem": problem,
        },
        status=200 if problem is None else 400,
    )


ROUTES: Final = (
    Route("/", show_landing),
    Route("/sign-in", show_sign_in, methods=["GET"]),
    Route("/sign-in", sign_in, methods=["POST"]),
    Route("/sign-up", show_sign_up, methods=["GET"]),
    Route("/sign-up", sign_up, methods=["POST"]),
    Route("/sign-out", sign_out, methods=["POST"]),
    Route("/reset", show_reset, methods=["GET"]),
    Route("/reset", reset, methods=["POST"]),
)
