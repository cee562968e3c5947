"""Semantic Kernel."""

from adapter import report, run
from semantic_kernel import Kernel
from semantic_kernel.connectors.ai.function_calling_utils import (
    kernel_function_metadata_to_function_call_format,
)
from semantic_kernel.connectors.mcp import MCPStreamableHttpPlugin


async def main(url, headers):
    """List, convert and ask."""
    async with MCPStreamableHttpPlugin(name="annulet", url=url, headers=headers) as plugin:
        kernel = Kernel()
        functions = kernel.add_plugin(plugin).functions

        def openai():
            return [
                kernel_function_metadata_to_function_call_format(function.metadata)
                for function in functions.values()
            ]

        async def call(name, values):
            result = await kernel.invoke(functions[name.replace("_", "_")], **values)
            return str(result.value[0] if isinstance(result.value, list) else result)

        await report(functions, {"OpenAI": openai}, call)


run(main)
