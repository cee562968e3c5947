"""Agno, with the declarations of its providers."""

from adapter import report, run
from agno.tools.function import FunctionCall
from agno.tools.mcp import MCPTools, StreamableHTTPClientParams
from agno.utils.gemini import format_function_definitions


async def main(url, headers):
    """List, convert and ask."""
    params = StreamableHTTPClientParams(url=url, headers=headers)
    async with MCPTools(transport="streamable-http", server_params=params) as toolkit:
        tools = toolkit.functions

        def openai():
            return [tool.to_dict() for tool in tools.values()]

        def gemini():
            return format_function_definitions(
                [{"type": "function", "function": tool.to_dict()} for tool in tools.values()]
            )

        async def call(name, values):
            asked = FunctionCall(function=tools[name], arguments=values)
            result = await asked.aexecute()
            return str(getattr(result.result, "content", result.result))

        await report(tools, {"OpenAI": openai, "Gemini": gemini}, call)


run(main)
