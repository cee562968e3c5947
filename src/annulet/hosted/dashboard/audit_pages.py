"""The page of the audit log: actions, sizes and times of one person, never what was asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.responses import Response, StreamingResponse

from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.audit.audit_search import AuditFilter, AuditPlace
from annulet.hosted.dashboard.person_routes import PersonRequest, person_get
from annulet.hosted.dashboard.problem_status import give_status
from annulet.hosted.database.engine import AnyRow
from annulet.hosted.errors import FieldError

_PAGE_SIZE: Final = 50
_MAX_ID_DIGITS: Final = 15
"""More digits than that do not fit the column."""


async def show_audit(page: PersonRequest) -> Response:
    """Show what happened in this account, the newest first."""
    person_id = page.person.id
    looked_for = read_filter(page, person_id=person_id)
    # one more than is shown tells whether there are older ones
    rows, problem = await read_page(page, looked_for, _PAGE_SIZE + 1)
    response = await page.render(
        "audit.html",
        {
            "rows": rows[:_PAGE_SIZE],
            "filter": looked_for,
            "problem": problem,
            "audit_days": page.service.settings.audit_days,
            "endpoints": {e.id: e.name for e in await page.service.endpoints.list_for(person_id)},
            "older": str(AuditPlace.of(rows[_PAGE_SIZE - 1])) if len(rows) > _PAGE_SIZE else None,
        },
    )
    return response if problem is None else give_status(response, problem)


async def export_audit(page: PersonRequest) -> Response:
    """Send a file with everything that happened in this account."""
    await page.service.audit.record(AuditAction.ACCOUNT_EXPORTED, page.person.id)
    return await stream_export(page, read_filter(page, person_id=page.person.id))


async def read_page(
    page: PersonRequest, looked_for: AuditFilter, limit: int
) -> tuple[Sequence[AnyRow], FieldError | None]:
    """Read the entries of a page, or what is wrong with a field of the filter."""
    before = AuditPlace.parse(page.query("before"))
    try:
        return await page.service.audit_search.read(looked_for, limit=limit, before=before), None
    except FieldError as problem:
        return [], problem


def read_filter(page: PersonRequest, *, person_id: str = "", login: str = "") -> AuditFilter:
    """Read the filter of the log from the query of a page."""
    return AuditFilter(
        person_id=person_id,
        login=login,
        source=page.query("source"),
        since=page.query("since"),
        until=page.query("until"),
    )


async def stream_export(page: PersonRequest, looked_for: AuditFilter) -> Response:
    """Send entries as CSV or as JSON lines."""
    as_json = page.query("format") == "json"
    ending, kind = ("jsonl", "application/x-ndjson") if as_json else ("csv", "text/csv")
    return StreamingResponse(
        await page.service.audit_search.export(looked_for, as_json=as_json),
        media_type=kind,
        headers={"content-disposition": f'attachment; filename="audit.{ending}"'},
    )


def parse_id(text: str) -> int | None:
    """Parse a number of the query; ``None`` where it is none."""
    is_number = text.isascii() and text.isdigit() and len(text) <= _MAX_ID_DIGITS
    return int(text) if is_number else None


ROUTES: Final = (
    person_get("/audit", show_audit),
    person_get("/audit/export", export_audit),
)
