"""DSPy."""

import httpx2
from adapter import report, run
from dspy import Tool
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client


async def main(url, headers):
    """List, convert and ask."""
    async with httpx2.AsyncClient(headers=headers) as http:
        async with streamable_http_client(url, http_client=http) as streams:
            async with ClientSession(*streams[:2]) as session:
                await session.initialize()
                listed = (await session.list_tools()).tools
                tools = {tool.name: Tool.from_mcp_tool(session, tool) for tool in listed}

                def openai():
                    return [tool.format_as_litellm_function_call() for tool in tools.values()]

                async def call(name, values):
                    return str(await tools[name].acall(**values))

                await report(tools, {"OpenAI": openai}, call)


run(main)
