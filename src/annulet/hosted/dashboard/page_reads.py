"""What pages read of a person's health data: one entry of the audit log each, as for assistants."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.responses import Response

from annulet.errors import AnnuletError
from annulet.hosted.audit.audit_actions import AuditAction
from annulet.hosted.dashboard.person_routes import PersonRequest


@dataclass(slots=True)
class PageRead:
    """How a read of a page ended.

    Attributes:
        outcome: ``ok`` or the code of an error.
        answer_bytes: The size of what was sent.
    """

    outcome: str = "ok"
    answer_bytes: int = 0

    def sent(self, response: Response) -> Response:
        """Note the size of the response, and return it."""
        self.answer_bytes = len(response.body)
        return response


@asynccontextmanager
async def page_read(
    page: PersonRequest, action: AuditAction, target: str
) -> AsyncIterator[PageRead]:
    """Leave an entry when the read ends, also where it failed.

    Args:
        page: Whose page.
        action: What the log says.
        target: The part of the page.
    """
    began, read = time.perf_counter(), PageRead()
    try:
        yield read
    except AnnuletError as problem:
        read.outcome = problem.code
        raise
    finally:
        page.service.audit.add(
            action,
            page.person.id,
            tool=target,
            status=read.outcome,
            bytes=read.answer_bytes,
            milliseconds=round((time.perf_counter() - began) * 1000),
        )
