"""LlamaIndex, with the schema that its OpenAI models send."""

from adapter import report, run
from llama_index.tools.mcp import BasicMCPClient, McpToolSpec


async def main(url, headers):
    """List, convert and ask."""
    client = BasicMCPClient(url, headers=headers)
    tools = {t.metadata.name: t for t in await McpToolSpec(client).to_tool_list_async()}

    def openai():
        return [tool.metadata.to_openai_tool() for tool in tools.values()]

    def models():
        return [tool.metadata.fn_schema.model_json_schema() for tool in tools.values()]

    async def call(name, values):
        return str(await tools[name].acall(**values))

    await report(tools, {"OpenAI": openai, "pydantic models": models}, call)


run(main)
