"""The schema conversion of Home Assistant's MCP integration, there and back."""

import httpx2
from adapter import report, run
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from voluptuous_openapi import convert, convert_to_voluptuous


async def main(url, headers):
    """List, convert and ask."""
    async with httpx2.AsyncClient(headers=headers) as http:
        async with Client(streamable_http_client(url, http_client=http)) as client:
            tools = (await client.list_tools()).tools

            def there_and_back():
                return [convert(convert_to_voluptuous(tool.input_schema)) for tool in tools]

            async def call(name, values):
                return (await client.call_tool(name, values)).content[0].text

            await report([tool.name for tool in tools], {"voluptuous": there_and_back}, call)


run(main)
