"""The one place where an answer or a failure becomes a tool result.

Clients disagree about which form a model sees: some show only the structured content, the others
only the text. Both forms therefore carry the same object, as the same compact JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from mcp_types import CallToolResult, ContentBlock, TextContent

__all__ = ["answered", "compact", "failed"]


def compact(payload: Mapping[str, Any]) -> str:
    """The object as compact JSON, the same text that ``annulet <tool> --json`` prints."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def answered(payload: dict[str, Any], *, extras: Sequence[ContentBlock] = ()) -> CallToolResult:
    """An answer.

    Args:
        payload: The answer; both forms carry all of it.
        extras: Pictures and links beside the answer, never the only copy of a fact.
    """
    return CallToolResult(
        content=[TextContent(type="text", text=compact(payload)), *extras],
        structured_content=payload,
    )


def failed(payload: dict[str, Any]) -> CallToolResult:
    """A failure: ``{"error": {code, message, hint}}`` in both forms."""
    return CallToolResult(
        content=[TextContent(type="text", text=compact(payload))],
        structured_content=payload,
        is_error=True,
    )
