"""Turns answers and failures into tool results.

Some clients show a model only the structured content, others only the text. Both forms therefore
carry the same object, as the same compact JSON. Some show both, which costs twice: where it is
known what the client shows, a setting sends one form.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from mcp_types import CallToolResult, ContentBlock, TextContent

from annulet.mcp_server.content_form import ContentForm
from annulet.toolkit.tool import Answer


def to_compact_json(payload: Answer) -> str:
    """Write the object as compact JSON, the same text that ``annulet <tool> --json`` prints."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def build_result(
    payload: Answer, *, extras: Sequence[ContentBlock] = (), form: ContentForm = "both"
) -> CallToolResult:
    """Build the result of an answer.

    Args:
        payload: The answer; each form that is sent carries all of it.
        extras: Pictures and links beside the answer, never the only copy of a fact.
        form: The form to send.
    """
    text = to_compact_json(payload)  # also where it is not sent: it refuses what is no JSON
    texts = [] if form == "structured" else [TextContent(type="text", text=text)]
    return CallToolResult(
        content=[*texts, *extras], structured_content=None if form == "text" else payload
    )


def build_failure(payload: Answer, *, form: ContentForm = "both") -> CallToolResult:
    """Build the result of a failure: ``{"error": {code, message, hint}}``.

    The text is always there: clients that show structured answers show the text of failures.

    Args:
        payload: The failure.
        form: The form in which answers are sent.
    """
    return CallToolResult(
        content=[TextContent(type="text", text=to_compact_json(payload))],
        structured_content=None if form == "text" else payload,
        is_error=True,
    )
