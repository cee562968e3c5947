"""Strands, with the request of every provider's model."""

from adapter import report, run
from mcp.client.streamable_http import streamable_http_client
from strands.models.anthropic import AnthropicModel
from strands.models.bedrock import BedrockModel
from strands.models.gemini import GeminiModel
from strands.models.mistral import MistralModel
from strands.models.openai import OpenAIModel
from strands.tools.mcp import MCPClient

MESSAGES = [{"role": "user", "content": [{"text": "?"}]}]


async def main(url, headers):
    """List, convert and ask."""
    import httpx2

    client = MCPClient(
        lambda: streamable_http_client(url, http_client=httpx2.AsyncClient(headers=headers))
    )
    with client:
        tools = {tool.tool_name: tool for tool in client.list_tools_sync()}
        specs = [tool.tool_spec for tool in tools.values()]
        models = {
            "OpenAI": lambda: OpenAIModel(
                client_args={"api_key": "x"}, model_id="x"
            ).format_request(MESSAGES, specs),
            "Anthropic": lambda: AnthropicModel(
                client_args={"api_key": "x"}, model_id="x", max_tokens=9
            ).format_request(MESSAGES, specs),
            "Bedrock": lambda: BedrockModel(region_name="us-east-1").format_request(
                MESSAGES, specs
            ),
            "Gemini": lambda: GeminiModel(
                client_args={"api_key": "x"}, model_id="x"
            )._format_request(MESSAGES, specs, None, {}),
            "Mistral": lambda: MistralModel(api_key="x", model_id="x").format_request(
                MESSAGES, specs
            ),
        }

        async def call(name, values):
            result = await client.call_tool_async("1", name, values)
            return result["content"][0]["text"]

        await report(tools, models, call)


run(main)
