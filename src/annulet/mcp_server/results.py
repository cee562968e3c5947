"""Turns answers and failures into tool results.

Some clients show a model only the structured content, others only the text. Both forms therefore
carry the same object, as the same compact JSON.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from mcp_types import CallToolResult, ContentBlock, TextContent

from annulet.toolkit.tool import Answer


def to_compact_json(payload: Answer) -> str:
    """Write the object as compact JSON, the same text that ``annulet <tool> --json`` prints."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def build_result(payload: Answer, *, extras: Sequence[ContentBlock] = ()) -> CallToolResult:
    """Build the result of an answer.

    Args:
        payload: The answer; both forms carry all of it.
        extras: Pictures and links beside the answer, never the only copy of a fact.
    """
    return CallToolResult(
        content=[TextContent(type="text", text=to_compact_json(payload)), *extras],
        structured_content=payload,
    )


def build_failure(payload: Answer) -> CallToolResult:
    """Build the result of a failure: ``{"error": {code, message, hint}}`` in both forms."""
    return CallToolResult(
        content=[TextContent(type="text", text=to_compact_json(payload))],
        structured_content=payload,
        is_error=True,
    )
