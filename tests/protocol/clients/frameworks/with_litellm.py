"""LiteLLM: its tools from MCP, and the request of every provider's translation."""

import httpx2
import litellm
from adapter import report, run
from litellm.experimental_mcp_client.tools import load_mcp_tools
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

MODELS = {
    "OpenAI": ("gpt-5", "openai"),
    "Anthropic": ("claude-sonnet-4-5", "anthropic"),
    "Gemini": ("gemini-2.5-pro", "gemini"),
    "Vertex AI": ("gemini-2.5-pro", "vertex_ai"),
    "Bedrock": ("anthropic.claude-3-sonnet-20240229-v1:0", "bedrock"),
    "Bedrock Nova": ("amazon.nova-pro-v1:0", "bedrock"),
    "Mistral": ("mistral-large-latest", "mistral"),
    "Cohere": ("command-r-plus", "cohere_chat"),
    "Groq": ("llama-3.3-70b-versatile", "groq"),
    "Ollama": ("llama3.1", "ollama_chat"),
}


async def main(url, headers):
    """List, convert and ask."""
    async with httpx2.AsyncClient(headers=headers) as http:
        async with streamable_http_client(url, http_client=http) as streams:
            async with ClientSession(*streams[:2]) as session:
                await session.initialize()
                tools = await load_mcp_tools(session=session, format="openai")

                def translate(model, provider):
                    return litellm.get_optional_params(
                        model=model, custom_llm_provider=provider, tools=[*tools]
                    )

                async def call(name, values):
                    return (await session.call_tool(name, values)).content[0].text

                names = [tool["function"]["name"] for tool in tools]
                converters = {
                    name: lambda pair=pair: translate(*pair) for name, pair in MODELS.items()
                }
                await report(names, converters, call)


run(main)
