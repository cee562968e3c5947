"""Haystack."""

from adapter import report, run
from haystack_integrations.tools.mcp import MCPToolset, StreamableHttpServerInfo


async def main(url, headers):
    """List, convert and ask."""
    toolset = MCPToolset(StreamableHttpServerInfo(url=url, headers=headers), eager_connect=True)
    tools = {tool.name: tool for tool in toolset.tools}

    def openai():
        return [tool.tool_spec for tool in tools.values()]

    await report(tools, {"OpenAI": openai}, lambda name, values: tools[name].invoke(**values))


run(main)
