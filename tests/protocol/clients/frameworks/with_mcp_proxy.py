"""mcp-proxy: the server over HTTP, handed on as a server on stdio."""

import sys
from pathlib import Path

from adapter import report, run
from mcp import ClientSession, StdioServerParameters, stdio_client

PROGRAM = str(Path(sys.executable).parent / "mcp-proxy")


async def main(url, headers):
    """List and ask through the proxy."""
    words = [word for header in headers.items() for word in ("-H", *header)]
    proxy = StdioServerParameters(
        command=PROGRAM, args=["--transport", "streamablehttp", *words, url]
    )
    async with stdio_client(proxy) as (read, write), ClientSession(read, write) as session:
        await session.initialize()
        names = [tool.name for tool in (await session.list_tools()).tools]

        async def call(name, values):
            return (await session.call_tool(name, values)).content[0].text

        await report(names, {}, call)


run(main)
