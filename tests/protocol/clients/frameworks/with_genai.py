"""Google's Gen AI SDK: the declaration of every tool, and a session it would call."""

import httpx2
from adapter import report, run
from google.genai import Client, types
from google.genai._mcp_utils import mcp_to_gemini_tools
from mcp import Client as McpClient
from mcp.client.streamable_http import streamable_http_client


async def main(url, headers):
    """List, convert and ask."""
    async with httpx2.AsyncClient(headers=headers) as http:
        async with McpClient(streamable_http_client(url, http_client=http)) as client:
            tools = (await client.list_tools()).tools

            def declared():
                return types.GenerateContentConfig(tools=mcp_to_gemini_tools(tools))

            async def call(name, values):
                return (await client.call_tool(name, values)).content[0].text

            Client(api_key="x")
            await report([tool.name for tool in tools], {"Gemini": declared}, call)


run(main)
