"""The pages before sign-in: landing, sign-up, sign-in, sign-out, reset, confirmed address."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from annulet.contract.scopes import SCOPES
from annulet.errors import AnnuletError, UsageError
from annulet.hosted.accounts.people import Person
from annulet.hosted.accounts.sign_in_service import TooManyAttemptsError
from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.dashboard.forms import Form, form_token, read_form
from annulet.hosted.dashboard.page_session import (
    end_session,
    find_session,
    redirect,
    safe_path,
    start_session,
)
from annulet.hosted.dashboard.problem_status import give_status
from annulet.hosted.dashboard.rendering import render_message, render_page
from annulet.hosted.dashboard.submissions import is_sent_again
from annulet.hosted.errors import OverloadedError
from annulet.hosted.mail.mail_texts import MailKind
from annulet.hosted.service import get_service
from annulet.hosted.web.client_address import read_client_address

PROBLEMS: Final = (UsageError, TooManyAttemptsError, OverloadedError)
"""What the form shows above itself, with the fields as they were typed."""
_NINE_PERMISSIONS: Final = tuple(scope for scope in SCOPES.values() if scope.group)


_LOOK_INTO_MAIL: Final = {
    "title": "Look into your mail",
    "text": "If the address can be used, a mail with a link is on its way to it.",
    "hint": "Nothing came after some minutes? Look among the unwanted mail, or try again.",
}
"""One answer, whether there is an account or not."""


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
    form, service = await read_form(request), get_service(request)
    next_path, login = safe_path(form.get("next")), form.get("login")
    try:
        person = await service.accounts.sign_in.sign_in(
            login=login,
            password=form.get("password"),
            address=read_client_address(request.scope),
            browser_token=service.cookies.read(request, service.cookies.known_browser),
        )
    except PROBLEMS as problem:
        return await answer_problem(request, next_path, problem, login=login)
    return await _enter(request, person, next_path)


async def answer_problem(
    request: Request, next_path: str, problem: AnnuletError, *, login: str = ""
) -> Response:
    """Show the sign-in form with what went wrong."""
    response = await _render_sign_in(request, next_path, login=login, problem=problem)
    return give_status(response, problem)


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
        person = await get_service(request).accounts.sign_up.sign_up(
            login=form.get("login"),
            name=form.get("name"),
            password=form.get("password"),
            timezone=form.get("timezone"),
            address=read_client_address(request.scope),
            invitation=form.get("invitation"),
        )
    except PROBLEMS as problem:
        return give_status(await _render_sign_up(request, form, problem), problem)
    if person is None:
        return await render_message(request, status=200, **_LOOK_INTO_MAIL)
    return await _enter(request, person, safe_path(form.get("next")), is_new=True)


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
    """Show the form behind a reset link."""
    token = request.query_params.get("link", "")
    is_usable = await get_service(request).accounts.sign_in.find_reset_link(token) is not None
    return await render_page(
        request,
        "reset.html",
        {"link": token, "usable": is_usable, "problem": None},
        status=200 if is_usable else 404,
    )


async def reset(request: Request) -> Response:
    """Set the new password and sign this browser in."""
    form, service = await read_form(request), get_service(request)
    token = form.get("link")
    try:
        person = await service.accounts.sign_in.reset_password(
            token, form.get("password"), address=read_client_address(request.scope)
        )
    except PROBLEMS as problem:
        values = {"link": token, "usable": True, "problem": problem}
        return give_status(await render_page(request, "reset.html", values), problem)
    if not form.get("keep_access"):
        # the link may be needed because another person knew the password, and made a key with it
        await service.end_access(person.id)
    return await _enter(request, person, "/dashboard")


async def show_forgotten(request: Request) -> Response:
    """Show the form that asks for a reset link by mail."""
    return await render_page(request, "forgotten.html", {"login": "", "problem": None})


async def send_reset_link(request: Request) -> Response:
    """Send a reset link, if there is an account; the answer is the same if there is none."""
    form, service = await read_form(request), get_service(request)
    address = read_client_address(request.scope)
    try:
        login = form.get("login")
        if not await is_sent_again(service, form, f"forgot:{login}", form_token(request)):
            await service.accounts.sign_in.send_mail(MailKind.RESET, login, address=address)
    except PROBLEMS as problem:
        values = {"login": form.get("login"), "problem": problem}
        return give_status(await render_page(request, "forgotten.html", values), problem)
    return await render_message(request, status=200, **_LOOK_INTO_MAIL)


async def show_verify(request: Request) -> Response:
    """Show the form behind a mailed link: the password and the link together open the account."""
    return await _render_verify(request, request.query_params.get("link", ""))


async def verify(request: Request) -> Response:
    """Confirm the address, and sign this browser in."""
    form, service = await read_form(request), get_service(request)
    token = form.get("link")
    link = await service.accounts.links.find("verify", token)
    if link is None or link.person_id is None:
        return await _render_verify(request, token)
    person = await service.accounts.people.get(link.person_id)
    try:
        person = await service.accounts.sign_in.sign_in(
            login=person.login,
            password=form.get("password"),
            address=read_client_address(request.scope),
            browser_token=service.cookies.read(request, service.cookies.known_browser),
            verification=token,
        )
    except PROBLEMS as problem:
        return give_status(await _render_verify(request, token, problem), problem)
    return await _enter(request, person, "/dashboard", is_new=True)


async def _enter(
    request: Request, person: Person, next_path: str, *, is_new: bool = False
) -> Response:
    await start_session(request, person.id, is_new=is_new)
    return await redirect(request, next_path)


async def _render_sign_in(
    request: Request,
    next_path: str,
    *,
    login: str = "",
    problem: AnnuletError | None = None,
) -> Response:
    return await render_page(
        request,
        "sign_in.html",
        {"next_path": next_path, "login": login, "problem": problem},
    )


async def _render_verify(
    request: Request, token: str, problem: AnnuletError | None = None
) -> Response:
    is_usable = await get_service(request).accounts.links.find("verify", token) is not None
    values = {"link": token, "usable": is_usable, "problem": problem}
    return await render_page(request, "verify.html", values, status=200 if is_usable else 404)


async def _render_sign_up(
    request: Request, form: Form, problem: AnnuletError | None = None
) -> Response:
    invitation = form.get("invitation")
    access = await get_service(request).accounts.sign_up.read_access(invitation)
    return await render_page(
        request,
        "sign_up.html",
        {
            "next_path": safe_path(form.get("next")),
            "access": access.value,
            "may_sign_up": access.is_allowed,
            "invitation": invitation,
            "login": form.get("login"),
            "name": form.get("name"),
            "timezone": form.get("timezone"),
            "problem": problem,
        },
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
    Route("/forgot", show_forgotten, methods=["GET"]),
    Route("/forgot", send_reset_link, methods=["POST"]),
    Route("/verify", show_verify, methods=["GET"]),
    Route("/verify", verify, methods=["POST"]),
)
