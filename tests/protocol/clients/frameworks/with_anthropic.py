"""Anthropic's SDK and its MCP helpers."""

import json

import httpx2
from adapter import report, run
from anthropic.lib.tools.mcp import async_mcp_tool, mcp_resource_to_content
from mcp import Client
from mcp.client.streamable_http import streamable_http_client


async def main(url, headers):
    """List, convert and ask."""
    async with httpx2.AsyncClient(headers=headers) as http:
        async with Client(streamable_http_client(url, http_client=http)) as client:
            tools = {t.name: async_mcp_tool(t, client) for t in (await client.list_tools()).tools}

            def converted():
                return [json.dumps(tool.to_dict()) for tool in tools.values()]

            async def resource():
                return mcp_resource_to_content(await client.read_resource("oura://glossary"))

            converters = {"Anthropic": converted, "Anthropic, a resource": resource}
            await report(tools, converters, lambda name, values: tools[name].call(values))


run(main)
