"""smolagents, with the schema that its models are sent."""

from adapter import report, run
from smolagents import ToolCollection
from smolagents.models import get_tool_json_schema


async def main(url, headers):
    """List, convert and ask."""
    server = {"url": url, "headers": headers, "transport": "streamable-http"}
    with ToolCollection.from_mcp(
        server, trust_remote_code=True, structured_output=False
    ) as collection:
        tools = {tool.name: tool for tool in collection.tools}

        def schemas():
            return [get_tool_json_schema(tool) for tool in tools.values()]

        await report(tools, {"OpenAI": schemas}, lambda name, values: tools[name](**values))


run(main)
