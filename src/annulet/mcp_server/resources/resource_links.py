"""Links beside an answer that left a series out.

A link is an extra. Some clients drop links, so every fact of an answer also stands in the answer.
"""

from __future__ import annotations

from collections.abc import Sequence

import mcp_types as types

from annulet.toolkit.tool import Answer, Arguments


def build_links(tool: str, arguments: Arguments, answer: Answer) -> Sequence[types.ContentBlock]:
    """Return the link to the series that this answer left out, where there is one."""
    period, coverage = answer.get("period"), answer.get("coverage")
    name = _series_left_out(tool, arguments)
    if name is None or not period or not (coverage or {}).get("with_data", 1):
        return ()
    start, end = str(period["start"])[:10], str(period["end"])[:10]
    return (
        types.ResourceLink(
            type="resource_link",
            uri=f"oura://{name}/{start}/{end}",
            name=f"{name} {start} to {end}",
            mime_type="application/json",
        ),
    )


def _series_left_out(tool: str, arguments: Arguments) -> str | None:
    if tool == "oura_sleep_sessions" and not arguments.get("series"):
        return "sleep"
    if tool == "oura_intraday" and not arguments.get("resolution_min"):
        return "activity" if arguments.get("metric") == "activity" else "heart-rate"
    return None
