"""mcp-use, through its adapter for LangChain."""

from adapter import report, run
from langchain_openai import ChatOpenAI
from mcp_use import MCPClient
from mcp_use.agents.adapters import LangChainAdapter


async def main(url, headers):
    """List, convert and ask."""
    client = MCPClient({"mcpServers": {"annulet": {"url": url, "headers": headers}}})
    tools = {tool.name: tool for tool in await LangChainAdapter().create_tools(client)}

    def bound():
        return ChatOpenAI(model="x", api_key="x").bind_tools([*tools.values()])

    await report(tools, {"OpenAI": bound}, lambda name, values: tools[name].ainvoke(values))
    await client.close_all_sessions()


run(main)
