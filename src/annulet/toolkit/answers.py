"""The ten questions in one table, and the one door through which every face asks them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from typing import Any, Final

from annulet.errors import UsageError
from annulet.toolkit.answer_cache import again
from annulet.toolkit.arguments import validate
from annulet.toolkit.context import Context, Zone
from annulet.toolkit.reading.zone_lookup import zone_unknown
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
    sleep_sessions,
    trends,
)

__all__ = ["TOOLS", "answer"]

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
    )
}


_SAME_EVERYWHERE: Final = frozenset(
    f"oura_{name}"
    for name in ("daily_summary", "sleep_sessions", "trends", "anomalies", "compare", "effects")
)
_THOUGHT_THROUGH: Final = frozenset(
    f"oura_{name}" for name in ("daily_summary", "trends", "anomalies", "compare", "effects")
)
"""Answers that take longer to make than to find again."""


async def answer(name: str, arguments: Mapping[str, Any] | None, context: Context) -> Answer:
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
    ahead = _ahead(tool, context, checked)
    try:
        if tool.name in _THOUGHT_THROUGH:
            return await again(tool.name, context, checked, tool.run)
        return await tool.run(context, checked)
    finally:
        if ahead is not None:
            ahead.cancel()


def _ahead(tool: Tool, context: Context, arguments: Arguments) -> asyncio.Task[Answer] | None:
    """Reads for the answer while the person's zone is looked up, so that neither waits.

    Most answers read windows that do not depend on the zone; the answer itself then finds them
    under way or in the client's memory.
    """
    if tool.name not in _SAME_EVERYWHERE or arguments.get("series") or not zone_unknown(context):
        return None
    somewhere = replace(context, zone=Zone(UTC, "UTC"), ahead=True)
    task = asyncio.ensure_future(tool.run(somewhere, arguments))
    # What fails here fails again, and is told, in the answer.
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return task
