"""The eleven tools in one table, and the one function that every caller asks."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC
from typing import Final

from annulet.errors import UsageError
from annulet.toolkit.answer_cache import cached_answer
from annulet.toolkit.arguments import validate
from annulet.toolkit.context import Context, Zone
from annulet.toolkit.reading.zone_lookup import is_zone_unknown
from annulet.toolkit.tool import Answer, Arguments, Tool
from annulet.toolkit.tools import (
    anomalies,
    compare,
    daily_summary,
    device,
    effects,
    events,
    intraday,
    permissions,
    query,
    sleep_sessions,
    trends,
)

TOOLS: Final[dict[str, Tool]] = {
    tool.name: tool
    for tool in (
        permissions.TOOL,
        device.TOOL,
        daily_summary.TOOL,
        sleep_sessions.TOOL,
        intraday.TOOL,
        trends.TOOL,
        anomalies.TOOL,
        compare.TOOL,
        events.TOOL,
        effects.TOOL,
        query.TOOL,
    )
}


ZONE_INDEPENDENT_TOOLS: Final = frozenset(
    f"oura_{name}"
    for name in (
        "daily_summary",
        "sleep_sessions",
        "trends",
        "anomalies",
        "compare",
        "effects",
        "query",
    )
)
"""Tools that read the same windows in every zone."""
CACHED_TOOLS: Final = ZONE_INDEPENDENT_TOOLS - {"oura_sleep_sessions"}
"""Tools whose answers take longer to make than to find in the cache."""


async def answer(name: str, arguments: Arguments | None, context: Context) -> Answer:
    """Answer one question.

    Args:
        name: The tool's name.
        arguments: What was asked, as it came.
        context: Whose question it is.

    Returns:
        A JSON-ready object with ``summary`` first.

    Raises:
        AnnuletError: The question cannot be asked like this, or cannot be answered now.
    """
    tool = TOOLS.get(name)
    if tool is None:
        raise UsageError(
            f"There is no tool “{name[:60]}”.", hint=f"Choose from: {', '.join(TOOLS)}."
        )
    checked = validate(tool, arguments)
    if context.ready is not None:
        await context.ready()
    prefetched = _prefetch(tool, context, checked)
    try:
        if tool.name in CACHED_TOOLS:
            return await cached_answer(tool, context, checked)
        return await tool.run(context, checked)
    finally:
        if prefetched is not None:
            prefetched.cancel()


def _prefetch(tool: Tool, context: Context, arguments: Arguments) -> asyncio.Task[Answer] | None:
    """Read for the answer while the person's zone is looked up, so that neither waits.

    Most answers read windows that do not depend on the zone; the answer itself then finds them
    under way or in the client's cache.
    """
    if (
        tool.name not in ZONE_INDEPENDENT_TOOLS
        or arguments.get("series")
        or not is_zone_unknown(context)
    ):
        return None
    in_utc = replace(context, zone=Zone(UTC, "UTC"), prefetching=True)
    task = asyncio.ensure_future(tool.run(in_utc, arguments))
    # What fails here fails again in the answer, which reports it.
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return task
