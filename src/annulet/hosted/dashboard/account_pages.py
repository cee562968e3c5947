"""The pages of the account: name and zone, password, signed-in browsers, export, deletion."""

from __future__ import annotations

import json
from typing import Final
from zoneinfo import available_timezones

from starlette.responses import Response

from annulet.contract.texts import harmless
from annulet.errors import AnnuletError, UsageError
from annulet.hosted.accounts.account_export import export_account
from annulet.hosted.accounts.login_names import normalize_login
from annulet.hosted.accounts.people import check_zone
from annulet.hosted.accounts.sign_in_service import TooManyAttemptsError
from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.dashboard.page_session import end_session, renew_session
from annulet.hosted.dashboard.person_routes import PersonRequest, person_get, person_post
from annulet.hosted.dashboard.problem_status import give_status
from annulet.hosted.dashboard.rendering import render_message
from annulet.hosted.errors import FieldError, NotFoundError
from annulet.hosted.mail.mail_texts import MailKind
from annulet.hosted.web.client_address import read_client_address

_MAX_NAME: Final = 80


async def change_profile(page: PersonRequest) -> Response:
    """Change name and zone."""
    person = page.person
    name = harmless(page.form.get("name"), _MAX_NAME) or person.name
    try:
        zone = check_zone(page.form.get("timezone"))
    except UsageError as problem:
        return await show_account(page, problem)
    await page.service.accounts.people.change(person.id, name=name, timezone=zone)
    await page.service.audit.record(AuditAction.ACCOUNT_CHANGED, person.id)
    return await page.redirect("/account", "Saved.")


async def change_password(page: PersonRequest) -> Response:
    """Change the password; every other browser is signed out."""
    if await page.service.accounts.people.read_password_hash(page.person.id) is None:
        page.require_proof()
    try:
        await page.service.accounts.sign_in.change_password(
            page.person,
            current=page.form.get("current"),
            new=page.form.get("password"),
            session=page.browser.id,
            address=read_client_address(page.http.scope),
        )
    except (UsageError, TooManyAttemptsError) as problem:
        return await show_account(page, problem)
    await renew_session(page.http, page.browser.id)
    return await page.redirect("/account", "Password changed. Other browsers are signed out.")


async def send_verification(page: PersonRequest) -> Response:
    """Send the mail that proves the address of the account."""
    if not await page.is_sent_again("verify"):
        await page.service.accounts.sign_in.send_mail(MailKind.VERIFY, page.person.login)
    return await page.redirect("/account", "A mail with a link is on its way to you.")


async def sign_browser_out(page: PersonRequest) -> Response:
    """Sign another browser out."""
    person_id = page.person.id
    if not await page.service.accounts.sessions.end(person_id, page.path("session")):
        raise NotFoundError("There is no such browser.", hint="It may be signed out already.")
    await page.service.audit.record(AuditAction.SIGNED_OUT, person_id)
    return await page.redirect("/account", "That browser is signed out.")


async def export(page: PersonRequest) -> Response:
    """Send a file with every row about this person."""
    await page.service.audit.record(AuditAction.ACCOUNT_EXPORTED, page.person.id)
    exported = await export_account(page.service.database, page.person.id)
    return Response(
        json.dumps(exported, indent=2, ensure_ascii=False),
        media_type="application/json",
        headers={"content-disposition": 'attachment; filename="annulet-account.json"'},
    )


async def delete(page: PersonRequest) -> Response:
    """Delete the account with everything that belongs to it."""
    if normalize_login(page.form.get("login")) != normalize_login(page.person.login):
        problem: UsageError = FieldError(
            "login",
            "The account was not deleted: the e-mail address does not match.",
            hint="Type your own e-mail address to confirm.",
        )
        return await show_account(page, problem)
    if not await page.service.accounts.people.disable(page.person.id):
        problem = UsageError(
            "The account was not deleted: it is the last admin.",
            hint="Make another admin first, in a shell: annulet admin create",
        )
        return await show_account(page, problem)
    await page.service.delete_person(page.person.id)
    await page.service.audit.record(AuditAction.ACCOUNT_DELETED, None)
    end_session(page.http)
    return await render_message(
        page.http,
        status=200,
        title="Your account is deleted",
        text="Everything that belonged to it is removed: tokens, endpoints, keys, audit log.",
        hint="You can also check the list of connected applications in your Oura account.",
    )


async def show_account(page: PersonRequest, problem: AnnuletError | None = None) -> Response:
    """Show everything about the account, and why a change was not made."""
    has_password = await page.service.accounts.people.read_password_hash(page.person.id)
    response = await page.render(
        "account.html",
        {
            "companies": await page.service.sign_in_methods.company_accounts.count(page.person.id),
            "has_password": has_password is not None,
            "passkeys": await page.service.sign_in_methods.passkey_store.list_for(page.person.id),
            "sessions": await page.service.accounts.sessions.list_for(page.person.id),
            "this_session": page.browser.id,
            "zones": sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC"),
            "problem": problem,
        },
    )
    return response if problem is None else give_status(response, problem)


ROUTES: Final = (
    person_get("/account", show_account),
    person_post("/account/profile", change_profile),
    person_post("/account/verify", send_verification),
    person_post("/account/password", change_password),
    person_post("/account/sessions/{session}/end", sign_browser_out),
    person_post("/account/export", export),
    person_post("/account/delete", delete, needs_proof=True),
)
