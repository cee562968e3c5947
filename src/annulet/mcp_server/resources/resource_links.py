"""Addresses of series: links beside an answer that left a series out, and their reverse.

A link is an extra. Some clients drop links, so every fact of an answer also stands in the answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import mcp_types as types

__all__ = ["SERIES", "links_beside"]

# name of the series -> (title, tool, the arguments that ask for all of it)
SERIES: Final[dict[str, tuple[str, str, dict[str, Any]]]] = {
    "daily": ("All daily values", "oura_daily_summary", {}),
    "sleep": ("Sleeps with their 15-minute series", "oura_sleep_sessions", {"series": True}),
    "heart-rate": (
        "Heart rate in 5-minute steps",
        "oura_intraday",
        {"metric": "heart_rate", "resolution_min": 5},
    ),
    "activity": (
        "Movement (MET) in 5-minute steps",
        "oura_intraday",
        {"metric": "activity", "resolution_min": 5},
    ),
}


def links_beside(
    tool: str, arguments: Mapping[str, Any], answer: Mapping[str, Any]
) -> Sequence[types.ContentBlock]:
    """The link to the series that this answer left out, where there is one."""
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


def _series_left_out(tool: str, arguments: Mapping[str, Any]) -> str | None:
    if tool == "oura_sleep_sessions" and not arguments.get("series"):
        return "sleep"
    if tool == "oura_intraday" and not arguments.get("resolution_min"):
        return "activity" if arguments.get("metric") == "activity" else "heart-rate"
    return None
