"""FastMCP's own client."""

from adapter import report, run
from fastmcp import Client
from fastmcp.client.transports import StreamableHttpTransport


async def main(url, headers):
    """List, convert and ask."""
    async with Client(StreamableHttpTransport(url, headers=headers)) as client:
        tools = await client.list_tools()

        async def call(name, values):
            result = await client.call_tool(name, values, raise_on_error=False)
            return result.content[0].text

        await report([tool.name for tool in tools], {}, call)


run(main)
