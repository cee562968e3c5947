"""The page of the audit log: actions, sizes and times of one person, never what was asked."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from annulet.hosted.dashboard.person_routes import PersonRequest, person_get

_PAGE_SIZE: Final = 50
_MAX_ID_DIGITS: Final = 15
"""More digits than that do not fit the column."""


async def show_audit(page: PersonRequest) -> Response:
    """Show what happened in this account, the newest first."""
    person_id = page.person.id
    before_id = _parse_id(page.query("before"))
    # one more than is shown tells whether there are older ones
    rows = await page.service.audit.read_person(
        person_id, limit=_PAGE_SIZE + 1, before_id=before_id
    )
    return await page.render(
        "audit.html",
        {
            "rows": rows[:_PAGE_SIZE],
            "endpoints": {e.id: e.name for e in await page.service.endpoints.list_for(person_id)},
            "older": rows[_PAGE_SIZE - 1].id if len(rows) > _PAGE_SIZE else None,
        },
    )


def _parse_id(text: str) -> int | None:
    is_number = text.isascii() and text.isdigit() and len(text) <= _MAX_ID_DIGITS
    return int(text) if is_number else None


ROUTES: Final = (person_get("/audit", show_audit),)
