"""The dashboard: the MCP server panel and the toolkit row with its actions."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from annulet.contract.scopes import SCOPES
from annulet.errors import AnnuletError
from annulet.hosted.connections.toolkit_status import ToolkitStatus
from annulet.hosted.dashboard.forms import read_form
from annulet.hosted.dashboard.page_session import get_service, redirect, require_person
from annulet.hosted.dashboard.rendering import (
    is_fragment_request,
    render_fragment,
    render_page,
)
from annulet.hosted.endpoints.assistants import ASSISTANTS
from annulet.hosted.registrations.stages import Registration, Stage, list_buttons
from annulet.toolkit.answers import answer
from annulet.toolkit.tool import Answer

__all__ = ["NINE_PERMISSIONS", "ROUTES", "toolkit_values"]

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


async def show_dashboard(request: Request) -> Response:
    """Show endpoints and toolkit of this person."""
    session, service = await require_person(request), get_service(request)
    await service.audit.flush()
    status = await service.toolkit.statuses.read(session.person.id)
    return await render_page(
        request,
        "dashboard.html",
        {
            "endpoints": await service.endpoints.list_for(session.person.id),
            "assistants": ASSISTANTS,
            **toolkit_values(status),
        },
        form_targets=await _oura_origins(request),
    )


async def show_toolkit_row(request: Request) -> Response:
    """Show the toolkit row alone, while the person is in the queue."""
    session, service = await require_person(request), get_service(request)
    status = await service.toolkit.statuses.read(session.person.id)
    row = await render_fragment(
        request,
        "_toolkit.html",
        toolkit_values(status),
    )
    if is_fragment_request(request) and status.stage is not Stage.PENDING:
        # other parts of the page have changed as well, so the browser loads it again
        if status.stage is Stage.APPROVED:
            await service.accounts.sessions.set_notice(session.browser.id, _APPROVED)
        row.headers["hx-refresh"] = "true"
    return row


async def show_register(request: Request) -> Response:
    """Show the confirmation, for a browser without scripts."""
    await require_person(request)
    return await render_page(request, "register.html")


async def register(request: Request) -> Response:
    """Register, once confirmed."""
    session, service = await require_person(request), get_service(request)
    await read_form(request)
    registration = await service.toolkit.connections.register(session.person.id)
    notice = "Registered."
    if registration is Registration.APPROVED:
        notice = "Registered and approved. You can connect your ring now."
    return await redirect(request, "/dashboard", notice)


async def withdraw(request: Request) -> Response:
    """Leave the queue."""
    session, service = await require_person(request), get_service(request)
    await read_form(request)
    await service.toolkit.connections.withdraw(session.person.id)
    return await redirect(request, "/dashboard", "Registration cancelled.")


async def disconnect(request: Request) -> Response:
    """Remove the tokens and revoke the permission at Oura."""
    session, service = await require_person(request), get_service(request)
    await read_form(request)
    revocation = await service.toolkit.connections.disconnect(session.person.id)
    return await redirect(request, "/dashboard", _DISCONNECTED.get(revocation, _DISCONNECTED_HERE))


async def check(request: Request) -> Response:
    """Ask Oura whether reads work again."""
    session, service = await require_person(request), get_service(request)
    await read_form(request)
    status = await service.toolkit.connections.check_reads(session.person.id)
    works = "Oura answers again."
    notice = works if status.is_connected else "Oura still refuses to answer."
    return await redirect(request, "/dashboard", notice)


async def show_facts(request: Request) -> Response:
    """Show what only Oura knows: account and last sync, read now and stored nowhere."""
    session, service = await require_person(request), get_service(request)
    person, account, problem = session.person, "", None
    permissions: Answer = {}
    try:
        stored = await service.toolkit.contexts.grant_store(person.id).load()
        account = stored.grant.oura_account if stored else ""
        context = service.toolkit.contexts.get(person)
        permissions = await answer("oura_permissions", {}, context)
    except AnnuletError as error:
        problem = error
    is_listening = await service.webhooks.settings.is_listening()
    connection = await service.toolkit.connection_statuses.read(person.id)
    if is_listening and problem is None and not connection.is_identified:
        await service.toolkit.connections.identify_oura_account(person.id)
    values = {
        "last_sync": permissions.get("last_sync"),
        "account": account,
        "problem": problem,
        "is_listening": is_listening,
        "connection": connection,
    }
    if is_fragment_request(request):
        return await render_fragment(
            request,
            "_facts.html",
            values,
        )
    # without scripts the link leads to a page of its own
    return await render_page(
        request,
        "facts.html",
        values,
    )


async def _oura_origins(request: Request) -> tuple[str, ...]:
    try:
        return await get_service(request).toolkit.oura_servers.list_origins()
    except AnnuletError:
        # Oura cannot be reached: the page is shown all the same, and Connect will say why
        return ()


ROUTES: Final = (
    Route("/dashboard", show_dashboard),
    Route("/toolkits/oura", show_toolkit_row),
    Route("/toolkits/oura/facts", show_facts),
    Route("/toolkits/oura/register", show_register, methods=["GET"]),
    Route("/toolkits/oura/register", register, methods=["POST"]),
    Route("/toolkits/oura/withdraw", withdraw, methods=["POST"]),
    Route("/toolkits/oura/disconnect", disconnect, methods=["POST"]),
    Route("/toolkits/oura/check", check, methods=["POST"]),
)
