"""Sign-in through a company: the way to its provider, the way back, connect and disconnect."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from annulet.errors import UsageError
from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.company_sign_in.company_service import CALLBACK_PATH
from annulet.hosted.dashboard.forms import form_token
from annulet.hosted.dashboard.page_session import (
    apply_cookies,
    find_session,
    redirect,
    safe_path,
    start_session,
)
from annulet.hosted.dashboard.person_routes import Confirmation, PersonRequest, person_post
from annulet.hosted.dashboard.sign_in_pages import PROBLEMS, answer_problem
from annulet.hosted.service import get_service
from annulet.hosted.web.client_address import read_client_address

_DISCONNECTING: Final = Confirmation(
    "Disconnect your company?",
    "Your account opens no more with its sign-in. Your password and your passkeys stay.",
    "Disconnect the company",
    "/account#company",
)


async def start(request: Request) -> Response:
    """Lead the browser to the provider.

    It is a link and no form: providers redirect to further hosts, and the security policy would
    have to name them all.
    """
    next_path = safe_path(request.query_params.get("next", ""))
    try:
        url = await get_service(request).sign_in_methods.company.start(
            form_token(request), next_path, address=read_client_address(request.scope)
        )
    except PROBLEMS as problem:
        return await answer_problem(request, next_path, problem)
    return apply_cookies(request, RedirectResponse(url, status_code=303))


async def finish(request: Request) -> Response:
    """Receive the browser back from the provider."""
    service, session = get_service(request), await find_session(request)
    person_id = session.person.id if session else None
    try:
        callback = await service.sign_in_methods.company.finish(
            form_token(request), dict(request.query_params), person_id=person_id
        )
        await service.accounts.sign_in.check_open(callback.person)
    except PROBLEMS as problem:
        return await answer_problem(request, "/dashboard", problem)
    next_path = safe_path(callback.next_path)
    if callback.is_link:
        return await redirect(request, next_path, "Your company is connected.")
    await service.audit.record(AuditAction.SIGNED_IN, callback.person.id)
    await start_session(request, callback.person.id)
    return await redirect(request, next_path)


async def connect(page: PersonRequest) -> Response:
    """Show a signed-in person the link to the provider that connects it."""
    url = await page.service.sign_in_methods.company.start(
        form_token(page.http),
        "/account#company",
        address=read_client_address(page.http.scope),
        person_id=page.person.id,
    )
    return await page.render("leave_for_company.html", {"target": url})


async def disconnect(page: PersonRequest) -> Response:
    """End the way in through the company, if there is another one."""
    service, person = page.service, page.person
    has_password = await service.accounts.people.read_password_hash(person.id) is not None
    if not has_password and not await service.sign_in_methods.passkey_store.list_for(person.id):
        raise UsageError(
            "Your company is the only way into your account.",
            hint="Set a password or add a passkey first.",
        )
    await service.sign_in_methods.company_accounts.unlink(person.id)
    return await page.redirect("/account#company", "Your company is disconnected.")


ROUTES: Final = (
    Route("/sign-in/company", start, methods=["GET"]),
    Route(CALLBACK_PATH, finish, methods=["GET"]),
    person_post("/account/company", connect, needs_proof=True),
    person_post("/account/company/remove", disconnect, needs_proof=True, asks=_DISCONNECTING),
)
