"""The dashboard: the MCP server panel and the toolkit row with its actions."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from annulet.contract.scopes import SCOPES
from annulet.errors import AnnuletError
from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.connections.toolkit_status import ToolkitStatus
from annulet.hosted.dashboard.page_reads import page_read
from annulet.hosted.dashboard.person_routes import (
    Confirmation,
    PersonRequest,
    person_get,
    person_post,
)
from annulet.hosted.dashboard.rendering import is_fragment_request
from annulet.hosted.endpoints.assistants import ASSISTANTS
from annulet.hosted.registrations.stages import Registration, Stage, list_buttons
from annulet.toolkit.answers import answer
from annulet.toolkit.tool import Answer

NINE_PERMISSIONS: Final = tuple(scope for scope in SCOPES.values() if scope.group)
_EXTRA_PERMISSIONS: Final = tuple(scope for scope in SCOPES.values() if not scope.group)
_DISCONNECTED: Final = {
    "revoked": "Disconnected. The tokens are removed here and the permission is revoked at Oura.",
    "already": "Disconnected. The tokens are removed here; Oura had ended the permission before.",
}
_DISCONNECTED_HERE: Final = (
    "Disconnected. The tokens are removed here. Oura did not confirm that the permission is "
    "revoked: you can revoke it in your Oura account, under connected applications."
)
_DISCONNECTING: Final = Confirmation(
    "Disconnect your Oura Ring?",
    "The tokens are removed here at once, and the permission is revoked at Oura. Your assistants "
    "get no more answers until you connect again. Endpoints and keys stay.",
    "Disconnect",
    "/dashboard",
)
_WITHDRAWING: Final = Confirmation(
    "Cancel your registration?",
    "Your place is given to others. To connect a ring later you register again, at the end of the "
    "queue.",
    "Cancel the registration",
    "/dashboard",
)
_APPROVED: Final = "It is your turn: you are approved. You can connect your ring now."


def toolkit_values(status: ToolkitStatus) -> dict[str, object]:
    """Return what the toolkit row shows."""
    return {
        "stage": status.stage.value,
        "queue_position": status.queue_position,
        "connection": status.connection,
        "buttons": [(action.value, words) for action, words in list_buttons(status.stage)],
        "permissions": NINE_PERMISSIONS,
        "extras": _EXTRA_PERMISSIONS,
    }


async def show_dashboard(page: PersonRequest) -> Response:
    """Show endpoints and toolkit of this person."""
    await page.service.audit.flush()
    status = await page.service.toolkit.statuses.read(page.person.id)
    return await page.render(
        "dashboard.html",
        {
            "endpoints": await page.service.endpoints.list_for(page.person.id),
            "assistants": ASSISTANTS,
            **toolkit_values(status),
        },
        form_targets=await _oura_origins(page),
    )


async def show_toolkit_row(page: PersonRequest) -> Response:
    """Show the toolkit row alone, while the person is in the queue."""
    status = await page.service.toolkit.statuses.read(page.person.id)
    row = await page.render_fragment("_toolkit.html", toolkit_values(status))
    if is_fragment_request(page.http) and status.stage is not Stage.PENDING:
        # other parts of the page have changed as well, so the browser loads it again
        if status.stage is Stage.APPROVED:
            await page.service.accounts.sessions.set_notice(page.browser.id, _APPROVED)
        row.headers["hx-refresh"] = "true"
    return row


async def show_register(page: PersonRequest) -> Response:
    """Show the confirmation, for a browser without scripts."""
    return await page.render("register.html")


async def register(page: PersonRequest) -> Response:
    """Register, once confirmed."""
    registration = await page.service.toolkit.connections.register(page.person.id)
    notice = "Registered."
    if registration is Registration.APPROVED:
        notice = "Registered and approved. You can connect your ring now."
    return await page.redirect("/dashboard", notice)


async def withdraw(page: PersonRequest) -> Response:
    """Leave the queue."""
    await page.service.toolkit.connections.withdraw(page.person.id)
    return await page.redirect("/dashboard", "Registration cancelled.")


async def disconnect(page: PersonRequest) -> Response:
    """Remove the tokens and revoke the permission at Oura."""
    revocation = await page.service.toolkit.connections.disconnect(page.person.id)
    notice = _DISCONNECTED.get(revocation)
    if notice is not None:
        return await page.redirect("/dashboard", notice)
    return await page.redirect("/dashboard", _DISCONNECTED_HERE, is_good=False)


async def check(page: PersonRequest) -> Response:
    """Ask Oura whether reads work again."""
    status = await page.service.toolkit.connections.check_reads(page.person.id)
    if status.is_connected:
        return await page.redirect("/dashboard", "Oura answers again.")
    return await page.redirect("/dashboard", "Oura still refuses to answer.", is_good=False)


async def show_facts(page: PersonRequest) -> Response:
    """Show what only Oura knows: account and last sync, read now and stored nowhere."""
    person, account, problem = page.person, "", None
    permissions: Answer = {}
    try:
        stored = await page.service.toolkit.contexts.grant_store(person.id).load()
        account = stored.grant.oura_account if stored else ""
        async with page_read(page, AuditAction.CONNECTION_VIEWED, "last sync"):
            context, _ = await page.service.toolkit.open_context(person)
            permissions = await answer("oura_permissions", {}, context)
    except AnnuletError as error:
        problem = error
    is_listening = await page.service.webhooks.settings.is_listening()
    connection = await page.service.toolkit.connection_statuses.read(person.id)
    if is_listening and problem is None and not connection.is_identified:
        await page.service.toolkit.connections.identify_oura_account(person.id)
    values = {
        "last_sync": permissions.get("last_sync"),
        "account": account,
        "problem": problem,
        "is_listening": is_listening,
        "connection": connection,
    }
    if is_fragment_request(page.http):
        return await page.render_fragment("_facts.html", values)
    # without scripts the link leads to a page of its own
    return await page.render("facts.html", values)


async def _oura_origins(page: PersonRequest) -> tuple[str, ...]:
    try:
        return await page.service.toolkit.oura_servers.list_origins()
    except AnnuletError:
        # Oura cannot be reached: the page is shown all the same, and Connect will say why
        return ()


ROUTES: Final = (
    person_get("/dashboard", show_dashboard),
    person_get("/toolkits/oura", show_toolkit_row),
    person_get("/toolkits/oura/facts", show_facts),
    person_get("/toolkits/oura/register", show_register),
    person_post("/toolkits/oura/register", register),
    person_post("/toolkits/oura/withdraw", withdraw, asks=_WITHDRAWING),
    person_post("/toolkits/oura/disconnect", disconnect, asks=_DISCONNECTING),
    person_post("/toolkits/oura/check", check),
)
