"""LLM with its plugin for MCP, over stdio: the plugin sends no headers."""

import asyncio
import json
import tempfile
from pathlib import Path

import llm
from adapter import report, run, stdio_server
from llm_tools_mcp.register_tools import MCP


def load():
    """The tools of the server, as LLM's own."""
    folder = Path(tempfile.mkdtemp(prefix="llm-"))
    file = folder / "mcp.json"
    file.write_text(json.dumps({"mcpServers": {"annulet": stdio_server()}}))
    return {tool.name: tool for tool in MCP(str(file)).tools()}


async def main(_url, _headers):
    """List, convert and ask; the plugin opens a loop of its own for each question."""
    tools = await asyncio.to_thread(load)
    model = llm.get_model("gpt-4o")

    def convert():
        class Prompt:
            """What the model's plugin reads of a prompt."""

        Prompt.tools, Prompt.options, Prompt.schema = [*tools.values()], model.Options(), None
        sent = model.build_kwargs(Prompt, stream=False)["tools"]
        assert len(sent) == len(tools)

    def call(name, values):
        return asyncio.to_thread(tools[name].implementation, **values)

    await report(list(tools), {"OpenAI": convert}, call)


run(main)
