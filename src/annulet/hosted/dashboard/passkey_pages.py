"""Passkeys on the pages: sign in, add, name, remove, and confirm who one is.

Scripts are needed here alone: only they can ask the browser for a passkey. Each ceremony begins
with a request for options and ends with a form.
"""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from annulet.errors import AnnuletError
from annulet.hosted.accounts.browser_name import describe_browser
from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.dashboard.forms import form_token, read_form
from annulet.hosted.dashboard.page_session import (
    redirect,
    renew_session,
    safe_path,
    start_session,
)
from annulet.hosted.dashboard.person_routes import (
    Confirmation,
    PersonRequest,
    person_get,
    person_post,
)
from annulet.hosted.dashboard.problem_status import give_status
from annulet.hosted.dashboard.sign_in_pages import PROBLEMS, answer_problem
from annulet.hosted.errors import NotFoundError
from annulet.hosted.service import get_service
from annulet.hosted.web.client_address import read_client_address

_REMOVING: Final = Confirmation(
    "Remove this passkey?",
    "It signs you in no more. Your device keeps it until you delete it there as well.",
    "Remove the passkey",
    "/account#passkeys",
)


async def start_sign_in(request: Request) -> Response:
    """Send the options for a sign-in; the passkey will say who it is."""
    await read_form(request)
    options = await get_service(request).sign_in_methods.passkeys.start_proof(
        form_token(request), address=read_client_address(request.scope)
    )
    return _options(options)


async def sign_in(request: Request) -> Response:
    """Check a passkey and sign this browser in."""
    form, service = await read_form(request), get_service(request)
    next_path = safe_path(form.get("next"))
    try:
        person_id = await service.sign_in_methods.passkeys.finish_proof(
            form_token(request), form.get("answer")
        )
        person = await service.accounts.people.get(person_id)
        await service.accounts.sign_in.check_open(person)
    except PROBLEMS as problem:
        return await answer_problem(request, next_path, problem)
    await service.audit.record(AuditAction.SIGNED_IN, person.id)
    await start_session(request, person.id)
    return await redirect(request, next_path)


async def start_adding(page: PersonRequest) -> Response:
    """Send the options for a new passkey."""
    browser = form_token(page.http)
    return _options(await page.service.sign_in_methods.passkeys.start_adding(page.person, browser))


async def add(page: PersonRequest) -> Response:
    """Store a new passkey."""
    name = page.form.get("name") or describe_browser(page.http.headers.get("user-agent", ""))
    await page.service.sign_in_methods.passkeys.finish_adding(
        page.person, form_token(page.http), page.form.get("answer"), name
    )
    return await page.redirect("/account#passkeys", "Passkey added.")


async def rename(page: PersonRequest) -> Response:
    """Change the name of a passkey."""
    store, name = page.service.sign_in_methods.passkey_store, page.form.get("name")
    if not await store.rename(page.person.id, page.path("passkey"), name):
        raise _not_found()
    return await page.redirect("/account#passkeys", "Name saved.")


async def remove(page: PersonRequest) -> Response:
    """Remove a passkey."""
    if not await page.service.sign_in_methods.passkey_store.remove(
        page.person.id, page.path("passkey")
    ):
        raise _not_found()
    await page.service.audit.record(AuditAction.PASSKEY_REMOVED, page.person.id)
    return await page.redirect(
        "/account#passkeys", "Passkey removed. Delete it on your device as well."
    )


async def show_confirm(page: PersonRequest) -> Response:
    """Ask the person to prove once more who they are."""
    return await _render_confirm(page, safe_path(page.http.query_params.get("next", "")))


async def confirm(page: PersonRequest) -> Response:
    """Check a password or a passkey, and lead back to what the person wanted to do."""
    next_path, accounts = safe_path(page.form.get("next")), page.service.accounts
    try:
        if answer := page.form.get("answer"):
            await page.service.sign_in_methods.passkeys.finish_proof(
                form_token(page.http), answer, person_id=page.person.id
            )
        else:
            await accounts.sign_in.check_password(
                page.person,
                page.form.get("password"),
                session=page.browser.id,
                address=read_client_address(page.http.scope),
            )
    except PROBLEMS as problem:
        return await _render_confirm(page, next_path, problem)
    await accounts.sessions.confirm(page.browser.id)
    await renew_session(page.http, page.browser.id)
    return await page.redirect(next_path, "Thank you. Please go on.")


async def start_confirming(page: PersonRequest) -> Response:
    """Send the options for a proof by this very person."""
    options = await page.service.sign_in_methods.passkeys.start_proof(
        form_token(page.http),
        address=read_client_address(page.http.scope),
        person_id=page.person.id,
    )
    return _options(options)


async def _render_confirm(
    page: PersonRequest, next_path: str, problem: AnnuletError | None = None
) -> Response:
    has_password = await page.service.accounts.people.read_password_hash(page.person.id)
    values = {
        "next_path": next_path,
        "has_password": has_password is not None,
        "has_passkeys": bool(
            await page.service.sign_in_methods.passkey_store.list_for(page.person.id)
        ),
        "problem": problem,
    }
    response = await page.render("confirm.html", values)
    return response if problem is None else give_status(response, problem)


def _not_found() -> NotFoundError:
    return NotFoundError("There is no such passkey.", hint="It may have been removed already.")


def _options(options: str) -> Response:
    return Response(options, media_type="application/json")


ROUTES: Final = (
    Route("/sign-in/passkey/options", start_sign_in, methods=["POST"]),
    Route("/sign-in/passkey", sign_in, methods=["POST"]),
    person_post("/passkeys/options", start_adding, needs_proof=True),
    person_post("/passkeys", add, needs_proof=True),
    person_post("/passkeys/{passkey}/rename", rename),
    person_post("/passkeys/{passkey}/remove", remove, needs_proof=True, asks=_REMOVING),
    person_get("/confirm", show_confirm),
    person_post("/confirm", confirm),
    person_post("/confirm/options", start_confirming),
)
