"""The admin page: queue, capacity, invitations, people, keys; no questions and no answers."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from annulet.hosted.accounts.people import ROLES
from annulet.hosted.admin import list_pages, webhook_pages
from annulet.hosted.admin.admin_actions import AdminActions
from annulet.hosted.admin.people_directory import STATES, PeopleDirectory
from annulet.hosted.dashboard.person_routes import (
    Confirmation,
    PersonRequest,
    admin_post,
    support_get,
)
from annulet.hosted.dashboard.problem_status import give_status
from annulet.hosted.errors import FieldError

_MAX_CAPACITY_DIGITS: Final = 7


_DISABLING: Final = Confirmation(
    "Disable this account?",
    "Its browsers are signed out, and its keys and assistants get no more answers. Nothing is "
    "deleted; you can enable it again.",
    "Disable the account",
    "/admin",
)
_DELETING: Final = Confirmation(
    "Delete this account?",
    "The connection is revoked at Oura, and everything that belongs to the account is removed. "
    "This cannot be undone.",
    "Delete the account",
    "/admin",
)
_REVOKING: Final = Confirmation(
    "Revoke this API key?",
    "It is another person’s: what uses it gets no more answers from now on. This cannot be undone.",
    "Revoke the key",
    "/admin/keys",
)
_WITHDRAWING: Final = Confirmation(
    "Withdraw this invitation?",
    "Its link works no more. You can create another one.",
    "Withdraw the invitation",
    "/admin/invitations",
)


_INVITED_ONCE: Final = (
    "The form was sent twice, and made one invitation. Its link was shown once: withdraw it if you "
    "did not see it."
)
_RESET_ONCE: Final = (
    "The form was sent twice, and made one reset link. It was shown once: make another one if you "
    "did not see it."
)


async def set_capacity(page: PersonRequest) -> Response:
    """Change the number of places."""
    digits = page.form.get("capacity").strip()
    if not digits.isascii() or not digits.isdigit() or len(digits) > _MAX_CAPACITY_DIGITS:
        problem = FieldError("capacity", "This is not a whole number.", hint="Give one from 0 up.")
        return give_status(await show_admin(page, problem=problem), problem)
    approved = await _actions(page).set_capacity(int(digits))
    who = "1 waiting person is" if approved == 1 else f"{approved} waiting people are"
    also = f" {who} approved by that." if approved else ""
    return await page.redirect("/admin", f"Capacity saved.{also}")


async def create_invitation(page: PersonRequest) -> Response:
    """Create an invitation and show its link, this once."""
    note = page.form.get("note")
    if await page.is_sent_again(f"invitation:{note}"):
        return await page.redirect("/admin/invitations", _INVITED_ONCE, is_good=False)
    link = await _actions(page).create_invitation(note)
    return await show_admin(page, link=link, link_title="Invitation link")


async def withdraw_invitation(page: PersonRequest) -> Response:
    """Delete an invitation, so that its link no longer works."""
    await _actions(page).withdraw_invitation(page.path("link"))
    return await page.redirect("/admin/invitations", "Invitation withdrawn.")


async def create_reset_link(page: PersonRequest) -> Response:
    """Create a reset link and show it, this once."""
    person_id = page.path("person")
    if await page.is_sent_again(f"reset:{person_id}"):
        return await page.redirect("/admin", _RESET_ONCE, is_good=False)
    link = await _actions(page).create_reset_link(person_id)
    return await show_admin(page, link=link, link_title="Reset link")


async def approve(page: PersonRequest) -> Response:
    """Approve a person in the queue."""
    await _actions(page).approve(page.path("person"))
    return await page.redirect("/admin", "Approved.")


async def set_role(page: PersonRequest) -> Response:
    """Change what a person may do here."""
    await _actions(page).set_role(page.path("person"), page.form.get("role"))
    return await page.redirect("/admin", "The role is changed.")


async def disable(page: PersonRequest) -> Response:
    """Lock an account."""
    await _actions(page).disable(page.path("person"))
    return await page.redirect("/admin", "The account is disabled.")


async def enable(page: PersonRequest) -> Response:
    """Unlock an account."""
    await _actions(page).enable(page.path("person"))
    return await page.redirect("/admin", "The account is enabled.")


async def delete(page: PersonRequest) -> Response:
    """Delete an account."""
    await _actions(page).delete(page.path("person"))
    return await page.redirect("/admin", "The account is deleted.")


async def revoke_key(page: PersonRequest) -> Response:
    """Revoke the API key of any person."""
    await _actions(page).revoke_key(page.path("key"))
    return await page.redirect("/admin/keys", "The key is revoked.")


def _actions(page: PersonRequest) -> AdminActions:
    return AdminActions(page.service, page.person.login)


async def show_admin(
    page: PersonRequest,
    *,
    link: str = "",
    link_title: str = "",
    problem: FieldError | None = None,
) -> Response:
    """Show everything an admin sees, and a link that was made just now, or why nothing was done."""
    directory = PeopleDirectory(page.service.database)
    search, state = page.query("q").strip(), page.query("state")
    people, after = await directory.list_page(search=search, state=state, after=page.query("after"))
    counts = await directory.count()
    capacity = page.service.settings.capacity if counts.capacity is None else counts.capacity
    return await page.render(
        "admin.html",
        {
            "people": people,
            "search": search,
            "state": state,
            "states": STATES,
            "roles": ROLES,
            "next": after,
            "counts": counts,
            "capacity": capacity,
            "problem": problem,
            "link": link,
            "link_title": link_title,
            **await webhook_pages.read_row(page.service, counts.unidentified),
        },
    )


ROUTES: Final = (
    support_get("/admin", show_admin),
    admin_post("/admin/people/{person}/approve", approve),
    admin_post("/admin/people/{person}/role", set_role, needs_proof=True),
    admin_post("/admin/people/{person}/reset", create_reset_link, needs_proof=True),
    admin_post("/admin/people/{person}/disable", disable, asks=_DISABLING),
    admin_post("/admin/people/{person}/enable", enable),
    admin_post("/admin/people/{person}/delete", delete, needs_proof=True, asks=_DELETING),
    admin_post("/admin/capacity", set_capacity),
    admin_post("/admin/invitations", create_invitation),
    admin_post("/admin/invitations/{link}/withdraw", withdraw_invitation, asks=_WITHDRAWING),
    admin_post("/admin/keys/{key}/revoke", revoke_key, asks=_REVOKING),
    *list_pages.ROUTES,
    *webhook_pages.ROUTES,
)
