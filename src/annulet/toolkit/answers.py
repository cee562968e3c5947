"""The ten questions in one table, and the one door through which every face asks them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from annulet.errors import UsageError
from annulet.toolkit import (
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
from annulet.toolkit.arguments import validate
from annulet.toolkit.context import Context
from annulet.toolkit.tool import Answer, Tool

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
    return await tool.run(context, validate(tool, arguments))
