"""The pages in front: landing, sign-up, sign-in, sign-out, reset."""

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
from annulet.hosted.dashboard.page_session import (
    begin_session,
    form,
    go,
    local_path,
    service_of,
    visitor,
    with_cookies,
)
from annulet.hosted.dashboard.rendering import page

__all__ = ["ROUTES"]

_NINE: Final = tuple(scope for scope in SCOPES.values() if scope.group)


async def landing(request: Request) -> Response:
    """What this is, for somebody who has never seen it."""
    return await page(request, "landing.html", permissions=_NINE)


async def sign_in_page(request: Request) -> Response:
    """The way in."""
    wanted = local_path(request.query_params.get("next", ""))
    if await visitor(request) is not None:
        return await go(request, wanted)
    return await page(request, "sign_in.html", wanted=wanted, login="", problem=None)


async def sign_in(request: Request) -> Response:
    """Check a password and give this browser a session."""
    fields = await form(request)
    wanted, login = local_path(fields.get("next", "")), fields.get("login", "")
    try:
        person = await service_of(request).accounts.sign_in.sign_in(
            login=login,
            password=fields.get("password", ""),
            address=request.client.host if request.client else "",
        )
    except TooManyAttemptsError as problem:
        response = await page(
            request, "sign_in.html", status=429, wanted=wanted, login=login, problem=problem
        )
        response.headers["retry-after"] = str(problem.wait_s)
        return response
    except UsageError as problem:
        return await page(
            request, "sign_in.html", status=400, wanted=wanted, login=login, problem=problem
        )
    return await _enter(request, person, wanted)


async def sign_up_page(request: Request) -> Response:
    """A new account, if this visitor may have one."""
    wanted = local_path(request.query_params.get("next", ""))
    if await visitor(request) is not None:
        return await go(request, wanted)
    fields = {"next": wanted, "invitation": request.query_params.get("invitation", "")}
    return await _sign_up_form(request, fields)


async def sign_up(request: Request) -> Response:
    """Create the account and sign in."""
    fields = await form(request)
    try:
        person = await service_of(request).accounts.sign_in.sign_up(
            login=fields.get("login", ""),
            name=fields.get("name", ""),
            password=fields.get("password", ""),
            timezone=fields.get("timezone", ""),
            invitation=fields.get("invitation", ""),
        )
    except UsageError as problem:
        return await _sign_up_form(request, fields, problem)
    return await _enter(request, person, local_path(fields.get("next", "")))


async def sign_out(request: Request) -> Response:
    """End this browser's session."""
    await form(request)
    found = await visitor(request)
    service = service_of(request)
    if found is not None and not service.settings.single_user:
        await service.accounts.sessions.end(found.person.id, found.session.id)
        await service.audit.record(AuditAction.SIGNED_OUT, found.person.id)
        begin_session(request, "")
        request.state.visitor = None
    return await go(request, "/")


async def reset_page(request: Request) -> Response:
    """Where a link from an admin leads."""
    token = request.query_params.get("link", "")
    usable = await service_of(request).accounts.links.find("reset", token) is not None
    return await page(
        request,
        "reset.html",
        status=200 if usable else 404,
        link=token,
        usable=usable,
        problem=None,
    )


async def reset(request: Request) -> Response:
    """Set the new password."""
    fields = await form(request)
    link = fields.get("link", "")
    try:
        person = await service_of(request).accounts.sign_in.reset_password(
            link, fields.get("password", "")
        )
    except UsageError as problem:
        return await page(
            request, "reset.html", status=400, link=link, usable=True, problem=problem
        )
    return await _enter(request, person, "/dashboard")


async def _enter(request: Request, person: Person, wanted: str) -> Response:
    token = await service_of(request).accounts.sessions.start(
        person.id, request.headers.get("user-agent", "")
    )
    begin_session(request, token)
    return with_cookies(request, await go(request, wanted))


async def _sign_up_form(
    request: Request, fields: dict[str, str], problem: UsageError | None = None
) -> Response:
    invitation = fields.get("invitation", "")
    return await page(
        request,
        "sign_up.html",
        status=200 if problem is None else 400,
        wanted=local_path(fields.get("next", "")),
        allowed=await service_of(request).accounts.sign_in.may_sign_up(invitation),
        invitation=invitation,
        login=fields.get("login", ""),
        name=fields.get("name", ""),
        timezone=fields.get("timezone", ""),
        problem=problem,
    )


ROUTES: Final = (
    Route("/", landing),
    Route("/sign-in", sign_in_page, methods=["GET"]),
    Route("/sign-in", sign_in, methods=["POST"]),
    Route("/sign-up", sign_up_page, methods=["GET"]),
    Route("/sign-up", sign_up, methods=["POST"]),
    Route("/sign-out", sign_out, methods=["POST"]),
    Route("/reset", reset_page, methods=["GET"]),
    Route("/reset", reset, methods=["POST"]),
)
