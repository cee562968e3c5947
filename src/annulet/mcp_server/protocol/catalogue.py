"""The tool list as clients get it: the same tools in the same order, whoever asks and whenever."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import mcp_types as types

from annulet.mcp_server.apps.app_resource import AppResource, app_of_tool
from annulet.toolkit.tool import Tool

__all__ = ["listed", "output_schema"]

_ERROR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "code": {"type": "string"},
        "message": {"type": "string"},
        "hint": {"type": "string"},
    },
    "required": ["code", "message", "hint"],
}


def listed(tools: Mapping[str, Tool], apps: Sequence[AppResource] = ()) -> list[types.Tool]:
    """Every tool as the protocol lists it, in the order of the mapping.

    Args:
        tools: The tools by name.
        apps: Interactive pages; a tool that has one says so in its ``_meta``.
    """
    return [_listed(tool, app_of_tool(apps, tool.name)) for tool in tools.values()]


def output_schema(tool: Tool) -> dict[str, Any]:
    """The schema of everything that may stand in the structured content.

    Some clients check a failure's structured content against it too, so the failure is part of
    it: what the answer requires is required only where there is no ``error``.
    """
    schema = dict(tool.output)
    schema["type"] = "object"
    schema["properties"] = {**schema.get("properties", {}), "error": _ERROR_SCHEMA}
    required = schema.pop("required", None)
    if required:
        schema["anyOf"] = [{"required": list(required)}, {"required": ["error"]}]
    return schema


def _listed(tool: Tool, app: AppResource | None) -> types.Tool:
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.input_schema,
        output_schema=output_schema(tool),
        annotations=types.ToolAnnotations(
            title=tool.title,
            read_only_hint=True,
            destructive_hint=False,
            idempotent_hint=True,
            open_world_hint=True,
        ),
        # The second spelling is that of hosts from before the extension was settled.
        _meta={"ui": {"resourceUri": app.uri}, "ui/resourceUri": app.uri} if app else None,
    )
