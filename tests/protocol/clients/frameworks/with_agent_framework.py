"""Microsoft's Agent Framework."""

import httpx2
from adapter import report, run
from agent_framework import MCPStreamableHTTPTool


async def main(url, headers):
    """List, convert and ask."""
    async with MCPStreamableHTTPTool(
        name="annulet", url=url, http_client=httpx2.AsyncClient(headers=headers)
    ) as tool:
        functions = {function.name: function for function in tool.functions}

        def openai():
            return [function.to_json_schema_spec() for function in functions.values()]

        async def call(name, values):
            contents = await functions[name].invoke(arguments=values)
            return "".join(content.text for content in contents)

        await report(functions, {"OpenAI": openai}, call)


run(main)
