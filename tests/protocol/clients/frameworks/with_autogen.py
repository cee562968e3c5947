"""AutoGen."""

from adapter import report, run
from autogen_core import CancellationToken
from autogen_ext.models.openai._openai_client import convert_tools
from autogen_ext.tools.mcp import StreamableHttpServerParams, mcp_server_tools


async def main(url, headers):
    """List, convert and ask."""
    tools = {
        tool.name: tool
        for tool in await mcp_server_tools(StreamableHttpServerParams(url=url, headers=headers))
    }

    def openai():
        return convert_tools([*tools.values()])

    async def call(name, values):
        result = await tools[name].run_json(values, CancellationToken())
        return tools[name].return_value_as_string(result)

    await report(tools, {"OpenAI": openai}, call)


run(main)
