"""The lists of the admin pages: queue, invitations, keys and audit log, each a page at a time."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Final

from starlette.responses import Response

from annulet.errors import UsageError
from annulet.hosted.accounts.login_names import check_login
from annulet.hosted.admin.admin_actions import AdminActions
from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.audit.audit_search import AuditPlace, formula_safe
from annulet.hosted.dashboard.audit_pages import (
    parse_id,
    read_filter,
    read_page,
    stream_export,
)
from annulet.hosted.dashboard.person_routes import PersonRequest, admin_post, support_get
from annulet.hosted.dashboard.problem_status import give_status
from annulet.hosted.errors import FieldError

_PAGE_SIZE: Final = 50
_MAX_IMPORT: Final = 1000
_MAX_NOTE: Final = 120
_MAILED_ONCE: Final = "The form was sent twice. Each person will get one invitation."
_LISTED_ONCE: Final = (
    "The form was sent twice, and made each invitation once. The file with their links was sent "
    "once: withdraw the invitations if you did not get it."
)


async def show_queue(page: PersonRequest) -> Response:
    """Show who waits, in order."""
    after = parse_id(page.query("after")) or 0
    rows = await page.service.toolkit.queue.list_pending(after=after, limit=_PAGE_SIZE + 1)
    return await page.render(
        "admin_queue.html", {"queue": rows[:_PAGE_SIZE], "next": _next(rows, "place")}
    )


async def approve_many(page: PersonRequest) -> Response:
    """Approve the people who were ticked."""
    approved = await _actions(page).approve_many(page.form.get_all("person"))
    people = "1 person is" if approved == 1 else f"{approved} people are"
    return await page.redirect("/admin/queue", f"{people} approved.")


async def show_invitations(page: PersonRequest, *, problem: FieldError | None = None) -> Response:
    """Show the open invitations, and why no one was invited just now."""
    rows = await page.service.accounts.links.list_open_invitations(
        after=page.query("after"), limit=_PAGE_SIZE + 1
    )
    values = {
        "invitations": rows[:_PAGE_SIZE],
        "next": _next(rows, "id"),
        "addresses": page.form.get("addresses"),
        "problem": problem,
    }
    return await page.render("admin_invitations.html", values)


async def import_invitations(page: PersonRequest) -> Response:
    """Invite every address of a pasted CSV: by mail, or with a file of links to hand out."""
    try:
        addresses = _read_addresses(page.form.get("addresses"))
    except FieldError as problem:
        return give_status(await show_invitations(page, problem=problem), problem)
    if await page.is_sent_again(f"invitations:{addresses}"):
        is_mailed = page.service.outbox.is_on
        sentence = _MAILED_ONCE if is_mailed else _LISTED_ONCE
        return await page.redirect("/admin/invitations", sentence, is_good=is_mailed)
    links = await _actions(page).invite_all(addresses)
    if page.service.outbox.is_on:
        people = "1 person" if len(links) == 1 else f"{len(links)} people"
        return await page.redirect("/admin/invitations", f"{people} will get an invitation.")
    text = io.StringIO()
    cells = zip(map(formula_safe, addresses), links, strict=True)
    csv.writer(text).writerows([("address", "link"), *cells])
    return Response(
        text.getvalue(),
        media_type="text/csv",
        headers={"content-disposition": 'attachment; filename="invitations.csv"'},
    )


async def show_keys(page: PersonRequest) -> Response:
    """Show the API keys of everyone."""
    rows = await page.service.authorization.api_keys.list_all(
        after=page.query("after"), limit=_PAGE_SIZE + 1
    )
    values = {"keys": rows[:_PAGE_SIZE], "next": _next(rows, "id")}
    return await page.render("admin_keys.html", values)


async def show_audit(page: PersonRequest) -> Response:
    """Show what happened, without clients, endpoints and tools."""
    looked_for = read_filter(page, login=page.query("login"))
    rows, problem = await read_page(page, looked_for, _PAGE_SIZE + 1)
    older = str(AuditPlace.of(rows[_PAGE_SIZE - 1])) if len(rows) > _PAGE_SIZE else ""
    values = {"log": rows[:_PAGE_SIZE], "next": older, "filter": looked_for, "problem": problem}
    response = await page.render("admin_audit.html", values)
    return response if problem is None else give_status(response, problem)


async def export_audit(page: PersonRequest) -> Response:
    """Send a file with every entry that fits the filter."""
    await page.service.audit.record(AuditAction.ADMIN_AUDIT_EXPORTED, None, actor=page.person.login)
    return await stream_export(page, read_filter(page, login=page.query("login")))


def _actions(page: PersonRequest) -> AdminActions:
    return AdminActions(page.service, page.person.login)


def _next(rows: Sequence[object], name: str) -> str:
    """The place at which the next page begins; one row more than is shown tells of it."""
    return str(getattr(rows[_PAGE_SIZE - 1], name)) if len(rows) > _PAGE_SIZE else ""


def _read_addresses(text: str) -> list[str]:
    """Read the first column of a CSV, each address once; a head is left out.

    Raises:
        FieldError: A line is no address, or there are too many.
    """
    addresses: dict[str, None] = {}
    for number, row in enumerate(csv.reader(text.splitlines()), 1):
        address = row[0].strip() if row else ""
        if not address or (number == 1 and "@" not in address):
            continue
        try:
            login = check_login(address)
        except UsageError as problem:
            text = f"Line {number}: {problem.message} No one was invited."
            raise FieldError("addresses", text, hint=problem.hint) from None
        if len(login) > _MAX_NOTE:
            text = f"Line {number} is too long."
            raise FieldError("addresses", text, hint="No one was invited.")
        addresses[login] = None
    if not addresses or len(addresses) > _MAX_IMPORT:
        text = f"There must be 1 to {_MAX_IMPORT} addresses."
        raise FieldError("addresses", text, hint="Split a longer list.")
    return list(addresses)


ROUTES: Final = (
    support_get("/admin/queue", show_queue),
    admin_post("/admin/queue/approve", approve_many),
    support_get("/admin/invitations", show_invitations),
    admin_post("/admin/invitations/import", import_invitations),
    support_get("/admin/keys", show_keys),
    support_get("/admin/audit", show_audit),
    support_get("/admin/audit/export", export_audit),
)
