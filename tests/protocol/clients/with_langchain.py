"""LangChain's adapters as a client: prints what a model would see. Run in its own environment."""

import asyncio
import json
import sys

from langchain_mcp_adapters.client import MultiServerMCPClient


async def main(url, key):
    """List the tools and ask the question."""
    headers = {"Authorization": f"Bearer {key}"}
    server = {"transport": "streamable_http", "url": url, "headers": headers}
    tools = await MultiServerMCPClient({"annulet": server}).get_tools()
    tool = next(tool for tool in tools if tool.name == "oura_daily_summary")
    answer = await tool.ainvoke({})
    text = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
    print(json.dumps({"tools": [tool.name for tool in tools], "seen": text}))


asyncio.run(main(*sys.argv[1:3]))
