"""CrewAI."""

from adapter import report, run
from crewai.utilities.agent_utils import convert_tools_to_openai_schema
from crewai_tools import MCPServerAdapter


async def main(url, headers):
    """List, convert and ask."""
    server = {"url": url, "headers": headers, "transport": "streamable-http"}
    with MCPServerAdapter(server) as collection:
        tools = {tool.name: tool for tool in collection}

        def openai():
            return convert_tools_to_openai_schema([*tools.values()])

        await report(tools, {"OpenAI": openai}, lambda name, values: tools[name].run(**values))


run(main)
