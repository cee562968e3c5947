"""The tool list as clients get it: the same tools in the same order at every request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import mcp_types as types

from annulet.mcp_server.apps.app_resource import AppResource, find_app
from annulet.mcp_server.content_form import ContentForm
from annulet.toolkit.tool import Tool

JsonSchema: TypeAlias = dict[str, Any]
_ERROR_SCHEMA: Final = {
    "type": "object",
    "properties": {
        "code": {"type": "string"},
        "message": {"type": "string"},
        "hint": {"type": "string"},
    },
    "required": ["code", "message", "hint"],
}


def list_tools(
    tools: Mapping[str, Tool], apps: Sequence[AppResource] = (), form: ContentForm = "both"
) -> list[types.Tool]:
    """List every tool as the protocol does, in the order of the mapping.

    Args:
        tools: The tools by name.
        apps: Interactive pages; the ``_meta`` of a tool names its page.
        form: The form in which answers are sent. A tool with an output schema has to send
            structured content, so text alone leaves the schema out.
    """
    return [
        _list_tool(
            tool,
            find_app(apps, tool.name),
            None if form == "text" else build_output_schema(tool),
        )
        for tool in tools.values()
    ]


def build_output_schema(tool: Tool) -> JsonSchema:
    """Build the schema of everything that the structured content may hold.

    Some clients check a failure's structured content against it too, so the failure is part of
    it and nothing is required: ``anyOf`` at the root makes the tool vanish in some clients.
    """
    properties = {**tool.output["properties"], "error": _ERROR_SCHEMA}
    return {"type": "object", "properties": properties}


def _list_tool(tool: Tool, app: AppResource | None, output: JsonSchema | None) -> types.Tool:
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.input_schema,
        output_schema=output,
        annotations=types.ToolAnnotations(
            title=tool.title,
            read_only_hint=True,
            destructive_hint=False,
            idempotent_hint=True,
            open_world_hint=True,
        ),
        # Hosts from before the extension was settled read the second spelling.
        _meta={"ui": {"resourceUri": app.uri}, "ui/resourceUri": app.uri} if app else None,
    )
