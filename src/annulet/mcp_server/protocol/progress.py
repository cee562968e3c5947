"""Signs of life for a client that asked for them while a question takes long."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import anyio
from mcp.server.context import ServerRequestContext

__all__ = ["EVERY", "FIRST_AFTER", "with_progress"]

FIRST_AFTER: Final = 1.0
EVERY: Final = 2.0
T = TypeVar("T")


async def with_progress(
    ctx: ServerRequestContext[Any, Any],
    work: Callable[[], Awaitable[T]],
) -> T:
    """Do the work; while it lasts, say so at a steady pace.

    The figure is seconds since the question came, because Oura does not say how much is left. A
    client that sent no progress token is told nothing and costs nothing.

    Args:
        ctx: The request being answered.
        work: What takes long.
    """
    if not ctx.meta or ctx.meta.get("progress_token") is None:
        return await work()

    async def tell() -> None:
        waited = FIRST_AFTER
        await anyio.sleep(FIRST_AFTER)
        while True:
            await ctx.session.report_progress(waited, message="Reading from Oura")
            await anyio.sleep(EVERY)
            waited += EVERY

    outcome: list[T] = []
    problem: Exception | None = None
    async with anyio.create_task_group() as group:
        group.start_soon(tell)
        try:
            outcome.append(await work())
        except Exception as raised:  # noqa: BLE001 - raised again outside the task group
            problem = raised
        group.cancel_scope.cancel()
    if problem is not None:
        raise problem
    return outcome[0]
