"""Progress reports for a client that asked for them, while a question takes long."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import anyio

from annulet.mcp_server.request_person import RequestContext

FIRST_REPORT_S: Final = 1.0
REPORT_INTERVAL_S: Final = 2.0
T = TypeVar("T")


async def report_progress_during(ctx: RequestContext, work: Callable[[], Awaitable[T]]) -> T:
    """Do the work, and report progress at a steady pace while it lasts.

    The figure is seconds since the question came, because Oura does not say how much is left. A
    client that sent no progress token gets no reports.

    Args:
        ctx: The request being answered.
        work: What takes long.
    """
    if not ctx.meta or ctx.meta.get("progress_token") is None:
        return await work()

    async def report() -> None:
        waited_s = FIRST_REPORT_S
        await anyio.sleep(FIRST_REPORT_S)
        while True:
            await ctx.session.report_progress(waited_s, message="Reading from Oura")
            await anyio.sleep(REPORT_INTERVAL_S)
            waited_s += REPORT_INTERVAL_S

    results: list[T] = []
    problem: Exception | None = None
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(report)
        try:
            results.append(await work())
        except Exception as raised:  # noqa: BLE001 - raised again outside the task group
            problem = raised
        tasks.cancel_scope.cancel()
    if problem is not None:
        raise problem
    return results[0]
