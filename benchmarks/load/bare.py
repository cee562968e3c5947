"""A bare server of the SDK with one tool and a prepared answer: ``python bare.py PORT FILE``."""

import json
import sys
from pathlib import Path
from typing import Any

import mcp_types as types
import uvicorn
from mcp.server.lowlevel import Server

TOOL = "oura_daily_summary"


def server(text: str) -> Server[Any]:
    """The server; the answer stands in both forms, as annulet's does."""
    payload = json.loads(text)

    async def called(_ctx: Any, _params: Any) -> types.CallToolResult:
        block = types.TextContent(type="text", text=text)
        return types.CallToolResult(content=[block], structured_content=payload)

    async def listed(_ctx: Any, _params: Any) -> types.ListToolsResult:
        schema = {"type": "object", "properties": {}}
        return types.ListToolsResult(tools=[types.Tool(name=TOOL, input_schema=schema)])

    return Server("bare", on_list_tools=listed, on_call_tool=called)


if __name__ == "__main__":
    app = server(Path(sys.argv[2]).read_text()).streamable_http_app(stateless_http=True)
    uvicorn.run(app, port=int(sys.argv[1]), log_config=None, access_log=False)
