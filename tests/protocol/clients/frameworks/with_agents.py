"""The OpenAI agents SDK, also with its strict schemas."""

from adapter import report, run
from agents import Agent
from agents.mcp import MCPServerStreamableHttp, MCPUtil
from agents.models.chatcmpl_converter import Converter
from agents.models.openai_responses import Converter as Responses
from agents.run_context import RunContextWrapper


async def main(url, headers):
    """List, convert and ask."""
    async with MCPServerStreamableHttp(params={"url": url, "headers": headers}) as server:
        listed = await server.list_tools()

        async def tools(*, strict):
            agent = Agent(name="a", mcp_servers=[server])
            return await MCPUtil.get_function_tools(server, strict, RunContextWrapper(None), agent)

        async def responses():
            made = await tools(strict=True)
            assert all(tool.strict_json_schema for tool in made), "not strict"
            return Responses.convert_tools(made, [])

        async def chat():
            return [Converter.tool_to_openai(tool) for tool in await tools(strict=False)]

        async def call(name, values):
            return (await server.call_tool(name, values)).content[0].text

        converters = {"OpenAI strict": responses, "OpenAI chat": chat}
        await report([tool.name for tool in listed], converters, call)


run(main)
