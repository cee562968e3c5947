"""The OpenAI agents SDK as a client, with a scripted model. Run in its own environment."""

import asyncio
import json
import sys

from agents import Agent, OpenAIResponsesModel, Runner, set_tracing_disabled
from agents.mcp import MCPServerStreamableHttp
from openai import AsyncOpenAI


async def main(url, key, model_url):
    """Let an agent ask the question."""
    set_tracing_disabled(disabled=True)
    client = AsyncOpenAI(base_url=f"{model_url}/v1", api_key="x")
    model = OpenAIResponsesModel(model="scripted", openai_client=client)
    headers = {"Authorization": f"Bearer {key}"}
    async with MCPServerStreamableHttp(params={"url": url, "headers": headers}) as server:
        tools = await server.list_tools()
        agent = Agent(name="a", instructions="Answer.", mcp_servers=[server], model=model)
        result = await Runner.run(agent, "How did I sleep last night?")
    outputs = [item for item in result.new_items if item.type == "tool_call_output_item"]
    output = outputs[0].output
    text = output if isinstance(output, str) else json.dumps(output, ensure_ascii=False)
    print(json.dumps({"tools": [tool.name for tool in tools], "seen": text}))


asyncio.run(main(*sys.argv[1:4]))
