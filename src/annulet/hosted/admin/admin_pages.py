"""The admin page: queue, capacity, invitations, people, keys; no questions and no answers."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from annulet.errors import UsageError
from annulet.hosted.admin import webhook_pages
from annulet.hosted.admin.admin_actions import AdminActions
from annulet.hosted.dashboard.forms import read_form
from annulet.hosted.dashboard.page_session import get_service, redirect, require_admin
from annulet.hosted.dashboard.rendering import render_page

__all__ = ["ROUTES"]

_LOG_ROWS: Final = 30
_MAX_CAPACITY_DIGITS: Final = 7


async def show_admin(request: Request) -> Response:
    """Show everything an admin sees."""
    return await _render_admin(request)


async def approve(request: Request) -> Response:
    """Approve a person in the queue."""
    actions = await _prepare(request)
    await actions.approve(request.path_params["person"])
    return await redirect(request, "/admin", "Approved.")


async def set_capacity(request: Request) -> Response:
    """Change the number of places."""
    session = await require_admin(request)
    digits = (await read_form(request)).get("capacity").strip()
    if not digits.isascii() or not digits.isdigit() or len(digits) > _MAX_CAPACITY_DIGITS:
        raise UsageError("The capacity must be a whole number.", hint="Give a number from 0 up.")
    actions = AdminActions(get_service(request), session.person.login)
    approved = await actions.set_capacity(int(digits))
    who = "1 waiting person is" if approved == 1 else f"{approved} waiting people are"
    also = f" {who} approved by that." if approved else ""
    return await redirect(request, "/admin", f"Capacity saved.{also}")


async def create_invitation(request: Request) -> Response:
    """Create an invitation and show its link, this once."""
    session = await require_admin(request)
    form = await read_form(request)
    actions = AdminActions(get_service(request), session.person.login)
    link = await actions.create_invitation(form.get("note"))
    return await _render_admin(request, link=link, link_title="Invitation link")


async def withdraw_invitation(request: Request) -> Response:
    """Delete an invitation, so that its link no longer works."""
    await _prepare(request)
    await get_service(request).accounts.links.delete(request.path_params["link"])
    return await redirect(request, "/admin", "Invitation withdrawn.")


async def create_reset_link(request: Request) -> Response:
    """Create a reset link and show it, this once."""
    actions = await _prepare(request)
    link = await actions.create_reset_link(request.path_params["person"])
    return await _render_admin(request, link=link, link_title="Reset link")


async def disable(request: Request) -> Response:
    """Lock an account."""
    actions = await _prepare(request)
    await actions.disable(request.path_params["person"])
    return await redirect(request, "/admin", "The account is disabled.")


async def enable(request: Request) -> Response:
    """Unlock an account."""
    actions = await _prepare(request)
    await actions.enable(request.path_params["person"])
    return await redirect(request, "/admin", "The account is enabled.")


async def delete(request: Request) -> Response:
    """Delete an account."""
    actions = await _prepare(request)
    await actions.delete(request.path_params["person"])
    return await redirect(request, "/admin", "The account is deleted.")


async def revoke_key(request: Request) -> Response:
    """Revoke the API key of any person."""
    actions = await _prepare(request)
    await actions.revoke_key(request.path_params["key"])
    return await redirect(request, "/admin", "The key is revoked.")


async def _prepare(request: Request) -> AdminActions:
    """Check the admin and the form, and return what the admin can do."""
    session = await require_admin(request)
    await read_form(request)
    return AdminActions(get_service(request), session.person.login)


async def _render_admin(request: Request, *, link: str = "", link_title: str = "") -> Response:
    await require_admin(request)
    service = get_service(request)
    statuses = service.toolkit.statuses
    people = await service.accounts.people.list_all()
    return await render_page(
        request,
        "admin.html",
        {
            "queue": await service.toolkit.queue.list_pending(),
            "approved": await service.toolkit.queue.count_approved(),
            "capacity": await service.toolkit.queue.read_capacity(),
            "people": [(person, (await statuses.read(person.id)).stage.value) for person in people],
            "keys": await service.authorization.api_keys.list_all(),
            "invitations": await service.accounts.links.list_open_invitations(),
            "log": await service.audit.read_all(limit=_LOG_ROWS),
            "link": link,
            "link_title": link_title,
            **await webhook_pages.read_row(service),
        },
    )


ROUTES: Final = (
    Route("/admin", show_admin),
    Route("/admin/people/{person}/approve", approve, methods=["POST"]),
    Route("/admin/people/{person}/reset", create_reset_link, methods=["POST"]),
    Route("/admin/people/{person}/disable", disable, methods=["POST"]),
    Route("/admin/people/{person}/enable", enable, methods=["POST"]),
    Route("/admin/people/{person}/delete", delete, methods=["POST"]),
    Route("/admin/capacity", set_capacity, methods=["POST"]),
    Route("/admin/invitations", create_invitation, methods=["POST"]),
    Route("/admin/invitations/{link}/withdraw", withdraw_invitation, methods=["POST"]),
    Route("/admin/keys/{key}/revoke", revoke_key, methods=["POST"]),
    *webhook_pages.ROUTES,
)
