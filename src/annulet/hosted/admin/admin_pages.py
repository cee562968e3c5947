"""The admin page: who waits, how many places, who is here; nobody's questions or answers."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from annulet.errors import UsageError
from annulet.hosted.admin.admin_actions import AdminActions
from annulet.hosted.admin.webhook_pages import ROUTES as UPDATES
from annulet.hosted.admin.webhook_pages import updates_values
from annulet.hosted.dashboard.page_session import admin, form, go, service_of
from annulet.hosted.dashboard.rendering import page

__all__ = ["ROUTES"]


async def overview(request: Request) -> Response:
    """Everything an admin sees."""
    return await _overview(request)


async def approve(request: Request) -> Response:
    """Approve somebody who waits."""
    actions = await _actions(request)
    await actions.approve(request.path_params["person"])
    return await go(request, "/admin", "Approved.")


async def capacity(request: Request) -> Response:
    """Change the number of places."""
    me, service = await admin(request), service_of(request)
    fields = await form(request)
    number = fields.get("capacity", "").strip()
    if not number.isascii() or not number.isdigit() or len(number) > 7:  # noqa: PLR2004 - digits
        raise UsageError("The capacity must be a whole number.", hint="Give a number from 0 up.")
    approved = await AdminActions(service, me.person.login).set_capacity(int(number))
    who = "1 waiting person is" if approved == 1 else f"{approved} waiting people are"
    also = f" {who} approved by that." if approved else ""
    return await go(request, "/admin", f"Capacity saved.{also}")


async def invite(request: Request) -> Response:
    """Make an invitation and show its link, this once."""
    me, service = await admin(request), service_of(request)
    fields = await form(request)
    link = await AdminActions(service, me.person.login).invite(fields.get("note", ""))
    return await _overview(request, link=link, link_title="Invitation link")


async def withdraw_invitation(request: Request) -> Response:
    """Make an invitation useless."""
    await _actions(request)
    await service_of(request).accounts.links.delete(request.path_params["link"])
    return await go(request, "/admin", "Invitation withdrawn.")


async def reset_link(request: Request) -> Response:
    """Make a reset link and show it, this once."""
    actions = await _actions(request)
    link = await actions.reset_link(request.path_params["person"])
    return await _overview(request, link=link, link_title="Reset link")


async def disable(request: Request) -> Response:
    """Lock an account."""
    actions = await _actions(request)
    await actions.disable(request.path_params["person"])
    return await go(request, "/admin", "The account is disabled.")


async def enable(request: Request) -> Response:
    """Unlock an account."""
    actions = await _actions(request)
    await actions.enable(request.path_params["person"])
    return await go(request, "/admin", "The account is enabled.")


async def delete(request: Request) -> Response:
    """Delete an account."""
    actions = await _actions(request)
    await actions.delete(request.path_params["person"])
    return await go(request, "/admin", "The account is deleted.")


async def revoke_key(request: Request) -> Response:
    """End anybody's API key."""
    actions = await _actions(request)
    await actions.revoke_key(request.path_params["key"])
    return await go(request, "/admin", "The key is revoked.")


async def _actions(request: Request) -> AdminActions:
    me = await admin(request)
    await form(request)
    return AdminActions(service_of(request), me.person.login)


async def _overview(request: Request, *, link: str = "", link_title: str = "") -> Response:
    await admin(request)
    service = service_of(request)
    people = await service.accounts.people.list_all()
    return await page(
        request,
        "admin.html",
        waiting=await service.toolkit.queue.waiting(),
        approved=await service.toolkit.queue.approved(),
        capacity=await service.toolkit.queue.capacity(),
        people=[
            (person, (await service.toolkit.statuses.of(person.id)).stage.value)
            for person in people
        ],
        keys=await service.authorization.api_keys.everybodys(),
        invitations=await service.accounts.links.list_open_invitations(),
        log=await service.audit.read_all(limit=30),
        link=link,
        link_title=link_title,
        **await updates_values(service),
    )


ROUTES: Final = (
    Route("/admin", overview),
    Route("/admin/people/{person}/approve", approve, methods=["POST"]),
    Route("/admin/people/{person}/reset", reset_link, methods=["POST"]),
    Route("/admin/people/{person}/disable", disable, methods=["POST"]),
    Route("/admin/people/{person}/enable", enable, methods=["POST"]),
    Route("/admin/people/{person}/delete", delete, methods=["POST"]),
    Route("/admin/capacity", capacity, methods=["POST"]),
    Route("/admin/invitations", invite, methods=["POST"]),
    Route("/admin/invitations/{link}/withdraw", withdraw_invitation, methods=["POST"]),
    Route("/admin/keys/{key}/revoke", revoke_key, methods=["POST"]),
    *UPDATES,
)
